"""The instrument lists and the units of quantity. Names come from the venue's fields, never from an id's text.

A swap is counted in contracts: base units = contracts x ctVal x ctMult.
Source: OKX API v5 docs, #trading-account-rest-api-get-instruments (2026-07-18); rows seen live 2026-04-27.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.instrument import ONE, ZERO, Instrument, Instruments, InstrumentStatus, Product
from unified.operations import FetchInstruments
from unified.wire import Json, decimal, decimal_or_none, positive_or_none, text, text_or_none, used_up

NATIVE_TYPE = {Product.SPOT: "SPOT", Product.LINEAR: "SWAP"}
SETTLE = "USDT"
"""The linear swaps that are served; USD-family and USDC ones share the list and are left out."""

_STATUS = {"live": InstrumentStatus.TRADING, "post_only": InstrumentStatus.RESTRICTED}
_RULES = ("tickSz", "lotSz", "minSz")


def instruments_parameters(operation: FetchInstruments) -> Mapping[str, str]:
    return {"instType": NATIVE_TYPE[operation.product]}


def parse_instruments(operation: FetchInstruments, rows: list[Json]) -> tuple[Instrument, ...]:
    """Rows without numbers are announced instruments that have no rules yet: they are left out."""
    found = used_up(rows, "data[]")
    ruled = (row for row in found if all(text_or_none(row, name) for name in _RULES))
    if operation.product is Product.SPOT:
        return tuple(_spot(row) for row in ruled)
    return tuple(_linear(row) for row in ruled if _is_linear_perpetual(row))


def _is_linear_perpetual(row: Mapping[str, Any]) -> bool:
    return row.get("ctType") == "linear" and row.get("settleCcy") == SETTLE and bool(text_or_none(row, "ctVal"))


def _spot(row: Mapping[str, Any]) -> Instrument:
    """The largest market order is not taken over: for spot `maxMktSz` counts USDT, not base units."""
    return Instrument(
        symbol=text(row, "instId"),
        product=Product.SPOT,
        base=text(row, "baseCcy"),
        quote=text(row, "quoteCcy"),
        tick_size=decimal(row, "tickSz"),
        lot_size=decimal(row, "lotSz"),
        min_quantity=decimal(row, "minSz"),
        max_quantity=positive_or_none(row, "maxLmtSz"),
        status=_STATUS.get(text(row, "state"), InstrumentStatus.CLOSED),
        native=text_or_none(row, "instIdCode") or "",
    )


def _linear(row: Mapping[str, Any]) -> Instrument:
    contract = decimal(row, "ctVal") * (decimal_or_none(row, "ctMult") or ONE)
    most, most_at_market = positive_or_none(row, "maxLmtSz"), positive_or_none(row, "maxMktSz")
    return Instrument(
        symbol=text(row, "instId"),
        product=Product.LINEAR,
        base=text(row, "ctValCcy"),
        quote=text(row, "settleCcy"),
        settle=text(row, "settleCcy"),
        tick_size=decimal(row, "tickSz"),
        lot_size=decimal(row, "lotSz") * contract,
        min_quantity=decimal(row, "minSz") * contract,
        max_quantity=None if most is None else most * contract,
        max_market_quantity=None if most_at_market is None else most_at_market * contract,
        contract_size=contract,
        status=_STATUS.get(text(row, "state"), InstrumentStatus.CLOSED),
        native=text_or_none(row, "instIdCode") or "",
    )


def instrument_in(listing: Instruments, symbol: str, product: Product) -> Instrument | None:
    """The instrument of a row; None where the row is not known to belong to the product.

    Inverse, USDC and linear swaps stand in the same lists, told apart by the listing only, and each counts
    in contracts of its own size: a swap that the listing does not hold has no quantity in base units.
    """
    return listing.of(symbol, product) if product is Product.SPOT else listing.listed(symbol, product)


_OWN_TYPES = {Product.SPOT: ("SPOT", "MARGIN"), Product.LINEAR: ("SWAP",)}
"""A spot pair traded by a multi-currency account may be written as MARGIN."""


def own_instrument(listing: Instruments, row: Mapping[str, Any], product: Product) -> Instrument | None:
    """The instrument of an order's or a fill's row; None where the row belongs to another product."""
    if text(row, "instType") not in _OWN_TYPES[product]:
        return None
    return instrument_in(listing, text(row, "instId"), product)


def to_native(instrument: Instrument, quantity: Decimal) -> Decimal:
    """Base units to what `sz` counts."""
    return quantity if instrument.contract_size == ONE else quantity / instrument.contract_size


def to_base(instrument: Instrument, size: Decimal) -> Decimal:
    """What `sz` counts to base units."""
    return size if instrument.contract_size == ONE else size * instrument.contract_size


def base_or_none(instrument: Instrument, row: Mapping[str, Any], key: str) -> Decimal | None:
    """A size of a row in base units; None where it is empty."""
    size = decimal_or_none(row, key)
    return None if size is None else to_base(instrument, size)


def base(instrument: Instrument, row: Mapping[str, Any], key: str) -> Decimal:
    """A size of a row in base units; zero where it is empty."""
    return base_or_none(instrument, row, key) or ZERO
