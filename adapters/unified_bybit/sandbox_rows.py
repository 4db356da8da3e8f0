"""How the simulated Bybit writes orders, fills and positions. Reads the engine's records; changes nothing.

Field names and number formats: Bybit V5 pages of order, execution and position (2026-07-24).
"""

from __future__ import annotations

from decimal import Decimal

from unified.instrument import ZERO, Instrument, Product
from unified.order import Liquidity, PositionSide, Side, Trigger
from unified.sandbox.engine import Engine
from unified.sandbox.orders import EndReason, SelfTrade, VenueFill, VenueOrder
from unified.sandbox.refusal import Reason
from unified.sandbox.wording import at_step, fixed, plain, uuid_of
from unified_bybit.sandbox_calls import Row

_FIRST_SPOT_ID = 2_077_000_000_000_000_000
_FIRST_SPOT_TRADE = 2_100_000_000_000_000_000
_NO_REASON = "EC_NoError"
_BY_NOBODY = "UNKNOWN"

_ENDS = {
    EndReason.FILLED: (_BY_NOBODY, _NO_REASON),
    EndReason.CANCELED: ("CancelByUser", "EC_PerCancelRequest"),
    EndReason.IOC_REST: (_BY_NOBODY, "EC_NoImmediateQtyToFill"),
    EndReason.SELF_TRADE: ("CancelBySmp", _NO_REASON),
    EndReason.REDUCE_ONLY: ("CancelByReduceOnly", _NO_REASON),
    EndReason.OUT_OF_FUNDS: (_BY_NOBODY, "EC_ReachMarketPriceLimit"),
}
"""Cancel type and reject reason of an order that the matching engine took."""
_LATE = {
    Reason.WOULD_TAKE: "EC_PostOnlyWillTakeLiquidity",
    Reason.UNFILLABLE_FOK: "EC_CancelForNoFullFill",
    Reason.NO_LIQUIDITY: "EC_NoImmediateQtyToFill",
}
"""Reject reasons of orders that were acknowledged and then not taken; they end as Cancelled all the same."""
_SELF_TRADE = {
    SelfTrade.ALLOW: "None",
    SelfTrade.CANCEL_MAKER: "CancelMaker",
    SelfTrade.CANCEL_TAKER: "CancelTaker",
    SelfTrade.CANCEL_BOTH: "CancelBoth",
}
_INDEXES = {None: 0, PositionSide.LONG: 1, PositionSide.SHORT: 2}


def order_id(order: VenueOrder) -> str:
    """Spot counts; contracts have UUIDs."""
    if order.instrument.product is Product.SPOT:
        return str(_FIRST_SPOT_ID + order.order_id)
    return uuid_of(order.order_id)


def trade_id(product: Product, number: int) -> str:
    """Of a public trade."""
    return str(_FIRST_SPOT_TRADE + number) if product is Product.SPOT else uuid_of(number, "trade")


def sided(side: Side) -> str:
    return side.value.capitalize()


def price(instrument: Instrument, value: Decimal | None) -> str:
    """With the decimals of the tick as it is written: a tick of 0.10 shows two."""
    exponent = instrument.tick_size.as_tuple().exponent
    return fixed(value or ZERO, -exponent if isinstance(exponent, int) else 0)


def quantity(instrument: Instrument, value: Decimal | None) -> str:
    return at_step(value or ZERO, instrument.lot_size)


def status(order: VenueOrder) -> tuple[str, str, str]:
    """Order status, cancel type, reject reason. A cancel that is under way does not show."""
    if order.end is None:
        if order.is_waiting_stop:
            return "Untriggered", _BY_NOBODY, _NO_REASON
        return "PartiallyFilled" if order.filled_quantity else "New", _BY_NOBODY, _NO_REASON
    if order.refusal is not None:
        return _refused(order.refusal)
    by, reason = _ENDS[order.end]
    if order.end is EndReason.FILLED and _left_dust(order):
        return "PartiallyFilledCanceled", by, "EC_CancelByOrderValueZero"
    if order.end is EndReason.FILLED:
        return "Filled", by, reason
    if order.order_type.is_stop and not order.triggered:
        return "Deactivated", by, reason
    if order.instrument.product is Product.SPOT and order.filled_quantity:
        return "PartiallyFilledCanceled", by, reason
    return "Cancelled", by, reason


def _refused(refusal: Reason) -> tuple[str, str, str]:
    reason = _LATE.get(refusal)
    return ("Rejected", _BY_NOBODY, _NO_REASON) if reason is None else ("Cancelled", _BY_NOBODY, reason)


def _left_dust(order: VenueOrder) -> bool:
    """A spot order by quote quantity ends so: the rest is worth less than one lot."""
    return order.asked.quote_quantity is not None and order.filled_quote != order.asked.quote_quantity


def order_row(order: VenueOrder) -> Row:
    """An order as realtime and history show it."""
    item, asked = order.instrument, order.asked
    shown, by, reason = status(order)
    left = order.remaining if order.is_open else ZERO
    return {
        "orderId": order_id(order),
        "orderLinkId": order.client_order_id or "",
        "blockTradeId": "",
        "symbol": item.symbol,
        "price": price(item, order.price) if order.price else order.words["bound"],
        "qty": plain(asked.quote_quantity) if asked.quote_quantity else quantity(item, order.quantity),
        "side": sided(order.side),
        "isLeverage": "0" if item.product is Product.SPOT else "",
        "positionIdx": _INDEXES[asked.position_side],
        "orderStatus": shown,
        "cancelType": by,
        "rejectReason": reason,
        "avgPrice": "" if order.average_price is None else plain(fixed_average(order.average_price)),
        "leavesQty": quantity(item, left),
        "leavesValue": plain(left * (order.price or ZERO)),
        "cumExecQty": quantity(item, order.filled_quantity),
        "cumExecValue": plain(order.filled_quote),
        "cumExecFee": plain(sum(order.fees.values(), ZERO)),
        "timeInForce": order.words["tif"],
        "orderType": order.words["type"],
        **_stop_terms(order),
        "takeProfit": price(item, None),
        "stopLoss": price(item, None),
        "lastPriceOnCreated": order.words["last"],
        "reduceOnly": asked.reduce_only,
        "closeOnTrigger": order.words["close"] == "true",
        "smpType": _SELF_TRADE[asked.self_trade],
        "smpGroup": 0,
        "smpOrderId": "",
        "tpslMode": "",
        "marketUnit": order.words["unit"],
        "createdTime": str(order.created_us // 1000),
        "updatedTime": str(order.updated_us // 1000),
        "cumFeeDetail": {currency: plain(fee) for currency, fee in order.fees.items()},
        "rpiTakerAccess": False,
        "rpiMatchedQty": "0",
    }


def fixed_average(value: Decimal) -> Decimal:
    """Averages have at most eight decimals."""
    return value.quantize(Decimal("1e-8"))


def _stop_terms(order: VenueOrder) -> Row:
    asked = order.asked
    none = "" if order.instrument.product is Product.SPOT else "UNKNOWN"
    direction = {None: 0, Trigger.RISES: 1, Trigger.FALLS: 2}[asked.trigger]
    return {
        "stopOrderType": order.words["stop"] or none,
        "triggerPrice": price(order.instrument, asked.stop_price),
        "triggerDirection": direction,
        "triggerBy": order.words["by"] or none,
    }


def fill_row(fill: VenueFill, mark: Decimal, rate: Decimal) -> Row:
    """A fill. The currency of a perpetual's fee stays empty: it is the settle coin."""
    order, item = fill.order, fill.order.instrument
    is_maker = fill.liquidity is Liquidity.MAKER
    return {
        "symbol": item.symbol,
        "orderId": order_id(order),
        "orderLinkId": order.client_order_id or "",
        "side": sided(fill.side),
        "orderType": order.words["type"],
        "stopOrderType": _stop_terms(order)["stopOrderType"],
        "orderPrice": price(item, order.price) if order.price else order.words["bound"],
        "orderQty": quantity(item, order.quantity),
        "leavesQty": quantity(item, order.remaining if order.is_open else ZERO),
        "execId": trade_id(item.product, fill_number(fill)),
        "execPrice": price(item, fill.price),
        "execQty": quantity(item, fill.quantity),
        "execValue": plain(fill.quote_quantity),
        "execFee": plain(fill.fee),
        "feeRate": plain(rate),
        "feeCurrency": fill.fee_currency if item.product is Product.SPOT else "",
        "execType": "Trade",
        "execTime": str(fill.time_us // 1000),
        "isMaker": is_maker,
        "markPrice": price(item, mark),
        "indexPrice": "",
        "blockTradeId": "",
        "closedSize": "",
        "seq": fill.trade_id,
    }


def fill_number(fill: VenueFill) -> int:
    """Both sides of a trade with oneself are fills of their own."""
    return fill.trade_id * 2 + (fill.liquidity is Liquidity.MAKER)


def position_row(engine: Engine, account_name: str, instrument: Instrument, side: PositionSide | None) -> Row:
    """A position, which may be flat: then its side is empty and its size zero."""
    account = engine.accounts[account_name]
    held = account.position(instrument, side)
    mark = engine.market(instrument).mark
    leverage = account.leverage_of(instrument)
    value = abs(held.quantity) * mark
    is_open = bool(held.quantity)
    return {
        "positionIdx": _INDEXES[side],
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": instrument.symbol,
        "side": ("Buy" if held.quantity > 0 else "Sell") if is_open else "",
        "size": quantity(instrument, abs(held.quantity)) if is_open else "0",
        "avgPrice": plain(fixed_average(held.entry_price)) if is_open else "0",
        "positionValue": plain(value) if is_open else "",
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 2 if is_open else 0,
        "leverage": plain(leverage),
        "positionBalance": "0",
        "markPrice": price(instrument, mark),
        "liqPrice": "",
        "breakEvenPrice": plain(fixed_average(held.entry_price)) if is_open else "",
        "positionIM": plain(fixed_average(value / leverage)) if is_open else "",
        "positionMM": plain(fixed_average(value / 200)) if is_open else "",
        "takeProfit": price(instrument, None),
        "stopLoss": price(instrument, None),
        "trailingStop": price(instrument, None),
        "unrealisedPnl": plain(held.unrealized(mark)) if is_open else "",
        "curRealisedPnl": plain(held.realized_pnl),
        "cumRealisedPnl": plain(held.realized_pnl),
        "seq": engine.book(instrument, 1).sequence,
        "isReduceOnly": False,
        "mmrSysUpdatedTime": "",
        "leverageSysUpdatedTime": "",
        "createdTime": "0" if not held.updated_us else str(held.updated_us // 1000),
        "updatedTime": str(held.updated_us // 1000),
    }
