"""Orders over the simulated Kraken's stream, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.kraken.sandbox_rig import Rig
from tests.adapters.kraken.test_sandbox_stream import Listener, token
from unified.sandbox.entry import EntryTalk, said_in

BUY = {"symbol": "BTC/USD", "side": "buy", "order_type": "limit", "order_qty": 0.01, "limit_price": 50000.5}
CLIENT_ID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"


class Trader(Listener):
    def __init__(self) -> None:
        super().__init__(Rig())
        self.token = token(self)

    def order(self, method: str, **params: Any) -> Any:
        """The one frame that answers a request."""
        named = {"token": self.token, **params}
        return self.frame(json.dumps({"method": method, "params": named, "req_id": 9}))

    def frame(self, frame: str) -> Any:
        assert isinstance(self.talk, EntryTalk)
        asked = self.talk.asked(frame)
        if asked is None:
            (text,) = self.talk.receive(frame)
            return json.loads(text)
        answer = self.rig.venue.handle(asked.incoming)
        (text,) = self.talk.answered(asked, answer, said_in(answer))
        return json.loads(text)


def test_an_order_is_placed_amended_and_canceled() -> None:
    one = Trader()
    placed = one.order("add_order", **BUY, cl_ord_id=CLIENT_ID)
    assert (placed["req_id"], placed["method"], placed["success"]) == (9, "add_order", True)
    assert placed["result"]["cl_ord_id"] == CLIENT_ID
    number = placed["result"]["order_id"]
    amended = one.order("amend_order", order_id=number, order_qty=0.01, limit_price=49000)
    assert amended["result"]["amend_id"]
    canceled = one.order("cancel_order", order_id=[number])
    assert canceled["result"] == {"order_id": number}
    (order,) = one.rig.venue.engine.accounts["maker"].orders
    assert (str(order.price), order.client_order_id) == ("49000", CLIENT_ID)


def test_a_batch_tells_of_each_order_or_is_refused_as_a_whole() -> None:
    one = Trader()
    order = {name: value for name, value in BUY.items() if name != "symbol"}
    batch = {"symbol": "BTC/USD", "orders": [{**order, "cl_ord_id": CLIENT_ID}, {**order, "order_qty": 5000}]}
    placed, refused = one.order("batch_add", **batch)["result"]
    assert (placed["cl_ord_id"], refused) == (CLIENT_ID, {"success": False, "error": "EOrder:Insufficient funds"})
    assert one.order("cancel_order", order_id=[placed["order_id"]])["success"]
    for orders in ([order], [order, {**order, "side": "hold"}], [order, "nothing"], None):
        answer = one.order("batch_add", symbol="BTC/USD", orders=orders)
        assert not answer["success"]
        assert answer["error"].startswith("EGeneral:Invalid arguments")
    assert len(one.rig.venue.engine.accounts["maker"].orders) == 1


def test_flags_and_amounts_in_quote() -> None:
    one = Trader()
    assert one.order("add_order", **BUY, post_only=True, time_in_force="gtc")["success"]
    market = {"symbol": "BTC/USD", "side": "buy", "order_type": "market", "cash_order_qty": 100}
    assert one.order("add_order", **market)["success"]
    one.rig.venue.engine.advance(one.rig.venue.clock.true_us())
    first, second = one.rig.venue.engine.accounts["maker"].orders
    assert first.filled_quantity == 0
    assert 90 < second.filled_quote <= 100


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"order_qty": 5000}, "EOrder:Insufficient funds"),
        ({"symbol": "BTC/NOTHING"}, "EQuery:Unknown asset pair"),
        ({"deadline": "2001-01-01T00:00:00.000Z"}, "EService:Deadline elapsed"),
        ({"token": "nobody's"}, "EAPI:Invalid token"),
    ],
)
def test_refusals_are_texts(params: dict[str, Any], words: str) -> None:
    answer = Trader().order("add_order", **{**BUY, **params})
    assert (answer["req_id"], answer["success"], answer["error"]) == (9, False, words)


def test_a_token_lasts_as_long_as_the_connection_that_subscribed_with_it() -> None:
    subscribed, other = Trader(), Trader()
    assert subscribed.ask("subscribe", channel="executions", token=subscribed.token)[0]["success"]
    subscribed.wait(901)
    other.wait(901)
    assert subscribed.order("add_order", **BUY)["success"]
    assert other.order("add_order", **BUY)["error"] == "EAPI:Invalid token"


def test_orders_cost_no_calls_of_rest_and_no_nonce() -> None:
    one = Trader()
    key = next(key for key in one.rig.venue.keys.keys if key.label == "maker")
    nonce = key.nonce
    for _ in range(30):
        assert one.order("add_order", **BUY)["success"]
    assert key.nonce == nonce
