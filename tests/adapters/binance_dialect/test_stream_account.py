"""What a spot account's events say: worked rows of the sheet, recorded ones, and rows that tell too little."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance_dialect.test_stream import SPOT
from tests.shared import require_shared
from unified.account import Balance
from unified.feeds import Own, Unclear
from unified.instrument import Instruments, Product
from unified.order import Fill, Liquidity, Order, OrderStatus
from unified.watches import WatchBalances, WatchExecutions
from unified_binance_dialect.stream_account import Watched, renamed, spot_events

LISTING = Instruments([SPOT])
EXECUTIONS, BALANCES = WatchExecutions(listing=LISTING), WatchBalances(listing=LISTING)
FILLED: dict[str, Any] = json.loads(
    '{"e":"executionReport","E":1763680000200,"s":"BTCUSDT","c":"x-abc1","S":"BUY","o":"LIMIT","f":"GTC","q":"0.01",'
    '"p":"60000","P":"0","F":"0","g":-1,"C":"","x":"TRADE","X":"FILLED","r":"NONE","i":28,"l":"0.01","z":"0.01",'
    '"L":"60000","n":"0.0000075","N":"BNB","T":1763680000199,"t":56,"I":8641984,"w":false,"m":true,"M":false,'
    '"O":1763670000000,"Z":"600","Y":"600","Q":"0","W":1763670000000,"V":"EXPIRE_MAKER"}'
)


def both() -> Watched:
    watched = Watched()
    watched.add([EXECUTIONS, BALANCES])
    return watched


def test_a_trade_tells_the_fill_and_the_order() -> None:
    fill, order = (event.value for event in spot_events(both(), FILLED) if isinstance(event, Own))
    assert isinstance(fill, Fill)
    assert (fill.trade_id, fill.venue_order_id, fill.client_order_id) == ("56", "28", "x-abc1")
    assert (fill.price, fill.quantity, fill.liquidity) == (Decimal(60000), Decimal("0.01"), Liquidity.MAKER)
    assert fill.commission is not None
    assert fill.commission.currency == "BNB"
    assert isinstance(order, Order)
    assert (order.status, order.average_price, order.price) == (OrderStatus.FILLED, Decimal(60000), Decimal(60000))


@pytest.mark.parametrize(
    ("changes", "client_id", "status"),
    [
        pytest.param({"x": "NEW", "X": "NEW", "z": "0", "Z": "0", "t": -1}, "x-abc1", OrderStatus.NEW, id="new"),
        pytest.param(
            {"x": "CANCELED", "X": "CANCELED", "c": "cancel-1", "C": "x-abc1", "t": -1},
            "x-abc1",
            OrderStatus.CANCELED,
            id="the id of a cancel is not the order's",
        ),
        pytest.param(
            {"x": "REPLACED", "X": "NEW", "c": "new-id", "C": "x-abc1", "z": "0", "Z": "0", "t": -1},
            "new-id",
            OrderStatus.NEW,
            id="an amendment gives a new id",
        ),
    ],
)
def test_other_reports_tell_the_order_alone(changes: Any, client_id: str, status: OrderStatus) -> None:
    (event,) = spot_events(both(), {**FILLED, **changes})
    assert isinstance(event, Own)
    assert isinstance(event.value, Order)
    assert (event.value.client_order_id, event.value.status) == (client_id, status)


def test_funds_are_told_whole_and_changes_alone_are_asked_for() -> None:
    row = {"e": "outboundAccountPosition", "E": 1, "u": 1, "B": [{"a": "BTC", "f": "0.51", "l": "0.1"}]}
    (event,) = spot_events(both(), row)
    assert event == Own(BALANCES, Balance(currency="BTC", free=Decimal("0.51"), locked=Decimal("0.1")))
    assert list(spot_events(both(), {"e": "balanceUpdate", "a": "BTC", "d": "1"})) == [Unclear(BALANCES)]
    assert list(spot_events(both(), {**row, "B": [{"a": "BTC"}]})) == [Unclear(BALANCES)]


@pytest.mark.parametrize("changes", [{"X": "BETTER"}, {"s": None}, {"N": None}, {"z": "x"}])
def test_a_report_that_cannot_be_read_is_asked_for(changes: Any) -> None:
    assert list(spot_events(both(), {**FILLED, **changes})) == [Unclear(EXECUTIONS)]


def test_what_nobody_watches_says_nothing() -> None:
    watched = both()
    watched.drop([EXECUTIONS])
    assert list(spot_events(watched, FILLED)) == []
    assert list(spot_events(watched, {"e": "listStatus"})) == []
    assert list(spot_events(Watched(), {"e": "outboundAccountPosition", "B": []})) == []
    assert renamed({"a": 1, "b": 2}, {"a": "x", "c": "y"}) == {"x": 1}


@pytest.mark.parametrize(
    ("name", "kinds"), [("Order", [Own]), ("AccountPosition", [Own]), ("Balance", [Unclear]), ("OcoOrder", [])]
)
def test_recorded_events_are_understood(name: str, kinds: list[type[Any]]) -> None:
    path = require_shared("corpus", "binance", "spot", "stream", "Account", f"{name}.json")
    frame = json.loads(path.read_text())["frames"][-1]["message"]
    assert [type(event) for event in spot_events(both(), frame["event"])] == kinds
    assert EXECUTIONS.product is Product.SPOT
