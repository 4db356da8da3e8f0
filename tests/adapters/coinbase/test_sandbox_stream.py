"""Coinbase's simulated streams, spoken to without the adapter."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.sandbox_rig import Rig, holder, market, token
from unified.sandbox.dialect import Outgoing
from unified.sandbox.streams import Opening, Talk


class Listener:
    """One connection to the rig's venue."""

    def __init__(self) -> None:
        self.rig = Rig()
        talk = self.rig.sandbox.talk(Opening(door="rest", path="/"))
        assert isinstance(talk, Talk)
        self.talk = talk

    def say(self, frame: str) -> list[Any]:
        return [json.loads(text) for text in self.talk.receive(frame)]

    def ask(self, kind: str, channel: str, *products: str, **more: Any) -> list[Any]:
        named = {"product_ids": list(products)} if products else {}
        return self.say(json.dumps({"type": kind, "channel": channel, **named, **more}))

    def token(self, name: str = "first", **claims: Any) -> str:
        return token(holder(name), "", self.rig.sandbox.now_us // 1_000_000, {"uri": None, **claims})

    def wait(self, seconds: float) -> list[Any]:
        found = []
        for _ in range(round(seconds / 0.05)):
            self.rig.wait(0.05)
            found += [json.loads(text) for text in self.talk.pulse()]
        return found


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_one_counter_runs_over_all_that_is_sent(listener: Listener) -> None:
    frames = [*listener.ask("subscribe", "heartbeats"), *listener.ask("subscribe", "level2", "BTC-USD")]
    frames += listener.ask("subscribe", "ticker", "BTC-USD", "ETH-USD")
    frames += listener.wait(10)
    assert [frame["sequence_num"] for frame in frames] == list(range(len(frames)))
    assert frames[1]["events"] == [{"subscriptions": {"heartbeats": ["heartbeats"], "level2": ["BTC-USD"]}}]
    assert sum(frame["channel"] == "heartbeats" for frame in frames) == 10


def test_a_book_is_whole_and_then_told_by_its_changes(listener: Listener) -> None:
    _, snapshot = listener.ask("subscribe", "level2", "BTC-USD")
    updates = listener.wait(20)
    assert len(updates) > 10
    sides: dict[str, dict[Decimal, Decimal]] = {"bid": {}, "offer": {}}
    for frame in (snapshot, *updates):
        assert frame["channel"] == "l2_data"
        for event in frame["events"]:
            for level in event["updates"]:
                price, quantity = Decimal(level["price_level"]), Decimal(level["new_quantity"])
                sides[level["side"]][price] = quantity
                if not quantity:
                    del sides[level["side"]][price]
    book = listener.rig.sandbox.engine.book(listener.rig.instrument("BTC-USD"), 10_000)
    assert sides == {"bid": dict(book.bids), "offer": dict(book.asks)}


def test_an_alias_is_answered_with_the_book_and_the_name_of_the_other(listener: Listener) -> None:
    answer, snapshot = listener.ask("subscribe", "level2", "BTC-USDC")
    assert answer["events"][0]["subscriptions"] == {"level2": ["BTC-USDC"]}
    assert snapshot["events"][0]["product_id"] == "BTC-USD"


def test_markets(listener: Listener) -> None:
    assert listener.ask("subscribe", "ticker", "BTC-USD")[1]["events"][0]["tickers"][0]["best_bid"]
    assert listener.ask("subscribe", "market_trades", "BTC-USD")[1]["events"][0]["type"] == "snapshot"
    assert listener.ask("subscribe", "candles", "BTC-USD")[1]["events"][0]["type"] == "snapshot"
    frames = listener.wait(20)
    assert {frame["channel"] for frame in frames} == {"ticker", "market_trades", "candles"}
    trades = [event["trades"] for frame in frames if frame["channel"] == "market_trades" for event in frame["events"]]
    told = [int(row["trade_id"]) for rows in trades for row in reversed(rows)]
    assert told == sorted(set(told)), "newest first in each frame, and each once"


def test_own_orders_are_told_by_their_states(listener: Listener) -> None:
    resting = listener.rig.created()
    answer, snapshot = listener.ask("subscribe", "user", jwt=listener.token())
    assert list(answer["events"][0]["subscriptions"]) == ["user"]
    assert [row["order_id"] for row in snapshot["events"][0]["orders"]] == [resting]
    number = listener.rig.created(configuration=market(base_size="0.01"))
    rows = [row for frame in listener.wait(0.2) for row in frame["events"][0]["orders"]]
    assert {row["order_id"] for row in rows} == {number}
    assert (rows[-1]["status"], rows[-1]["cumulative_quantity"]) == ("FILLED", "0.01")


def test_fifty_open_orders_are_a_batch_that_another_follows(listener: Listener) -> None:
    for number in range(50):
        listener.rig.create(
            configuration={"limit_limit_gtc": {"base_size": "0.01", "limit_price": f"{50000 + number}"}}
        )
        listener.rig.wait(0.2)
    listener.rig.settle()
    _, *batches = listener.ask("subscribe", "user", jwt=listener.token())
    assert [len(frame["events"][0]["orders"]) for frame in batches] == [50, 0]


@pytest.mark.parametrize(
    ("channel", "products", "words"),
    [
        ("level2", ["BTC-NONE"], "invalid product_ids: BTC-NONE"),
        ("level2", [], "product_ids required"),
        ("weather", ["BTC-USD"], "authentication failure"),
        ("user", [], "authentication failure"),
    ],
)
def test_refusals_name_neither_channel_nor_number(
    listener: Listener, channel: str, products: list[str], words: str
) -> None:
    assert listener.ask("subscribe", channel, *products) == [{"type": "error", "message": words}]
    assert listener.ask("subscribe", "heartbeats")[0]["sequence_num"] == 0


@pytest.mark.parametrize(
    "claims", [{"exp": 1}, {"nbf": 4_000_000_000}, {"iss": "nobody"}, {"uri": "GET api.coinbase.com/"}, {"sub": "x"}]
)
def test_a_token_is_verified_and_must_name_no_request(listener: Listener, claims: dict[str, Any]) -> None:
    (refused,) = listener.ask("subscribe", "user", jwt=listener.token(**claims))
    assert refused["message"] == "authentication failure"
    assert len(listener.ask("subscribe", "user", jwt=listener.token())) == 2


def test_a_refusal_can_be_ordered(listener: Listener) -> None:
    listener.talk.refuse_logins = 1
    assert listener.ask("subscribe", "user", jwt=listener.token())[0]["type"] == "error"
    assert listener.ask("subscribe", "user", jwt=listener.token())[0]["channel"] == "subscriptions"


def test_a_subscription_ends_with_its_product_or_its_channel(listener: Listener) -> None:
    listener.ask("subscribe", "level2", "BTC-USD", "ETH-USD")
    (answer,) = listener.ask("unsubscribe", "level2", "BTC-USD")
    assert answer["events"] == [{"subscriptions": {"level2": ["ETH-USD"]}}]


def test_who_says_nothing_is_sent_away(listener: Listener) -> None:
    listener.wait(4)
    assert listener.talk.wants_close() is None
    listener.wait(2)
    assert listener.talk.wants_close() is not None
    listener.ask("subscribe", "heartbeats")
    assert listener.talk.wants_close() is None


@pytest.mark.parametrize("frame", ["{", "[]", '{"type":"dance"}'])
def test_what_is_no_message_is_refused(listener: Listener, frame: str) -> None:
    assert listener.say(frame)[0]["type"] == "error"


def test_there_is_one_path() -> None:
    assert isinstance(Rig().sandbox.talk(Opening(door="rest", path="/other")), Outgoing)
