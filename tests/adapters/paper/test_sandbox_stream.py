"""The streams of the simulated Paper, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.paper.sandbox_rig import Listener, Rig
from unified_paper import sandbox_trade

BOOK = "book.BTCUSDT.5"


@pytest.fixture
def listener() -> Listener:
    return Listener(Rig())


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["kind"] for frame in frames]


def test_a_subscription_is_confirmed_then_told_and_ended(listener: Listener) -> None:
    done, whole = listener.say("subscribe", topic=BOOK)
    assert (done["kind"], done["id"]) == ("done", 7)
    assert (whole["topic"], whole["data"]["kind"]) == (BOOK, "whole")
    assert {"news"} <= set(kinds(listener.wait(5)))
    assert kinds(listener.say("unsubscribe", topic=BOOK)) == ["done"]
    assert set(kinds(listener.wait(5))) == {"heartbeat"}


def test_every_frame_bears_the_next_number(listener: Listener) -> None:
    listener.say("subscribe", topic=BOOK)
    listener.say("dance")
    listener.talk.receive("no JSON")
    listener.frames.append({"number": 4})
    listener.wait(10)
    assert [frame["number"] for frame in listener.frames] == list(range(1, len(listener.frames) + 1))


def test_in_silence_the_heart_beats_every_second(listener: Listener) -> None:
    listener.wait(1)
    assert kinds(listener.wait(5)) == ["heartbeat"] * 5


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("book.NOSUCH.5", "unknown_instrument"),
        ("book.BTCUSDT", "bad_request"),
        ("book.BTCUSDT.x", "bad_request"),
        ("ticker.BTCUSDT.x", "bad_request"),
        ("candles.BTCUSDT.7m", "bad_request"),
        ("tea", "no_such_call"),
        ("orders", "bad_key"),
        ("orders.BTCUSDT", "no_such_call"),
    ],
)
def test_what_cannot_be_is_refused(listener: Listener, topic: str, code: str) -> None:
    (refused,) = listener.say("subscribe", topic=topic)
    assert (refused["kind"], refused["error"]["code"]) == ("refused", code)


def test_the_account_is_told_to_its_holder(listener: Listener) -> None:
    assert listener.log_in()["kind"] == "done"
    for topic in ("orders", "balances"):
        listener.say("subscribe", topic=topic)
    sandbox_trade.place(listener.rig.call(**listener.rig.order()))
    told = {frame["topic"]: frame["data"] for frame in listener.wait(0.1)}
    assert told["orders"]["orders"][0]["client_order_id"] == "c1"
    assert told["balances"][0]["locked"] == "500"


def test_a_login_is_checked_as_a_request_is(listener: Listener) -> None:
    assert listener.log_in(**{"x-paper-sign": "0" * 64})["error"]["code"] == "bad_signature"
    assert listener.say("login")[0]["error"]["code"] == "bad_request"
    listener.talk.refuse_logins = 1
    assert listener.log_in()["kind"] == "refused"
    assert listener.log_in()["kind"] == "done"


@pytest.mark.parametrize("frame", ["", "[]", "7", "{}", '{"id": 1}'])
def test_what_is_no_request_is_refused(listener: Listener, frame: str) -> None:
    (said,) = map(json.loads, listener.talk.receive(frame))
    assert (said["kind"], said["id"], said["error"]["code"]) == ("refused", None, "bad_request")


def test_an_end_is_announced_and_patience_has_one(listener: Listener) -> None:
    (ending,) = map(json.loads, listener.talk.announced_end())
    assert ending["kind"] == "ending"
    for _ in range(50):
        listener.talk.receive("{}")
    assert listener.talk.wants_close() is None
    listener.talk.receive("{}")
    assert listener.talk.wants_close() == 1008
