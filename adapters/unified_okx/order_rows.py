"""Reading orders and fills; orders in the two shapes in which OKX writes them: plain orders and stops ("algo orders").

Builds no request. Source: OKX API v5 docs, #order-book-trading-trade-get-order-details (2026-07-08) and the
algo trading pages; `cancelSource` by the same page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from unified.errors import Fault, Kind, Outcome, Scope
from unified.instrument import ZERO, Instrument, Product
from unified.order import Commission, Fill, Liquidity, Order, OrderStatus, OrderType, TimeInForce
from unified.values import frozen
from unified.wire import at_ms, at_ms_or_none, choice, decimal, decimal_or_none, positive_or_none, text, text_or_none
from unified_okx.faults import TRADE, fault_of_code
from unified_okx.market_data import SIDE
from unified_okx.symbols import base, base_or_none, to_base

_STATUS = {
    "live": OrderStatus.NEW,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "mmp_canceled": OrderStatus.CANCELED,
}


@frozen
class _Nature:
    """What an `ordType` says at once."""

    order_type: OrderType
    time_in_force: TimeInForce
    post_only: bool = False


_NATURE = {
    "limit": _Nature(OrderType.LIMIT, TimeInForce.GTC),
    "post_only": _Nature(OrderType.LIMIT, TimeInForce.GTC, True),
    "ioc": _Nature(OrderType.LIMIT, TimeInForce.IOC),
    "fok": _Nature(OrderType.LIMIT, TimeInForce.FOK),
    "market": _Nature(OrderType.MARKET, TimeInForce.IOC),
    "optimal_limit_ioc": _Nature(OrderType.MARKET, TimeInForce.IOC),
}

# --- why the engine ended an order

_REJECTED, _EXPIRED, _CANCELED = OrderStatus.REJECTED, OrderStatus.EXPIRED, OrderStatus.CANCELED
_BY_THE_USER = ("", "1", "20")
"""Nothing, a cancel, and the dead-man switch (cancel-all-after) that the user armed."""
_ENDED: Mapping[str, tuple[Kind, OrderStatus]] = {
    "2": (Kind.INSUFFICIENT_FUNDS, _CANCELED),
    "3": (Kind.LIQUIDATING, _CANCELED),
    "4": (Kind.INSUFFICIENT_FUNDS, _CANCELED),
    "6": (Kind.LIQUIDATING, _CANCELED),
    "7": (Kind.MARKET_CLOSED, _CANCELED),
    "9": (Kind.INSUFFICIENT_FUNDS, _CANCELED),
    "13": (Kind.UNFILLABLE, _EXPIRED),
    "14": (Kind.UNFILLABLE, _EXPIRED),
    "15": (Kind.INVALID_PRICE, _REJECTED),
    "17": (Kind.REDUCE_ONLY_REJECTED, _CANCELED),
    "21": (Kind.REDUCE_ONLY_REJECTED, _CANCELED),
    "22": (Kind.REDUCE_ONLY_REJECTED, _CANCELED),
    "23": (Kind.REDUCE_ONLY_REJECTED, _CANCELED),
    "27": (Kind.INVALID_PRICE, _REJECTED),
    "31": (Kind.WOULD_TAKE, _REJECTED),
    "32": (Kind.SELF_TRADE, _CANCELED),
    "33": (Kind.UNFILLABLE, _EXPIRED),
    "44": (Kind.INSUFFICIENT_FUNDS, _CANCELED),
    "45": (Kind.INVALID_PRICE, _REJECTED),
}
"""OKX acknowledges first: a post-only order that would take was answered with success, and is `canceled` here."""


def _refusal(row: Mapping[str, Any]) -> tuple[Fault, OrderStatus] | None:
    source = text_or_none(row, "cancelSource") or ""
    if row.get("state") not in ("canceled", "mmp_canceled") or source in _BY_THE_USER:
        return None
    kind, status = _ENDED.get(source, (Kind.UNKNOWN, _CANCELED))
    fault = Fault(
        kind=kind,
        outcome=Outcome.REJECTED,
        scope=Scope.ORDER,
        code=f"cancelSource {source}",
        message=text_or_none(row, "cancelSourceReason") or "",
        hint="The order was acknowledged and then ended by the venue's engine.",
        sure=source in _ENDED,
    )
    return fault, status


# --- plain orders


def order_of(instrument: Instrument, row: Mapping[str, Any]) -> Order:
    """A row of /trade/order and of the order lists. Empty text means none, never zero."""
    nature = _NATURE.get(text(row, "ordType"))
    filled = base(instrument, row, "accFillSz")
    status = choice(_STATUS, text(row, "state"), "state")
    ended = _refusal(row)
    by_quote = _counts_quote(instrument, row)
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "ordId"),
        client_order_id=text_or_none(row, "clOrdId") or text_or_none(row, "algoClOrdId"),
        status=status if ended is None or filled > ZERO else ended[1],
        side=choice(SIDE, text(row, "side"), "side"),
        order_type=nature.order_type if nature else None,
        quantity=None if by_quote else base_or_none(instrument, row, "sz"),
        quote_quantity=decimal_or_none(row, "sz") if by_quote else None,
        price=positive_or_none(row, "px"),
        time_in_force=nature.time_in_force if nature else None,
        post_only=nature is not None and nature.post_only,
        reduce_only=row.get("reduceOnly") in (True, "true"),
        filled_quantity=filled,
        average_price=positive_or_none(row, "avgPx") if filled > ZERO else None,
        created_at=at_ms_or_none(row, "cTime"),
        updated_at=at_ms_or_none(row, "uTime"),
        refusal=ended[0] if ended else None,
    )


def _counts_quote(instrument: Instrument, row: Mapping[str, Any]) -> bool:
    """Whether `sz` counts quote units: OKX's default for a spot market buy that does not say."""
    if instrument.product is not Product.SPOT:
        return False
    unit = text_or_none(row, "tgtCcy")
    return unit == "quote_ccy" or (unit is None and row.get("ordType") == "market" and row.get("side") == "buy")


# --- fills

_LIQUIDITY = {"T": Liquidity.TAKER, "M": Liquidity.MAKER}


def fill_of(instrument: Instrument, row: Mapping[str, Any], fee: str = "fee", fee_currency: str = "feeCcy") -> Fill:
    """A row of the lists of fills; streams have the fill's own fee under other names than the order's."""
    paid, currency = decimal_or_none(row, fee), text_or_none(row, fee_currency)
    return Fill(
        instrument=instrument,
        trade_id=text(row, "tradeId"),
        venue_order_id=text(row, "ordId"),
        client_order_id=text_or_none(row, "clOrdId"),
        side=choice(SIDE, text(row, "side"), "side"),
        price=decimal(row, "fillPx"),
        quantity=to_base(instrument, decimal(row, "fillSz")),
        # OKX writes what is paid as a negative number.
        commission=None if paid is None or currency is None else Commission(currency=currency, amount=-paid),
        liquidity=_LIQUIDITY.get(text_or_none(row, "execType") or ""),
        time=at_ms(row, "fillTime" if text_or_none(row, "fillTime") else "ts"),
    )


# --- stops


@frozen(kw_only=True)
class Stop:
    """A stop, and the plain order that it became when it triggered."""

    order: Order
    child_id: str | None
    """None while it waits."""


_STOP_STATUS = {
    "live": OrderStatus.NEW,
    "pause": OrderStatus.NEW,
    "partially_effective": OrderStatus.NEW,
    # Triggered: the plain order tells the rest; where it is not shown yet, the engine has not spoken.
    "effective": OrderStatus.PENDING_NEW,
    "canceled": OrderStatus.CANCELED,
    "order_failed": OrderStatus.REJECTED,
    "partially_failed": OrderStatus.CANCELED,
}
_TRIGGERS = (("slTriggerPx", "slOrdPx"), ("tpTriggerPx", "tpOrdPx"), ("triggerPx", "ordPx"))
_AT_MARKET = "-1"


def stop_of(instrument: Instrument, row: Mapping[str, Any]) -> Stop:
    """A row of the algo order lists; an order with two triggers (oco) shows its stop of a loss."""
    trigger, limit = next(((t, p) for t, p in _TRIGGERS if text_or_none(row, t)), _TRIGGERS[0])
    at_market = row.get(limit) == _AT_MARKET
    failure = text_or_none(row, "failCode")
    status = choice(_STOP_STATUS, text(row, "state"), "state")
    by_quote = _stop_counts_quote(instrument, row, at_market)
    order = Order(
        instrument=instrument,
        venue_order_id=text(row, "algoId"),
        client_order_id=text_or_none(row, "algoClOrdId"),
        status=status,
        side=choice(SIDE, text(row, "side"), "side"),
        order_type=_stop_type(text(row, "ordType"), at_market),
        quantity=None if by_quote else base_or_none(instrument, row, "sz"),
        quote_quantity=decimal_or_none(row, "sz") if by_quote else None,
        price=None if at_market else positive_or_none(row, limit),
        stop_price=positive_or_none(row, trigger),
        reduce_only=row.get("reduceOnly") in (True, "true"),
        created_at=at_ms_or_none(row, "cTime"),
        updated_at=at_ms_or_none(row, "uTime"),
        refusal=fault_of_code(failure, "", None, TRADE) if failure not in (None, "0") else None,
    )
    return Stop(order=order, child_id=_child(row))


def triggered(stop: Stop, child: Order) -> Order:
    """A stop as it was asked for, with what has become of it: its terms and ids, the plain order's life."""
    return evolve(
        stop.order,
        status=child.status,
        filled_quantity=child.filled_quantity,
        average_price=child.average_price,
        updated_at=child.updated_at,
        refusal=child.refusal,
    )


def _stop_type(native: str, at_market: bool) -> OrderType | None:
    if native not in ("conditional", "trigger"):
        return None
    return OrderType.STOP_MARKET if at_market else OrderType.STOP_LIMIT


def _stop_counts_quote(instrument: Instrument, row: Mapping[str, Any], at_market: bool) -> bool:
    if instrument.product is not Product.SPOT or not at_market:
        return False
    unit = text_or_none(row, "tgtCcy")
    return unit == "quote_ccy" or (unit is None and row.get("side") == "buy")


def _child(row: Mapping[str, Any]) -> str | None:
    listed = row.get("ordIdList")
    if type(listed) is list and listed and type(listed[0]) is str and listed[0]:
        return str(listed[0])
    return text_or_none(row, "ordId")
