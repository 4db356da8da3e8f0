"""The instrument lists: rules come from the filters, names from the asset fields, never from the symbol's text.

Source: Binance spot filters.md (2026-07-21), USD-M exchangeInfo (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.instrument import ZERO, Instrument, InstrumentStatus, Product
from unified.operations import FetchInstruments
from unified.wire import Json, children, flag, obj, positive_or_none, text, used_up

Filters = Mapping[str, Mapping[str, Any]]

_STATUS = {"TRADING": InstrumentStatus.TRADING, "CANCEL_ONLY": InstrumentStatus.RESTRICTED}


def parse_instruments(operation: FetchInstruments, answer: Json) -> tuple[Instrument, ...]:
    """Spot pairs, or USD-M perpetuals: dated and COIN-M contracts share the linear list and are left out."""
    rows = used_up(children(obj(answer), "symbols"), "symbols[]")
    if operation.product is Product.SPOT:
        return tuple(_spot(row) for row in rows)
    return tuple(_linear(row) for row in rows if _is_linear_perpetual(row))


def _is_linear_perpetual(row: Mapping[str, Any]) -> bool:
    return row.get("contractType") in ("PERPETUAL", "TRADIFI_PERPETUAL") and row.get("marginAsset") == row.get(
        "quoteAsset"
    )


def _filters(row: Mapping[str, Any]) -> Filters:
    return {text(obj(entry, "filters[]"), "filterType"): entry for entry in children(row, "filters")}


def _spot(row: Mapping[str, Any]) -> Instrument:
    filters = _filters(row)
    value = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL") or {}
    precision = row.get("quoteAssetPrecision")
    return Instrument(
        symbol=text(row, "symbol"),
        product=Product.SPOT,
        base=text(row, "baseAsset"),
        quote=text(row, "quoteAsset"),
        **_grid(filters),
        min_notional=positive_or_none(value, "minNotional") or ZERO,
        max_notional=positive_or_none(value, "maxNotional"),
        quote_step=Decimal(1).scaleb(-precision) if type(precision) is int and 0 <= precision <= 30 else ZERO,
        status=_status(row) if flag(row, "isSpotTradingAllowed", default=True) else InstrumentStatus.CLOSED,
    )


def _linear(row: Mapping[str, Any]) -> Instrument:
    filters = _filters(row)
    return Instrument(
        symbol=text(row, "symbol"),
        product=Product.LINEAR,
        base=text(row, "baseAsset"),
        quote=text(row, "quoteAsset"),
        settle=text(row, "marginAsset"),
        **_grid(filters),
        min_notional=positive_or_none(filters.get("MIN_NOTIONAL", {}), "notional") or ZERO,
        status=_status(row),
    )


def _status(row: Mapping[str, Any]) -> InstrumentStatus:
    """Every other word is some way of being closed: halts, breaks, settlement, delivery."""
    return _STATUS.get(text(row, "status"), InstrumentStatus.CLOSED)


def _grid(filters: Filters) -> dict[str, Any]:
    price, lot = filters.get("PRICE_FILTER", {}), filters.get("LOT_SIZE", {})
    return {
        # A filter that is absent or zero is a rule that is off.
        "tick_size": positive_or_none(price, "tickSize") or ZERO,
        "min_price": positive_or_none(price, "minPrice"),
        "max_price": positive_or_none(price, "maxPrice"),
        "lot_size": positive_or_none(lot, "stepSize") or ZERO,
        "min_quantity": positive_or_none(lot, "minQty") or ZERO,
        "max_quantity": positive_or_none(lot, "maxQty"),
        "max_market_quantity": positive_or_none(filters.get("MARKET_LOT_SIZE", {}), "maxQty"),
    }
