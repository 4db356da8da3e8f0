"""The simulated streams of Bybit, spoken to without the adapter."""

from __future__ import annotations

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest

from unified.instrument import Product
from unified.order import OrderType, Side
from unified.sandbox.dialect import Outgoing, Setting
from unified.sandbox.orders import NewOrder
from unified.sandbox.streams import Opening, Talk
from unified_bybit.sandbox import BybitSandbox

WORDS = {
    "type": "Market",
    "tif": "IOC",
    "stop": "",
    "by": "",
    "bound": "0",
    "last": "1",
    "close": "false",
    "unit": "baseCoin",
}


class Listener:
    """One connection to a venue of its own."""

    def __init__(self, path: str) -> None:
        self.seconds = 0.0
        self.venue = BybitSandbox(Setting(now=lambda: self.seconds))
        talk = self.venue.talk(Opening(door="rest", path=path))
        assert isinstance(talk, Talk)
        self.talk = talk

    def say(self, op: str, *args: Any) -> list[Any]:
        frame = {"req_id": "7", "op": op, **({"args": list(args)} if args else {})}
        return [json.loads(told) for told in self.talk.receive(json.dumps(frame))]

    def wait(self, seconds: float) -> list[Any]:
        found = []
        for _ in range(round(seconds / 0.05)):
            self.seconds += 0.05
            self.venue.engine.advance(self.venue.clock.true_us())
            found += [json.loads(told) for told in self.talk.pulse()]
        return found

    def log_in(self, **changes: Any) -> Any:
        credentials = self.venue.accounts[0].credentials
        expires = changes.get("expires", self.venue.now_ms + 10_000)
        secret = credentials.secret.reveal().encode()
        signature = hmac.new(secret, f"GET/realtime{expires}".encode(), hashlib.sha256).hexdigest()
        return self.say("auth", changes.get("key", credentials.key), expires, changes.get("signature", signature))[0]


@pytest.mark.parametrize("depth", [50, 200])
def test_a_snapshot_and_numbered_deltas_make_the_book(depth: int) -> None:
    one = Listener("/v5/public/linear")
    answer, snapshot = one.say("subscribe", f"orderbook.{depth}.BTCUSDT")
    assert (answer["success"], answer["req_id"], snapshot["type"]) == (True, "7", "snapshot")
    sides = {name: as_levels(snapshot["data"][name]) for name in ("b", "a")}
    number = snapshot["data"]["u"]
    for frame in one.wait(20):
        assert (frame["type"], frame["data"]["u"]) == ("delta", number := number + 1)
        for name, side in sides.items():
            side |= as_levels(frame["data"][name])
    assert number > snapshot["data"]["u"]
    now = one.venue.engine.book(one.venue.engine.instrument(Product.LINEAR, "BTCUSDT"), 5)
    bids = sorted((level for level in sides["b"].items() if level[1]), reverse=True)[:5]
    assert bids == [tuple(level) for level in now.bids]


def as_levels(rows: Any) -> dict[Decimal, Decimal]:
    return {Decimal(price): Decimal(size) for price, size in rows}


def test_linear_tickers_tell_changes_and_spot_ones_no_best_prices() -> None:
    linear, spot = Listener("/v5/public/linear"), Listener("/v5/public/spot")
    _, first = linear.say("subscribe", "tickers.BTCUSDT")
    assert {"bid1Price", "markPrice", "fundingRate"} <= first["data"].keys()
    assert all(len(frame["data"]) < len(first["data"]) for frame in linear.wait(5))
    _, whole = spot.say("subscribe", "tickers.BTCUSDT")
    assert "bid1Price" not in whole["data"]
    spot.say("subscribe", "orderbook.1.BTCUSDT", "publicTrade.BTCUSDT", "kline.1.BTCUSDT")
    topics = {frame["topic"] for frame in spot.wait(10)}
    assert {"orderbook.1.BTCUSDT", "publicTrade.BTCUSDT", "kline.1.BTCUSDT"} <= topics


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nothing.BTCUSDT",), "not found"),
        (("orderbook.7.BTCUSDT",), "not found"),
        (("kline.7.BTCUSDT",), "not found"),
        (("tickers.NOSUCH",), "not found"),
        (("tickers.BTCUSDT", "tickers.BTCUSDT"), "already subscribed"),
        (tuple(f"tickers.{number}" for number in range(11)), "args size"),
    ],
)
def test_subscriptions_are_checked(args: tuple[str, ...], words: str) -> None:
    (refused,) = Listener("/v5/public/spot").say("subscribe", *args)
    assert (refused["success"], words in refused["ret_msg"]) == (False, True)


def test_the_account_is_behind_a_login() -> None:
    one = Listener("/v5/private")
    assert "needs auth" in one.say("subscribe", "order")[0]["ret_msg"]
    for wrong in ({"expires": 5}, {"key": "nobody"}, {"signature": "00"}):
        assert not one.log_in(**wrong)["success"]
    one.talk.refuse_logins = 1
    assert [one.log_in()["success"] for _ in range(2)] == [False, True]
    assert one.say("ping")[0]["op"] == "pong"
    assert not one.say("subscribe", "dance")[0]["success"]
    assert not one.say("dance")[0]["success"]
    assert not json.loads(one.talk.receive("[")[0])["success"]


def test_what_happens_is_told_by_topic() -> None:
    one = Listener("/v5/private")
    one.log_in()
    for topics in (("order.linear", "execution.linear"), ("position.linear",), ("wallet",)):
        assert one.say("subscribe", *topics)[0]["success"]
    engine = one.venue.engine
    item = engine.instrument(Product.LINEAR, "BTCUSDT")
    account = engine.accounts[one.venue.accounts[0].name]
    engine.place(
        account,
        NewOrder(instrument=item, side=Side.BUY, order_type=OrderType.MARKET, quantity=Decimal("0.01"), words=WORDS),
    )
    frames = {frame["topic"]: frame["data"][0] for frame in one.wait(1)}
    assert frames["order.linear"]["orderStatus"] == "Filled"
    assert frames["execution.linear"]["execQty"] == "0.010"
    assert (frames["position.linear"]["size"], frames["position.linear"]["side"]) == ("0.010", "Buy")
    assert [coin["coin"] for coin in frames["wallet"]["coin"]] == ["USDT"], "the fee"
    one.say("unsubscribe", "wallet")
    assert one.talk.wants_close() is None
    one.seconds += 601
    one.venue.engine.advance(one.venue.clock.true_us())
    assert one.talk.wants_close() is not None


def test_other_paths_lead_nowhere() -> None:
    venue = BybitSandbox(Setting(now=lambda: 0.0))
    assert isinstance(venue.talk(Opening(door="rest", path="/v5/nowhere")), Outgoing)
