"""Control frames of simulated market streams, and the patience of the venue. Spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.binance.sandbox_rig import Rig
from unified.sandbox.streams import Opening, Talk
from unified_binance_dialect.sandbox_stream import GOING_AWAY, TOO_MUCH

DAY_S = 86_400


class Listener:
    """One connection to the rig's venue."""

    def __init__(self, rig: Rig, door: str = "spot", path: str = "/stream") -> None:
        self.rig = rig
        talk = rig.dialect.talk(Opening(door=door, path=path))
        assert isinstance(talk, Talk)
        self.talk = talk

    def say(self, **words: Any) -> list[Any]:
        return [json.loads(frame) for frame in self.talk.receive(json.dumps(words))]

    def subscribe(self, *names: str) -> None:
        assert self.say(method="SUBSCRIBE", params=list(names), id=1) == [{"result": None, "id": 1}]

    def wait(self, seconds: float) -> list[Any]:
        found = []
        for _ in range(round(seconds / 0.05)):
            self.rig.wait(0.05)
            found += [json.loads(frame) for frame in self.talk.pulse()]
        return found


@pytest.fixture
def listener() -> Listener:
    return Listener(Rig())


def test_streams_come_in_the_wrapping_of_their_name_until_they_are_ended(listener: Listener) -> None:
    listener.subscribe("btcusdt@ticker", "ethusdt@ticker", "nosuch@ticker", "btcusdt@nosuch")
    frames = listener.wait(5)
    assert {frame["stream"] for frame in frames} == {"btcusdt@ticker", "ethusdt@ticker"}, "no name is refused"
    assert 8 <= len(frames) <= 12, "once a second each"
    assert "btcusdt@nosuch" in listener.say(method="LIST_SUBSCRIPTIONS", id=2)[0]["result"]
    listener.say(method="UNSUBSCRIBE", params=["btcusdt@ticker"], id=3)
    assert {frame["stream"] for frame in listener.wait(3)} == {"ethusdt@ticker"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"method": "SUBSCRIBE", "params": ["x"]}, 2),
        ({"method": "SUBSCRIBE", "params": "x", "id": 1}, 2),
        ({"method": "DANCE", "id": 1}, 2),
        ({"method": "LIST_SUBSCRIPTIONS", "id": -1}, 2),
        ({"method": "LIST_SUBSCRIPTIONS", "id": True}, 2),
        ({"method": "LIST_SUBSCRIPTIONS", "id": "x" * 37}, 2),
    ],
)
def test_control_frames_are_checked(listener: Listener, words: dict[str, Any], code: int) -> None:
    assert listener.say(**words)[0]["code"] == code
    assert json.loads(listener.talk.receive("{")[0])["code"] == 3


def test_a_request_is_numbered_by_a_number_or_by_a_text(listener: Listener) -> None:
    for number in (0, 7, "x" * 36):
        assert listener.say(method="LIST_SUBSCRIPTIONS", id=number) == [{"result": [], "id": number}]


def test_too_many_frames_and_old_age_end_a_connection(listener: Listener) -> None:
    for number in range(5):
        listener.say(method="LIST_SUBSCRIPTIONS", id=number)
    assert listener.talk.wants_close() is None, "five in a second are allowed"
    listener.say(method="LIST_SUBSCRIPTIONS", id=9)
    assert listener.talk.wants_close() == TOO_MUCH
    old = Listener(listener.rig)
    old.rig.wait(DAY_S)
    assert old.talk.wants_close() == GOING_AWAY


def test_a_restart_is_announced(listener: Listener) -> None:
    (frame,) = listener.talk.announced_end()
    assert json.loads(frame)["data"]["e"] == "serverShutdown"
