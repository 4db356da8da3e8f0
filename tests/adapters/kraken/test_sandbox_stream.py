"""Kraken's simulated streams, spoken to without the adapter."""

from __future__ import annotations

import json
import zlib
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.kraken.sandbox_rig import Rig, result
from unified.sandbox.dialect import Outgoing
from unified.sandbox.streams import Opening, Talk


class Listener:
    """One connection to the rig's venue."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        talk = rig.venue.talk(Opening(door="rest", path="/v2"))
        assert isinstance(talk, Talk)
        self.talk = talk

    def ask(self, method: str, **params: Any) -> list[Any]:
        return parsed(self.talk.receive(json.dumps({"method": method, "params": params, "req_id": 5})))

    def wait(self, seconds: float) -> list[Any]:
        found = []
        for _ in range(round(seconds / 0.05)):
            self.rig.seconds += 0.05
            self.rig.venue.engine.advance(self.rig.venue.clock.true_us())
            found += parsed(self.talk.pulse())
        return found


def parsed(frames: list[str]) -> list[Any]:
    return [json.loads(frame, parse_float=Decimal) for frame in frames]


@pytest.fixture
def listener() -> Listener:
    return Listener(Rig())


def test_a_connection_begins_with_the_status_and_lives_by_heartbeats(listener: Listener) -> None:
    (status,) = parsed(listener.talk.opened())
    assert status["data"][0]["system"] == "online"
    assert listener.wait(3) == [], "nothing without a subscription"
    listener.ask("subscribe", channel="balances", token=token(listener))
    assert [frame["channel"] for frame in listener.wait(3.5)] == ["heartbeat"] * 3
    assert listener.ask("ping")[0]["method"] == "pong"


def test_a_book_bears_checksums_that_fit_after_every_update(listener: Listener) -> None:
    answer, snapshot = listener.ask("subscribe", channel="book", symbol=["BTC/USD"], depth=10)
    assert (answer["success"], answer["result"]["depth"], answer["req_id"]) == (True, 10, 5)
    sides: dict[str, dict[Decimal, Decimal]] = {"bids": {}, "asks": {}}
    updates = listener.wait(20)
    assert len(updates) > 10
    for frame in (snapshot, *updates):
        if frame["channel"] != "book":
            continue
        (row,) = frame["data"]
        for name, side in sides.items():
            side.update({level["price"]: level["qty"] for level in row[name]})
            for price in [price for price, quantity in side.items() if not quantity]:
                del side[price]
            for price in sorted(side, reverse=name == "bids")[10:]:
                del side[price]
        assert row["checksum"] == crc(sides)


def crc(sides: dict[str, dict[Decimal, Decimal]]) -> int:
    """By the guide: ten asks upwards, ten bids downwards, all decimals (1 and 8 here) without the point."""
    text = ""
    for name in ("asks", "bids"):
        for price in sorted(sides[name], reverse=name == "bids")[:10]:
            text += str(int(price * 10)) + str(int(sides[name][price] * 10**8))
    return zlib.crc32(text.encode())


def test_a_spoiled_frame_has_another_checksum_and_is_else_the_same(listener: Listener) -> None:
    listener.ask("subscribe", channel="book", symbol=["BTC/USD"], depth=10)
    talk = listener.talk
    (frame,) = talk.receive('{"method":"ping"}')
    assert talk.spoiled(frame) is None
    text = next(text for text in iter(lambda: pulse(listener), None) if text)
    spoiled = talk.spoiled(text)
    assert spoiled is not None
    good, bad = json.loads(text), json.loads(spoiled)
    assert good["data"][0].pop("checksum") != bad["data"][0].pop("checksum")
    assert good == bad


def pulse(listener: Listener) -> str:
    listener.rig.seconds += 0.05
    listener.rig.venue.engine.advance(listener.rig.venue.clock.true_us())
    return next((text for text in listener.talk.pulse() if '"book"' in text), "")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"channel": "book", "symbol": ["XBT/USD"]}, "Currency pair not supported XBT/USD"),
        ({"channel": "book", "symbol": ["BTC/USD"], "depth": 11}, "Subscription depth not supported"),
        ({"channel": "ohlc", "symbol": ["BTC/USD"], "interval": 2}, "Subscription ohlc interval not supported"),
        ({"channel": "weather", "symbol": ["BTC/USD"]}, "Subscription name invalid"),
        ({"channel": "executions", "token": "made up"}, "EAPI:Invalid token"),
        ({"channel": "book", "symbol": "BTC/USD"}, "Symbol(s) not found"),
    ],
)
def test_refusals(listener: Listener, params: dict[str, Any], words: str) -> None:
    (answer,) = listener.ask("subscribe", **params)
    assert (answer["success"], answer["error"]) == (False, words)


def test_a_subscription_is_made_once_and_ended_once(listener: Listener) -> None:
    book = {"channel": "book", "symbol": ["BTC/USD"], "depth": 25}
    listener.ask("subscribe", **book)
    assert listener.ask("subscribe", **book)[0]["error"] == "Already subscribed"
    assert listener.ask("unsubscribe", **book)[0]["success"]
    assert listener.ask("unsubscribe", **book)[0]["error"] == "Subscription Not Found"
    assert listener.wait(3) == []


def token(listener: Listener, who: str = "maker") -> str:
    return str(result(listener.rig.post("GetWebSocketsToken", who))["token"])


def test_executions_tell_the_story_of_each_order_without_a_hole_in_the_count(listener: Listener) -> None:
    listener.rig.placed(price="40000")
    _, snapshot = listener.ask("subscribe", channel="executions", token=token(listener), snap_orders=True)
    assert [row["order_status"] for row in snapshot["data"]] == ["new"]
    placed = listener.rig.placed(ordertype="market", volume="0.01")
    frames = [frame for frame in listener.wait(0.2) if frame["channel"] == "executions"]
    rows = [frame["data"][0] for frame in frames]
    assert [row["exec_type"] for row in rows][:2] == ["pending_new", "new"]
    assert [row["exec_type"] for row in rows][-2:] == ["trade", "filled"]
    assert {row["order_id"] for row in rows} == {placed}
    numbers = [snapshot["sequence"], *(frame["sequence"] for frame in frames)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_token_is_good_for_fifteen_minutes_and_a_refusal_can_be_ordered(listener: Listener) -> None:
    old = token(listener)
    listener.rig.seconds += 901
    listener.rig.venue.engine.advance(listener.rig.venue.clock.true_us())
    assert listener.ask("subscribe", channel="balances", token=old)[0]["error"] == "EAPI:Invalid token"
    listener.talk.refuse_logins = 1
    assert not listener.ask("subscribe", channel="balances", token=token(listener))[0]["success"]
    assert listener.ask("subscribe", channel="balances", token=token(listener))[0]["success"]


def test_only_version_two_is_spoken(listener: Listener) -> None:
    assert isinstance(listener.rig.venue.talk(Opening(door="rest", path="/")), Outgoing)
