from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance.venue import LINEAR, LISTING, SPOT
from unified.errors import Kind, VenueError
from unified.instrument import InstrumentStatus, Product
from unified.operations import FetchOpenOrders
from unified.order import Liquidity, OrderStatus, OrderType, Side, TimeInForce
from unified_binance_dialect.rows import fill_of, instrument_of, order_of

PLACED = {
    "symbol": "BTCUSDT",
    "orderId": 28,
    "clientOrderId": "a-1",
    "transactTime": 1763680000123,
    "price": "0.00000000",
    "origQty": "0.01000000",
    "executedQty": "0.01000000",
    "origQuoteOrderQty": "0.00000000",
    "cummulativeQuoteQty": "611.20000000",
    "status": "FILLED",
    "timeInForce": "GTC",
    "type": "MARKET",
    "side": "BUY",
}
LINEAR_ROW = {
    "avgPrice": "60000.0",
    "clientOrderId": "t-1",
    "executedQty": "0.004",
    "orderId": 22542179,
    "origQty": "0.010",
    "origType": "LIMIT",
    "price": "60000",
    "reduceOnly": True,
    "side": "SELL",
    "status": "PARTIALLY_FILLED",
    "stopPrice": "0",
    "symbol": "BTCUSDT",
    "time": 1763680000123,
    "timeInForce": "GTX",
    "type": "LIMIT",
    "updateTime": 1763680005123,
}


def test_a_spot_order_tells_its_average_by_what_was_paid() -> None:
    order = order_of(SPOT, PLACED)
    assert (order.venue_order_id, order.client_order_id, order.status) == ("28", "a-1", OrderStatus.FILLED)
    assert (order.side, order.order_type, order.price, order.stop_price) == (Side.BUY, OrderType.MARKET, None, None)
    assert (order.quantity, order.filled_quantity) == (Decimal("0.01"), Decimal("0.01"))
    assert order.average_price == Decimal(61120)
    assert order.updated_at == datetime(2025, 11, 20, 23, 6, 40, 123000, UTC)


def test_a_linear_order_tells_its_average_and_flags_itself() -> None:
    order = order_of(LINEAR, LINEAR_ROW)
    assert (order.average_price, order.remaining_quantity) == (Decimal("60000.0"), Decimal("0.006"))
    assert (order.post_only, order.reduce_only, order.time_in_force) == (True, True, TimeInForce.GTC)
    assert order.created_at == datetime(2025, 11, 20, 23, 6, 40, 123000, UTC)


@pytest.mark.parametrize(
    ("changes", "average"),
    [
        pytest.param({"cummulativeQuoteQty": "-1"}, None, id="an old order that no longer knows"),
        pytest.param({"executedQty": "0", "cummulativeQuoteQty": "0", "status": "NEW"}, None, id="nothing filled"),
    ],
)
def test_an_unknown_average_is_none(changes: dict[str, str], average: None) -> None:
    assert order_of(SPOT, {**PLACED, **changes}).average_price is average


def test_amended_orders_spell_two_fields_in_their_own_way() -> None:
    row = {key: value for key, value in PLACED.items() if key not in ("origQty", "cummulativeQuoteQty")}
    order = order_of(SPOT, {**row, "qty": "5.0", "cumulativeQuoteQty": "600.0"})
    assert (order.quantity, order.average_price) == (Decimal(5), Decimal(60000))


@pytest.mark.parametrize(
    ("native", "filled", "status"),
    [
        pytest.param("NEW", "0", OrderStatus.NEW, id="new"),
        pytest.param("NEW", "0.001", OrderStatus.PARTIALLY_FILLED, id="new although it has filled"),
        pytest.param("PENDING_NEW", "0", OrderStatus.NEW, id="a leg of a list that waits"),
        pytest.param("PENDING_CANCEL", "0", OrderStatus.PENDING_CANCEL, id="about to be canceled"),
        pytest.param("CANCELED", "0.001", OrderStatus.CANCELED, id="canceled after a fill"),
        pytest.param("REJECTED", "0", OrderStatus.REJECTED, id="rejected"),
        pytest.param("EXPIRED", "0", OrderStatus.EXPIRED, id="expired"),
        pytest.param("EXPIRED_IN_MATCH", "0", OrderStatus.EXPIRED, id="expired against an own order"),
    ],
)
def test_every_status_has_a_word(native: str, filled: str, status: OrderStatus) -> None:
    assert order_of(SPOT, {**PLACED, "status": native, "executedQty": filled}).status is status


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        pytest.param({"status": "EXPIRED_IN_MATCH"}, Kind.SELF_TRADE, id="self-trade prevention"),
        pytest.param(
            {"status": "EXPIRED", "expiryReason": "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"},
            Kind.INVALID_PRICE,
            id="a rule",
        ),
        pytest.param({"status": "EXPIRED", "expiryReason": "SOMETHING_NEW"}, Kind.UNKNOWN, id="a reason not known yet"),
    ],
)
def test_an_order_that_the_engine_ended_says_why(row: dict[str, str], kind: Kind) -> None:
    refusal = order_of(SPOT, {**PLACED, **row}).refusal
    assert refusal is not None
    assert (refusal.kind, refusal.code) == (kind, row.get("expiryReason", "EXPIRED_IN_MATCH"))


def test_an_order_that_ended_by_itself_has_no_refusal() -> None:
    assert order_of(SPOT, {**PLACED, "expiryReason": "NONE"}).refusal is None


@pytest.mark.parametrize(
    ("product", "native", "order_type", "post_only"),
    [
        pytest.param(Product.SPOT, "LIMIT_MAKER", OrderType.LIMIT, True, id="spot's post-only limit"),
        pytest.param(Product.SPOT, "STOP_LOSS", OrderType.STOP_MARKET, False, id="spot's stop"),
        pytest.param(Product.SPOT, "STOP_LOSS_LIMIT", OrderType.STOP_LIMIT, False, id="spot's stop with a limit"),
        pytest.param(Product.SPOT, "TAKE_PROFIT", OrderType.STOP_MARKET, False, id="spot's take-profit"),
        pytest.param(Product.SPOT, "TAKE_PROFIT_LIMIT", OrderType.STOP_LIMIT, False, id="spot's, with a limit"),
        pytest.param(Product.LINEAR, "TAKE_PROFIT", OrderType.STOP_LIMIT, False, id="a USD-M take-profit limit"),
        pytest.param(Product.LINEAR, "STOP", OrderType.STOP_LIMIT, False, id="a USD-M stop limit"),
        pytest.param(Product.LINEAR, "STOP_MARKET", OrderType.STOP_MARKET, False, id="a USD-M stop"),
        pytest.param(Product.LINEAR, "TAKE_PROFIT_MARKET", OrderType.STOP_MARKET, False, id="a USD-M take-profit"),
        pytest.param(Product.LINEAR, "TRAILING_STOP_MARKET", None, False, id="a type without a word here"),
    ],
)
def test_native_types_become_ours(product: Product, native: str, order_type: OrderType | None, post_only: bool) -> None:
    order = order_of(SPOT if product is Product.SPOT else LINEAR, {**PLACED, "type": native})
    assert (order.order_type, order.post_only) == (order_type, post_only)


def test_a_stop_that_has_triggered_keeps_the_type_under_which_it_was_placed() -> None:
    row = {**LINEAR_ROW, "type": "MARKET", "origType": "STOP_MARKET", "stopPrice": "59000"}
    order = order_of(LINEAR, row)
    assert (order.order_type, order.stop_price) == (OrderType.STOP_MARKET, Decimal(59000))


@pytest.mark.parametrize(
    ("row", "side", "liquidity", "currency"),
    [
        pytest.param(
            {"isBuyer": True, "isMaker": False, "commissionAsset": "BNB"},
            Side.BUY,
            Liquidity.TAKER,
            "BNB",
            id="on spot",
        ),
        pytest.param(
            {"buyer": False, "maker": True, "commissionAsset": "USDT"},
            Side.SELL,
            Liquidity.MAKER,
            "USDT",
            id="on USD-M",
        ),
    ],
)
def test_a_fill_reads_alike_from_both_products(
    row: dict[str, Any], side: Side, liquidity: Liquidity, currency: str
) -> None:
    common = {"id": 56, "orderId": 28, "price": "61120.00", "qty": "0.01", "commission": "-0.05", "time": 1763680000123}
    fill = fill_of(SPOT, {**common, **row})
    assert (fill.trade_id, fill.venue_order_id, fill.side, fill.liquidity) == ("56", "28", side, liquidity)
    assert (fill.price, fill.quantity) == (Decimal("61120.00"), Decimal("0.01"))
    assert fill.commission is not None
    assert (fill.commission.currency, fill.commission.amount) == (currency, Decimal("-0.05"))


def test_a_row_of_a_list_finds_its_instrument() -> None:
    every = FetchOpenOrders(listing=LISTING)
    assert instrument_of(every, {"symbol": "ETHUSDT"}).base == "ETH"
    assert instrument_of(every, {"symbol": "NEWUSDT"}).status is InstrumentStatus.UNLISTED
    assert instrument_of(FetchOpenOrders(listing=LISTING, instrument=SPOT), {"symbol": "BTCUSDT"}) is SPOT


@pytest.mark.parametrize("key", ["orderId", "status", "executedQty", "side", "type"])
def test_an_order_without_what_makes_it_one_is_malformed(key: str) -> None:
    with pytest.raises(VenueError) as raised:
        order_of(SPOT, {name: value for name, value in PLACED.items() if name != key})
    assert raised.value.kind is Kind.MALFORMED_RESPONSE
    assert key in raised.value.message


def test_an_order_with_an_end_says_when() -> None:
    row = {**LINEAR_ROW, "timeInForce": "GTD", "goodTillDate": 1763680000123}
    assert order_of(LINEAR, row).expires_at == datetime(2025, 11, 20, 23, 6, 40, 123000, UTC)
    assert order_of(LINEAR, {**LINEAR_ROW, "goodTillDate": 0}).expires_at is None
