"""The instrument lists. Names come from the venue's fields, never from a symbol's text.

Spot and linear symbols may be spelled alike (`BTCUSDT`): product and symbol together name an instrument.
Source: Bybit V5 docs, market/instrument.mdx (2026-07).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from unified.adapter import Steps
from unified.instrument import ZERO, Instrument, Instruments, InstrumentStatus, Product
from unified.operations import FetchInstruments, Operation, Page, Priority
from unified.values import frozen
from unified.wire import child, children, decimal, decimal_or_none, obj, positive_or_none, text, text_or_none
from unified_bybit.faults import Answer

CATEGORY = {Product.SPOT: "spot", Product.LINEAR: "linear"}
SETTLE = "USDT"
"""The linear perpetuals that are served; USDC ones and dated futures share the list and are left out."""

_MOST = 1000
_STATUS = {"Trading": InstrumentStatus.TRADING}


@frozen(kw_only=True)
class FetchInstrumentPage(Operation[Page[Instrument]]):
    """One page of the list: linear has more rows than one page holds by default."""

    name = "instruments_page"
    priority = Priority.PUBLIC_READ
    cursor: str | None = None


def fetch_instruments(operation: FetchInstruments) -> Steps[tuple[Instrument, ...]]:
    """All pages."""
    found: tuple[Instrument, ...] = ()
    question = FetchInstrumentPage(product=operation.product)
    while True:
        page: Page[Instrument] = yield question
        found += page.items
        if page.cursor is None:
            return found
        question = evolve(question, cursor=page.cursor)


def instruments_parameters(operation: FetchInstrumentPage) -> Mapping[str, str]:
    parameters = {"category": CATEGORY[operation.product], "limit": str(_MOST)}
    return parameters if operation.cursor is None else {**parameters, "cursor": operation.cursor}


def parse_instruments(operation: FetchInstrumentPage, answer: Answer) -> Page[Instrument]:
    """Without a status only what trades is listed."""
    rows = [obj(row, "list[]") for row in children(answer.result, "list")]
    if operation.product is Product.SPOT:
        items = tuple(_spot(row) for row in rows)
    else:
        items = tuple(_linear(row) for row in rows if _is_linear_perpetual(row))
    return Page(items=items, cursor=next_cursor(answer))


def next_cursor(answer: Answer) -> str | None:
    """Where the next page begins; None after the last one. Spot lists may leave the field out."""
    found = text_or_none(answer.result, "nextPageCursor")
    return found if children(answer.result, "list") else None


def _is_linear_perpetual(row: Mapping[str, Any]) -> bool:
    return row.get("contractType") == "LinearPerpetual" and row.get("settleCoin") == SETTLE


def _spot(row: Mapping[str, Any]) -> Instrument:
    """`minOrderQty`, `maxOrderQty` and `maxOrderAmt` are retired: the least notional and newer maxima rule."""
    lots = child(row, "lotSizeFilter")
    return Instrument(
        symbol=text(row, "symbol"),
        product=Product.SPOT,
        base=text(row, "baseCoin"),
        quote=text(row, "quoteCoin"),
        tick_size=decimal(child(row, "priceFilter"), "tickSize"),
        lot_size=decimal(lots, "basePrecision"),
        max_quantity=positive_or_none(lots, "maxLimitOrderQty"),
        max_market_quantity=positive_or_none(lots, "maxMarketOrderQty"),
        min_notional=decimal(lots, "minOrderAmt"),
        quote_step=decimal(lots, "quotePrecision"),
        status=_STATUS.get(text(row, "status"), InstrumentStatus.CLOSED),
    )


def _linear(row: Mapping[str, Any]) -> Instrument:
    """Quantities are base units. Scaled contracts carry their factor in the base's name: 1000PEPE."""
    lots, prices = child(row, "lotSizeFilter"), child(row, "priceFilter")
    return Instrument(
        symbol=text(row, "symbol"),
        product=Product.LINEAR,
        base=text(row, "baseCoin"),
        quote=text(row, "quoteCoin"),
        settle=text(row, "settleCoin"),
        tick_size=decimal(prices, "tickSize"),
        lot_size=decimal(lots, "qtyStep"),
        min_quantity=decimal(lots, "minOrderQty"),
        max_quantity=positive_or_none(lots, "maxOrderQty"),
        max_market_quantity=positive_or_none(lots, "maxMktOrderQty"),
        min_price=positive_or_none(prices, "minPrice"),
        max_price=positive_or_none(prices, "maxPrice"),
        min_notional=decimal_or_none(lots, "minNotionalValue") or ZERO,
        status=_STATUS.get(text(row, "status"), InstrumentStatus.CLOSED),
    )


def instrument_in(listing: Instruments, symbol: str, product: Product) -> Instrument | None:
    """The instrument of a row; None where the row is not known to belong to the product.

    Dated futures and USDC contracts stand in the linear lists too, told apart by the listing only.
    """
    return listing.of(symbol, product) if product is Product.SPOT else listing.listed(symbol, product)
