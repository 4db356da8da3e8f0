"""The account of USD-M: worked rows of the sheet, recorded ones, and rows that tell too little."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance_dialect.test_stream import LINEAR, TICKET
from tests.shared import require_shared
from unified.account import MarginMode
from unified.feeds import Own, Unclear
from unified.instrument import Instruments, Product
from unified.order import Fill, Order, OrderStatus, OrderType, PositionSide
from unified.watches import WatchBalances, WatchExecutions, WatchPositions
from unified_binance.faults import FAULTS
from unified_binance.stream import linear_names
from unified_binance.stream_linear import linear_events
from unified_binance_dialect.stream import MarketStream
from unified_binance_dialect.stream_keys import KeyedStream

FACTS: dict[str, Any] = {"product": Product.LINEAR, "listing": Instruments([LINEAR])}
EXECUTIONS, BALANCES, POSITIONS = WatchExecutions(**FACTS), WatchBalances(**FACTS), WatchPositions(**FACTS)
ORDER: dict[str, Any] = json.loads(
    '{"e":"ORDER_TRADE_UPDATE","E":1763680000200,"T":1763680000199,"o":{"s":"BTCUSDT","c":"t-1","S":"BUY","o":"LIMIT",'
    '"f":"GTC","q":"0.010","p":"60000","ap":"60000","sp":"0","x":"TRADE","X":"FILLED","i":22542179,"l":"0.010",'
    '"z":"0.010","L":"60000","N":"USDT","n":"0.12","T":1763680000199,"t":698759,"b":"0","a":"0","m":true,"R":false,'
    '"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,"pP":false,"si":0,"ss":0,"rp":"0","V":"EXPIRE_MAKER",'
    '"pm":"NONE","gtd":0,"er":"0"}}'
)
STOP: dict[str, Any] = json.loads(
    '{"e":"ALGO_UPDATE","T":1763680000199,"E":1763680000203,"o":{"caid":"sl-1","aid":2148719,"at":"CONDITIONAL",'
    '"o":"STOP_MARKET","s":"BTCUSDT","S":"SELL","ps":"BOTH","f":"GTC","q":"0.01","X":"NEW","ai":"","ap":"0","aq":"0",'
    '"tp":"58000","p":"0","wt":"CONTRACT_PRICE","R":true,"tt":0,"gtd":0,"rm":""}}'
)


def connection() -> KeyedStream:
    one = KeyedStream(MarketStream(linear_names, FAULTS), linear_events)
    assert one.subscribe([EXECUTIONS, BALANCES, POSITIONS], TICKET) == (), "the key brings everything"
    return one


def told(frame: Any) -> list[Any]:
    return list(connection().receive(json.dumps(frame)))


def with_order(**changes: Any) -> Any:
    return {**ORDER, "o": {**ORDER["o"], **changes}}


def test_a_trade_tells_the_fill_and_the_order() -> None:
    fill, order = (event.value for event in told(ORDER))
    assert isinstance(fill, Fill)
    assert (fill.trade_id, fill.quantity, fill.client_order_id) == ("698759", Decimal("0.01"), "t-1")
    assert isinstance(order, Order)
    assert (order.status, order.average_price) == (OrderStatus.FILLED, Decimal(60000))
    assert [type(event.value) for event in told(with_order(x="NEW", X="NEW", z="0", t=0))] == [Order]
    assert [type(event.value) for event in told(with_order(x="CALCULATED"))] == [Fill, Order], "a liquidation trades"


@pytest.mark.parametrize("changes", [{"X": "NEW_ADL"}, {"n": None}, {"i": None}])
def test_a_row_that_cannot_be_read_is_asked_for(changes: Any) -> None:
    assert told(with_order(**changes)) == [Unclear(EXECUTIONS)]


def test_a_stop_is_over_under_its_own_id_once_it_is_an_order() -> None:
    (waiting,) = (event.value for event in told(STOP))
    assert (waiting.venue_order_id, waiting.status, waiting.stop_price) == ("2148719", OrderStatus.NEW, 58000)
    assert waiting.order_type is OrderType.STOP_MARKET
    (gone,) = (event.value for event in told({**STOP, "o": {**STOP["o"], "X": "TRIGGERED", "ai": "77", "aq": "0.01"}}))
    assert (gone.status, gone.filled_quantity) == (OrderStatus.EXPIRED, 0), "its fills are told under the order's id"


def test_positions_are_told_and_balances_asked_for() -> None:
    path = require_shared("corpus", "binance", "linear", "stream", "AccountUpdate.json")
    frame = json.loads(path.read_text())["frames"][-1]["message"]
    unclear, *positions = told(frame)
    assert unclear == Unclear(BALANCES)
    assert [(one.value.quantity, one.value.position_side) for one in positions] == [
        (0, None),
        (20, PositionSide.LONG),
        (-10, PositionSide.SHORT),
    ]
    assert {one.value.margin_mode for one in positions} == {MarginMode.ISOLATED}
    broken = {"e": "ACCOUNT_UPDATE", "a": {"P": [{"s": "BTCUSDT"}]}}
    assert told(broken) == [Unclear(BALANCES), Unclear(POSITIONS)]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("OrderUpdate", [Own]),
        ("AlgoOrderUpdate", [Own]),
        ("TradeUpdate", []),
        ("ConditionalTrigger", [Unclear]),
        ("Leverage", []),
        ("GridUpdate", []),
    ],
)
def test_recorded_events_are_understood(name: str, kinds: list[type[Any]]) -> None:
    path = require_shared("corpus", "binance", "linear", "stream", f"{name}.json")
    assert [type(event) for event in told(json.loads(path.read_text())["frames"][-1]["message"])] == kinds


def test_what_nobody_watches_says_nothing() -> None:
    one = connection()
    one.unsubscribe([EXECUTIONS, BALANCES, POSITIONS], TICKET)
    account = {"e": "ACCOUNT_UPDATE", "a": {"P": []}}
    assert [list(one.receive(json.dumps(frame))) for frame in (ORDER, STOP, account)] == [[], [], []]
