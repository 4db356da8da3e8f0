"""How the simulated OKX writes orders, algo orders, fills, positions and balances. Reads the engine's records only.

Fields and number formats: OKX docs, pages of 2026-06-29 to 2026-07-23, and answers that others recorded.
Everything is text; swap sizes are contracts; `""` means that there is no value.
"""

from __future__ import annotations

from decimal import Decimal

from unified.account import MarginMode
from unified.instrument import ZERO, Instrument, Product
from unified.order import Liquidity, OrderType, PositionSide, Side
from unified.sandbox.accounts import Account, VenuePosition, key_of
from unified.sandbox.engine import Engine
from unified.sandbox.orders import EndReason, VenueFill, VenueOrder
from unified.sandbox.refusal import Reason
from unified.sandbox.wording import plain
from unified_okx.sandbox_calls import TYPE_OF, Row, ms
from unified_okx.sandbox_listings import FACTS

STOP_OFFSET = 500_000_000_000_000_000
"""A stop is one record of the engine and two orders of the venue: its `ordId` is its `algoId` plus this."""
_BILL_FACTOR = 10
_MARKET_PRICE = "-1"
_RATIO_STEP = Decimal("1e-6")
_AVERAGE_STEP = Decimal("1e-12")
_MAINTENANCE = Decimal("0.004")
"""Maintenance margin of the first tier, as a fraction of the notional."""

_CANCEL_SOURCES = {
    EndReason.CANCELED: "1",
    EndReason.IOC_REST: "14",
    EndReason.SELF_TRADE: "32",
    EndReason.REDUCE_ONLY: "17",
    EndReason.OUT_OF_FUNDS: "6",
}
_REFUSED_SOURCES = {Reason.WOULD_TAKE: "31", Reason.UNFILLABLE_FOK: "13", Reason.NO_LIQUIDITY: "14"}
"""Of what was acknowledged and then refused by the engine."""


# --- values


def size(instrument: Instrument, quantity: Decimal | None) -> str:
    """Base units in the venue's unit: contracts of a swap."""
    return "" if quantity is None else plain(quantity / instrument.contract_size)


def price(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def average(value: Decimal | None) -> str:
    return "" if value is None else plain(value.quantize(_AVERAGE_STEP))


def side_of_position(side: PositionSide | None) -> str:
    return "net" if side is None else side.value


def flag(value: bool) -> str:
    """Booleans of order rows are texts."""
    return "true" if value else "false"


# --- orders


def order_id(order: VenueOrder) -> int:
    """The `ordId` of an order, or of what a triggered stop has become."""
    return order.order_id + STOP_OFFSET if order.order_type.is_stop else order.order_id


def is_order(order: VenueOrder) -> bool:
    """Whether order endpoints show it: every order, and stops that have triggered and became one."""
    return not order.order_type.is_stop or (order.triggered and order.refusal is None)


def order_type(order: VenueOrder) -> str:
    """`ordType`; of a triggered stop that of what it has become."""
    if not order.order_type.is_stop:
        return order.words["ordType"]
    return "market" if order.price is None else "limit"


def state(order: VenueOrder) -> str:
    if order.end is None:
        return "partially_filled" if order.filled_quantity else "live"
    return "filled" if order.end in (EndReason.FILLED, EndReason.AMENDED_AWAY) else "canceled"


def cancel_source(order: VenueOrder) -> str:
    if order.end is None:
        return ""
    if order.refusal is not None:
        return _REFUSED_SOURCES.get(order.refusal, "0")
    return _CANCEL_SOURCES.get(order.end, "")


def order_row(engine: Engine, account: Account, order: VenueOrder) -> Row:
    """An order as queries and lists show it."""
    instrument, asked, words = order.instrument, order.asked, order.words
    fill = order.last_fill
    is_stop = order.order_type.is_stop
    return {
        "instType": TYPE_OF[instrument.product],
        "instId": instrument.symbol,
        "ordId": str(order_id(order)),
        "clOrdId": "" if is_stop else order.client_order_id or "",
        "tag": words["tag"],
        "side": order.side.value,
        "ordType": order_type(order),
        "px": price(order.price),
        "sz": _asked_size(order),
        "tgtCcy": words["tgtCcy"],
        "tdMode": words["tdMode"],
        "posSide": side_of_position(asked.position_side),
        "reduceOnly": flag(asked.reduce_only),
        "state": state(order),
        "accFillSz": size(instrument, order.filled_quantity),
        "avgPx": average(order.average_price),
        "fillPx": "" if fill is None else price(fill.price),
        "fillSz": "0" if fill is None else size(instrument, fill.quantity),
        "tradeId": "" if fill is None else str(fill.trade_id),
        "fillTime": "" if fill is None else ms(fill.time_us),
        **_fees(order),
        "pnl": plain(_realized(engine, account, order)),
        "lever": "" if instrument.product is Product.SPOT else plain(account.leverage_of(instrument)),
        "category": "normal",
        "source": "7" if is_stop else "",
        "cancelSource": cancel_source(order),
        "cancelSourceReason": "",
        "stpMode": words["stpMode"],
        "stpId": "",
        "ccy": "",
        "algoId": str(order.order_id) if is_stop else "",
        "algoClOrdId": order.client_order_id or "" if is_stop else "",
        "attachAlgoClOrdId": "",
        "attachAlgoOrds": [],
        "linkedAlgoOrd": {"algoId": ""},
        "isTpLimit": "false",
        "pxType": "",
        "pxUsd": "",
        "pxVol": "",
        "quickMgnType": "",
        "slOrdPx": "",
        "slTriggerPx": "",
        "slTriggerPxType": "",
        "tpOrdPx": "",
        "tpTriggerPx": "",
        "tpTriggerPxType": "",
        "tradeQuoteCcy": instrument.quote if instrument.product is Product.SPOT else "",
        "cTime": ms(order.created_us),
        "uTime": ms(order.updated_us),
    }


def _asked_size(order: VenueOrder) -> str:
    if order.asked.quote_quantity is not None:
        return plain(order.asked.quote_quantity)
    return size(order.instrument, order.quantity)


def _fees(order: VenueOrder) -> Row:
    instrument = order.instrument
    received = instrument.base if order.side is Side.BUY else instrument.quote
    currency = next(iter(order.fees), instrument.settle or received)
    return {
        "fee": plain(-order.fees.get(currency, ZERO)),
        "feeCcy": currency,
        "rebate": "0",
        "rebateCcy": instrument.settle or (instrument.quote if received == instrument.base else instrument.base),
    }


def _realized(engine: Engine, account: Account, order: VenueOrder) -> Decimal:
    if order.instrument.product is Product.SPOT or not order.filled_quantity:
        return ZERO
    return sum((fill.realized_pnl for fill in engine.fills(account, order_id=order.order_id)), ZERO)


def fill_row(fill: VenueFill) -> Row:
    order, instrument = fill.order, fill.order.instrument
    is_spot = instrument.product is Product.SPOT
    return {
        "instType": TYPE_OF[instrument.product],
        "instId": instrument.symbol,
        "tradeId": str(fill.trade_id),
        "ordId": str(order_id(order)),
        "clOrdId": "" if order.order_type.is_stop else order.client_order_id or "",
        "billId": str(bill_id(fill)),
        "subType": "1" if fill.side is Side.BUY else "2",
        "tag": order.words["tag"],
        "side": fill.side.value,
        "fillPx": price(fill.price),
        "fillSz": size(instrument, fill.quantity),
        "fillIdxPx": "",
        "fillMarkPx": "",
        "fillPnl": plain(fill.realized_pnl),
        "execType": "M" if fill.liquidity is Liquidity.MAKER else "T",
        "fee": plain(-fill.fee),
        "feeCcy": fill.fee_currency,
        "feeRate": plain(_fee_rate(fill)) if is_spot else "",
        "posSide": side_of_position(order.asked.position_side),
        "fillTime": ms(fill.time_us),
        "ts": ms(fill.time_us),
        "tradeQuoteCcy": instrument.quote if is_spot else "",
    }


def bill_id(fill: VenueFill) -> int:
    """Grows with time; unique for an account, whose orders never trade with each other."""
    return STOP_OFFSET + fill.trade_id * _BILL_FACTOR


def _fee_rate(fill: VenueFill) -> Decimal:
    charged = fill.quantity if fill.fee_currency == fill.order.instrument.base else fill.quote_quantity
    return -(fill.fee / charged).quantize(_RATIO_STEP)


# --- algo orders


def algo_state(order: VenueOrder) -> str:
    if order.refusal is not None:
        return "order_failed"
    if order.triggered:
        return "effective"
    return "live" if order.end is None else "canceled"


def algo_row(order: VenueOrder, last: Decimal) -> Row:
    """A stop as the algo endpoints show it, before and after it triggered."""
    instrument, asked, words = order.instrument, order.asked, order.words
    fired = order.triggered and order.refusal is None
    number = str(order_id(order)) if fired else ""
    return {
        "instType": TYPE_OF[instrument.product],
        "instId": instrument.symbol,
        "algoId": str(order.order_id),
        "algoClOrdId": order.client_order_id or "",
        "clOrdId": "",
        "ordId": number,
        "ordIdList": [number] if fired else [],
        "ordType": words["ordType"],
        "state": algo_state(order),
        "side": order.side.value,
        "posSide": side_of_position(asked.position_side),
        "tdMode": words["tdMode"],
        "tgtCcy": words["tgtCcy"],
        "sz": words["sz"],
        "reduceOnly": flag(asked.reduce_only),
        **_legs(order),
        "actualPx": average(order.average_price) if fired else "",
        "actualSide": words["leg"] if fired and words["leg"] != "trigger" else "",
        "actualSz": size(instrument, order.quantity) if fired else "0",
        "failCode": "51008" if order.refusal is not None else "",
        "triggerTime": ms(order.updated_us) if order.triggered else "",
        "last": price(last),
        "lever": "",
        "ccy": "",
        "closeFraction": "",
        "attachAlgoOrds": [],
        "linkedOrd": {"ordId": ""},
        "amendPxOnTriggerType": "0",
        "activePx": "",
        "moveTriggerPx": "",
        "callbackRatio": "",
        "callbackSpread": "",
        "pxLimit": "",
        "pxSpread": "",
        "pxVar": "",
        "quickMgnType": "",
        "szLimit": "",
        "timeInterval": "",
        "tag": words["tag"],
        "cTime": ms(order.created_us),
        "uTime": ms(order.updated_us),
    }


def _legs(order: VenueOrder) -> Row:
    """Trigger and order price under the names of the leg that was placed; the other names are empty."""
    trigger = price(order.asked.stop_price)
    limit = _MARKET_PRICE if order.order_type is OrderType.STOP_MARKET else price(order.price)
    kind, leg = order.words["triggerPxType"], order.words["leg"]
    row: Row = dict.fromkeys(("triggerPx", "triggerPxType", "ordPx", "tpTriggerPx", "tpTriggerPxType", "tpOrdPx"), "")
    row |= dict.fromkeys(("slTriggerPx", "slTriggerPxType", "slOrdPx"), "")
    if leg == "trigger":
        return row | {"triggerPx": trigger, "triggerPxType": kind, "ordPx": limit}
    return row | {f"{leg}TriggerPx": trigger, f"{leg}TriggerPxType": kind, f"{leg}OrdPx": limit}


# --- the account


def position_row(engine: Engine, account: Account, position: VenuePosition) -> Row:
    instrument = position.instrument
    mark, lever = engine.market(instrument).mark, account.leverage_of(instrument)
    notional = abs(position.quantity) * mark
    margin = notional / lever
    upl = position.unrealized(mark)
    quantity = position.quantity if position.side is None else abs(position.quantity)
    mode = account.margin_modes.get(key_of(instrument), MarginMode.CROSS)
    return {
        "instType": TYPE_OF[instrument.product],
        "instId": instrument.symbol,
        "mgnMode": mode.value,
        "posId": str(position_id(position)),
        "posSide": side_of_position(position.side),
        "pos": size(instrument, quantity),
        "availPos": "" if position.side is None else size(instrument, quantity),
        "posCcy": "",
        "ccy": instrument.settle,
        "avgPx": average(position.entry_price),
        "markPx": price(mark),
        "last": price(engine.market(instrument).last),
        "liqPx": "",
        "lever": plain(lever),
        "upl": _money(upl),
        "uplRatio": plain((upl / margin).quantize(_RATIO_STEP)),
        "margin": _money(margin) if mode is MarginMode.ISOLATED else "",
        "imr": "" if mode is MarginMode.ISOLATED else _money(margin),
        "mmr": _money(notional * _MAINTENANCE),
        "mgnRatio": "",
        "notionalUsd": _money(notional),
        "adl": "1",
        "realizedPnl": _money(position.realized_pnl),
        "pnl": _money(position.realized_pnl),
        "fee": "0",
        "fundingFee": "0",
        "liqPenalty": "0",
        "closeOrderAlgo": [],
        "tradeId": "",
        "cTime": ms(position.updated_us),
        "uTime": ms(position.updated_us),
    }


def position_id(position: VenuePosition) -> int:
    """Ever the same for an instrument and side."""
    sides = (None, PositionSide.LONG, PositionSide.SHORT)
    return STOP_OFFSET + FACTS[position.instrument.symbol].code * 10 + sides.index(position.side)


def _money(value: Decimal) -> str:
    return plain(value.quantize(_AVERAGE_STEP))


def balance_row(engine: Engine, account: Account, currency: str, now_us: int) -> Row:
    """One currency. Equity counts the unrealized profit; what is bound by orders and positions is `frozenBal`."""
    total = account.margin.total.get(currency, ZERO)
    upl = engine.unrealized(account, currency)
    equity = total + upl
    available = engine.available(account, Product.LINEAR, currency)
    return {
        "ccy": currency,
        "cashBal": plain(total),
        "availBal": _money(available),
        "availEq": _money(available),
        "frozenBal": _money(equity - available),
        "ordFrozen": plain(account.margin.held.get(currency, ZERO)),
        "eq": _money(equity),
        "eqUsd": _money(equity * worth(engine, currency)),
        "disEq": _money(equity * worth(engine, currency)),
        "upl": _money(upl),
        "imr": _money(engine.margin_in_use(account, currency)),
        "liab": "0",
        "crossLiab": "",
        "isoEq": "0",
        "isoUpl": "0",
        "interest": "",
        "maxLoan": "",
        "mgnRatio": "",
        "notionalLever": "",
        "stgyEq": "0",
        "spotInUseAmt": "",
        "twap": "0",
        "uTime": ms(now_us),
    }


def worth(engine: Engine, currency: str) -> Decimal:
    """USD for one unit."""
    if currency == "USDT":
        return Decimal(1)
    return engine.market(engine.instrument(Product.SPOT, f"{currency}-USDT")).mark
