"""The streams of the simulated Bitzoom, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.bitzoom.sandbox_rig import Rig
from unified.sandbox.dialect import Incoming, Outgoing
from unified.sandbox.streams import Opening, Talk

BOOK, ORDERS, POSITIONS = "/api/v1/depth", "/api/v1/openorders", "/api/v1/positionrisk"
BTC = {"symbol": "BTCUSDT"}


class Listener:
    """One connection to the rig's venue."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        talk = rig.dialect.talk(Opening(door="main", path="/ws"))
        assert isinstance(talk, Talk)
        self.talk = talk

    def say(self, channel: str, event: str, data: Any) -> Any:
        (told,) = self.talk.receive(json.dumps({"channel": channel, "event": event, "data": data}))
        return json.loads(told)

    def subscribe(self, channel: str, **data: Any) -> str:
        told = self.say(channel, "sub", data)
        assert (told["channel"], told["event"]) == (channel, "sub")
        (number,) = told["data"]
        return str(number)

    def log_on(self, **changes: Any) -> Any:
        headers = self.rig.headers(Incoming(door="main", method="WS", path="/ws"), "main")
        said = {name: headers[f"x-bz-{name.lower()}"] for name in ("apiKey", "nonce", "recvWindow", "signature")}
        return self.say("logon", "sub", {**said, "timestamp": int(headers["x-bz-timestamp"]), **changes})

    def frames(self, seconds: float) -> list[str]:
        found = []
        for _ in range(round(seconds / 0.05)):
            self.rig.wait(0.05)
            found += self.talk.pulse()
        return found

    def wait(self, seconds: float) -> list[Any]:
        return [json.loads(line) for frame in self.frames(seconds) for line in frame.split("\n")]


@pytest.fixture
def listener() -> Listener:
    return Listener(Rig())


def test_pushes_come_under_the_id_of_their_subscription_several_to_a_frame(listener: Listener) -> None:
    book, day = listener.subscribe(BOOK, **BTC, limit="5"), listener.subscribe("/api/v1/ticker/hr24", **BTC)
    first = listener.frames(0.05)
    assert [json.loads(line)["event"] for line in first[0].split("\n")] == [book, day]
    told = [row for row in listener.wait(5) if row["event"] == book]
    assert len(told) > 3
    assert {len(row["data"]["bids"]) for row in told} == {5}, "always the whole book"
    assert listener.say(BOOK, "unsub", {**BTC, "limit": "5"})["data"] == book
    assert {row["event"] for row in listener.wait(3)} == {day}


def test_nothing_is_pushed_that_has_not_changed(listener: Listener) -> None:
    listener.subscribe("/api/v1/exchangeinfo")
    assert len(listener.wait(5)) == 1


@pytest.mark.parametrize(
    ("channel", "event", "data"),
    [
        (BOOK, "sub", BTC),
        (BOOK, "sub", {**BTC, "limit": "7"}),
        (BOOK, "sub", {**BTC, "limit": 20}),
        (BOOK, "sub", {"symbol": "NOSUCH", "limit": "5"}),
        (BOOK, "sub", []),
        (BOOK, "dance", {}),
        (BOOK, "unsub", BTC),
        ("/api/v1/nosuch", "sub", {}),
        (ORDERS, "sub", {}),
    ],
)
def test_what_cannot_be_is_refused_without_a_word(listener: Listener, channel: str, event: str, data: Any) -> None:
    assert listener.say(channel, event, data) == {"channel": channel, "event": "error", "data": {}}


def test_a_second_subscription_to_the_same_is_refused(listener: Listener) -> None:
    listener.subscribe(BOOK, **BTC, limit="5")
    assert listener.say(BOOK, "sub", {"limit": "5", **BTC})["event"] == "error"


def test_the_account_is_pushed_as_rest_answers_it_when_it_changes(listener: Listener) -> None:
    assert listener.log_on()["event"] == "success"
    orders, positions = listener.subscribe(ORDERS), listener.subscribe(POSITIONS)
    assert [row["data"] for row in listener.wait(0.05)] == [[], []]
    listener.rig.place(price="50000", clientOrderId="a-1")
    (told,) = [row for row in listener.wait(0.5) if row["event"] == orders]
    assert told["data"][0]["client_order_id"] == "a-1"
    listener.rig.place(type="MARKET", price=None)
    told = [row for row in listener.wait(1) if row["event"] == positions]
    assert told[0]["data"][0]["positionAmt"] == "0.01"


def test_a_logon_is_checked_as_a_request_is(listener: Listener) -> None:
    for changes in ({"signature": "0" * 64}, {"apiKey": "nobody"}, {"timestamp": "7"}, {"timestamp": 7}):
        assert listener.log_on(**changes) == {"channel": "logon", "event": "error", "data": {}}
    listener.talk.refuse_logins = 1
    assert listener.log_on()["event"] == "error"
    assert listener.log_on()["event"] == "success"


def test_a_token_logs_on_too(listener: Listener) -> None:
    token = listener.rig.dialect.credentials("bearer").secret.reveal()
    assert listener.say("logon", "sub", {"token": "another"})["event"] == "error"
    assert listener.say("logon", "sub", {"token": token})["event"] == "success"


@pytest.mark.parametrize("frame", ["", "[]", "7", "{}"])
def test_what_is_no_request_is_an_error(listener: Listener, frame: str) -> None:
    assert json.loads(listener.talk.receive(frame)[0])["event"] == "error"


def test_patience_ends_with_the_eleventh_frame_of_a_second_and_with_the_day(listener: Listener) -> None:
    for _ in range(10):
        listener.talk.receive("{}")
    assert listener.talk.wants_close() is None
    listener.talk.receive("{}")
    assert listener.talk.wants_close() == 1008
    other = Listener(Rig())
    other.rig.wait(86_400)
    assert other.talk.wants_close() == 1001


def test_there_is_one_path() -> None:
    assert isinstance(Rig().dialect.talk(Opening(door="main", path="/stream")), Outgoing)
