from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.adapters.kraken.test_stream import BTC, LISTING
from unified.errors import Kind
from unified.feeds import Gap, Own, Unclear
from unified.order import Fill, Liquidity, Order, OrderStatus, OrderType, Side
from unified.watches import WatchExecutions
from unified_kraken.stream_rows import Executions, fill_of, order_of

WATCH = WatchExecutions(listing=LISTING)
TRADE: dict[str, Any] = {
    "order_id": "OK4GJX-KSTLS-7DZZO5",
    "exec_id": "TGBB7L-HT5LX-J3BZ4A",
    "exec_type": "trade",
    "trade_id": "62887576",
    "symbol": "BTC/USD",
    "side": "sell",
    "last_qty": "0.005",
    "last_price": "26599.9",
    "liquidity_ind": "t",
    "order_type": "limit",
    "timestamp": "2023-09-22T10:33:05.709993Z",
    "order_status": "partially_filled",
    "cum_qty": "0.005",
    "avg_price": "26599.9",
    "fees": [{"asset": "USD", "qty": "0.3458"}],
}
"""The example of docs.kraken.com, websocket-v2/executions, shortened."""
NEW: dict[str, Any] = {
    "timestamp": "2023-09-22T10:33:05.709982Z",
    "order_status": "new",
    "exec_type": "new",
    "order_id": "OK4GJX-KSTLS-7DZZO5",
}


def said(sequence: int, *rows: dict[str, Any], kind: str = "update") -> dict[str, Any]:
    return {"channel": "executions", "type": kind, "data": list(rows), "sequence": str(sequence)}


def begun() -> Executions:
    executions = Executions(WATCH)
    assert list(executions.receive(said(1, kind="snapshot"))) == []
    return executions


def test_a_trade_is_a_fill_and_a_state_of_its_order() -> None:
    fill, order = begun().receive(said(2, TRADE))
    assert isinstance(fill, Own)
    assert isinstance(order, Own)
    assert isinstance(fill.value, Fill)
    assert (fill.value.trade_id, fill.value.price, fill.value.liquidity) == (
        "TGBB7L-HT5LX-J3BZ4A",
        Decimal("26599.9"),
        Liquidity.TAKER,
    )
    assert isinstance(order.value, Order)
    assert (order.value.status, order.value.filled_quantity, order.value.order_type, order.value.side) == (
        OrderStatus.PARTIALLY_FILLED,
        Decimal("0.005"),
        OrderType.LIMIT,
        Side.SELL,
    )


def test_a_report_that_repeats_nothing_is_known_by_its_order() -> None:
    executions = begun()
    assert list(executions.receive(said(2, NEW))) == [Unclear(WATCH)], "nobody has told which pair it is"
    executions.receive(said(3, TRADE))
    (own,) = executions.receive(said(4, NEW))
    assert isinstance(own, Own)
    assert own.value.instrument is BTC
    assert own.value.quantity is None


def test_a_jump_of_the_counter_is_a_gap_and_a_repeat_is_not() -> None:
    executions = begun()
    assert list(executions.receive(said(1, TRADE))) == []
    (gap,) = executions.receive(said(3, TRADE))
    assert isinstance(gap, Gap)
    assert gap.watches == (WATCH,)
    assert list(executions.receive(said(4, TRADE))) == [], "nothing counts until a snapshot has come"
    assert len(list(executions.receive(said(1, TRADE, kind="snapshot")))) == 2


def test_what_cannot_be_read_is_asked_for() -> None:
    assert list(begun().receive(said(2, {**TRADE, "last_price": "many"}))) == [Unclear(WATCH)]
    assert list(begun().receive(said(2, {**TRADE, "order_status": "strange"}))) == [Unclear(WATCH)]


def test_a_post_only_order_that_would_have_taken_was_refused() -> None:
    order = order_of(BTC, {**NEW, "order_status": "canceled", "exec_type": "canceled", "reason": "Post only order"})
    assert order.status is OrderStatus.REJECTED
    assert order.refusal is not None
    assert order.refusal.kind is Kind.WOULD_TAKE


def test_a_fill_without_fees_and_a_time_that_is_missing() -> None:
    assert fill_of(BTC, {**TRADE, "fees": []}).commission is None
