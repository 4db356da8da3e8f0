"""The product list: pages out, instruments and their day's figures in. Names come from the venue's fields.

`BTC-USD` and `BTC-USDC` share one book and are two instruments: an order is paid from the wallet of the product
that it names. So an alias is never another spelling here; it stands in `Instrument.native`, for doors that answer
with the book's own id.

Source: docs.cdp.coinbase.com, list-public-products (2026-09-08); rows seen live 2026-04-07.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.adapter import Steps
from unified.instrument import ZERO, Instrument, InstrumentStatus, Product
from unified.market_data import Ticker
from unified.operations import FetchInstruments, FetchTickers, Operation, Page, Priority
from unified.values import frozen
from unified.wire import children, decimal, decimal_or_none, flag, obj, optional, positive_or_none, text, text_or_none

SPOT = "SPOT"
_UNTOLD = (SPOT, "UNKNOWN_PRODUCT_TYPE", "")
"""Product types of rows that may be spot."""

Row = dict[str, Any]


@frozen(kw_only=True)
class FetchProducts(Operation[Page[Row]]):
    """One page of the product list, as it came."""

    name = "products"
    priority = Priority.PUBLIC_READ
    cursor: str | None = None


def products_parameters(operation: FetchProducts) -> Mapping[str, str]:
    """Without a limit the list has come whole so far; the cursor is for the day when it does not."""
    parameters = {"product_type": SPOT}
    return parameters if operation.cursor is None else {**parameters, "cursor": operation.cursor}


def parse_products(_operation: FetchProducts, body: Row) -> Page[Row]:
    rows = (obj(row, "products[]") for row in children(body, "products"))
    paging = optional(body, "pagination") or {}
    following = text_or_none(obj(paging, "pagination"), "next_cursor") if flag(paging, "has_next", False) else None
    return Page(items=tuple(row for row in rows if is_spot(row)), cursor=following)


def is_spot(row: Mapping[str, Any]) -> bool:
    """Whether a row of any list may be about spot: futures and shares stand in the same lists."""
    return (text_or_none(row, "product_type") or "") in _UNTOLD


def _every_product() -> Steps[list[Row]]:
    rows: list[Row] = []
    question = FetchProducts()
    while True:
        page: Page[Row] = yield question
        rows += page.items
        if page.cursor is None or page.cursor == question.cursor:
            return rows
        question = FetchProducts(cursor=page.cursor)


# --- instruments


def fetch_instruments(_operation: FetchInstruments) -> Steps[tuple[Instrument, ...]]:
    rows = yield from _every_product()
    return tuple(map(instrument_of, rows))


def instrument_of(row: Mapping[str, Any]) -> Instrument:
    """A product with its rules."""
    return Instrument(
        symbol=text(row, "product_id"),
        product=Product.SPOT,
        base=text(row, "base_currency_id"),
        quote=text(row, "quote_currency_id"),
        tick_size=positive_or_none(row, "price_increment") or decimal(row, "quote_increment"),
        lot_size=decimal(row, "base_increment"),
        min_quantity=decimal_or_none(row, "base_min_size") or ZERO,
        max_quantity=positive_or_none(row, "base_max_size"),
        min_notional=decimal_or_none(row, "quote_min_size") or ZERO,
        max_notional=positive_or_none(row, "quote_max_size"),
        quote_step=decimal_or_none(row, "quote_increment") or ZERO,
        status=_status(row),
        native=text_or_none(row, "alias") or "",
    )


_CLOSED = ("is_disabled", "trading_disabled", "view_only")
_NARROWED = ("cancel_only", "limit_only", "post_only", "auction_mode")


def _status(row: Mapping[str, Any]) -> InstrumentStatus:
    if text_or_none(row, "status") != "online" or any(flag(row, name, False) for name in _CLOSED):
        return InstrumentStatus.CLOSED
    narrowed = any(flag(row, name, False) for name in _NARROWED)
    return InstrumentStatus.RESTRICTED if narrowed else InstrumentStatus.TRADING


# --- tickers


def fetch_tickers(operation: FetchTickers) -> Steps[tuple[Ticker, ...]]:
    """The product list holds the day's figures, and at times the best prices."""
    rows = yield from _every_product()
    wanted = None if operation.instrument is None else operation.instrument.symbol
    found = []
    for row in rows:
        instrument = operation.listing.listed(text(row, "product_id"), operation.product)
        if instrument is not None and wanted in (None, instrument.symbol):
            found.append(_ticker(instrument, row))
    return tuple(found)


def _ticker(instrument: Instrument, row: Mapping[str, Any]) -> Ticker:
    return Ticker(
        instrument=instrument,
        bid=positive_or_none(row, "best_bid_price"),
        ask=positive_or_none(row, "best_ask_price"),
        last=positive_or_none(row, "price"),
        high_24h=positive_or_none(row, "high_24h"),
        low_24h=positive_or_none(row, "low_24h"),
        volume_24h=decimal_or_none(row, "volume_24h"),
        quote_volume_24h=decimal_or_none(row, "approximate_quote_24h_volume"),
    )
