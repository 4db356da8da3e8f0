from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.venue import BTC, BTC_USDC, LISTING, asked, failure, parse, product_row, recorded, walk
from unified.errors import Kind
from unified.instrument import Instruments, InstrumentStatus, Product
from unified.market_data import Ticker
from unified.operations import FetchInstruments, FetchTickers, Page
from unified_coinbase.symbols import FetchProducts, instrument_of


def answer(*products: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"products": list(products), "num_products": len(products), **more}


def test_the_list_is_asked_for_spot_and_page_by_page() -> None:
    assert asked(FetchProducts()) == ("GET /market/products", [("product_type", "SPOT")])
    assert asked(FetchProducts(cursor="Q==")) == ("GET /market/products", [("product_type", "SPOT"), ("cursor", "Q==")])


@pytest.mark.parametrize(
    ("paging", "cursor"),
    [
        pytest.param({}, None, id="no word about pages"),
        pytest.param({"pagination": None}, None, id="an empty word about pages"),
        pytest.param({"pagination": {"next_cursor": "Q==", "has_next": False}}, None, id="the last page"),
        pytest.param({"pagination": {"next_cursor": "Q==", "has_next": True}}, "Q==", id="more to come"),
    ],
)
def test_the_next_page(paging: dict[str, object], cursor: str | None) -> None:
    assert parse(FetchProducts(), answer(product_row(), **paging)).cursor == cursor


def test_what_is_not_spot_is_left_out() -> None:
    future = product_row(product_id="BIT-24APR26-CDE", product_type="FUTURE")
    page = parse(FetchProducts(), answer(future, product_row(), product_row(product_id="AAPL", product_type="EQUITY")))
    assert [row["product_id"] for row in page.items] == ["BTC-USD"]


def test_all_pages_make_the_listing() -> None:
    other = product_row(product_id="ETH-USD", base_currency_id="ETH")
    steps, instruments = walk(FetchInstruments(), [Page(items=(product_row(),), cursor="2"), Page(items=(other,))])
    assert steps == [FetchProducts(), FetchProducts(cursor="2")]
    assert [item.name for item in instruments] == ["BTC/USD", "ETH/USD"]


def test_a_cursor_that_stands_still_ends_the_walk() -> None:
    page = Page(items=(product_row(),), cursor="2")
    steps, _ = walk(FetchInstruments(), [page, page])
    assert len(steps) == 2


def test_a_product_with_its_rules() -> None:
    item = instrument_of(product_row())
    assert (item.symbol, item.product, item.base, item.quote) == ("BTC-USD", Product.SPOT, "BTC", "USD")
    assert (item.tick_size, item.lot_size, item.quote_step) == (Decimal("0.05"), Decimal("0.00000001"), Decimal("0.01"))
    assert (item.min_quantity, item.max_quantity) == (Decimal("0.00000001"), Decimal(3400))
    assert (item.min_notional, item.max_notional) == (Decimal(1), Decimal(150_000_000))
    assert item.status is InstrumentStatus.TRADING


def test_the_quote_increment_stands_in_for_a_missing_price_step() -> None:
    assert instrument_of(product_row(price_increment="")).tick_size == Decimal("0.01")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"status": "delisted"}, InstrumentStatus.CLOSED, id="not online"),
        pytest.param({"is_disabled": True}, InstrumentStatus.CLOSED, id="disabled"),
        pytest.param({"trading_disabled": True}, InstrumentStatus.CLOSED, id="trading disabled"),
        pytest.param({"view_only": True}, InstrumentStatus.CLOSED, id="to look at only"),
        pytest.param({"cancel_only": True}, InstrumentStatus.RESTRICTED, id="cancels only"),
        pytest.param({"limit_only": True}, InstrumentStatus.RESTRICTED, id="limits only"),
        pytest.param({"post_only": True}, InstrumentStatus.RESTRICTED, id="post-only"),
        pytest.param({"auction_mode": True}, InstrumentStatus.RESTRICTED, id="an auction"),
        pytest.param({"view_only": None}, InstrumentStatus.TRADING, id="a flag that is not filled in"),
    ],
)
def test_whether_it_trades(changes: dict[str, object], status: InstrumentStatus) -> None:
    assert instrument_of(product_row(**changes)).status is status


def test_two_products_on_one_book_stay_two_instruments() -> None:
    usd = instrument_of(product_row())
    usdc = instrument_of(product_row(product_id="BTC-USDC", quote_currency_id="USDC", alias="BTC-USD", alias_to=[]))
    listing = Instruments([usd, usdc])
    for spelling, wanted in (("BTC-USD", usd), ("btcusd", usd), ("BTC-USDC", usdc), ("BTC/USDC", usdc)):
        assert listing.find(spelling) is wanted
    assert (usd.native, usdc.native) == ("", "BTC-USD")


def test_tickers_are_those_of_the_listing() -> None:
    rows = (product_row(best_bid_price="68923.66", best_ask_price="", high_24h="70000", low_24h="0"),)
    strange = product_row(product_id="NEW-USD")
    _, tickers = walk(FetchTickers(listing=LISTING), [Page(items=(*rows, strange))])
    assert tickers == (
        Ticker(
            instrument=BTC,
            bid=Decimal("68923.66"),
            last=Decimal("68923.67"),
            high_24h=Decimal(70000),
            volume_24h=Decimal("11005.02587005"),
            quote_volume_24h=Decimal("758506771.41"),
        ),
    )


def test_tickers_of_one_instrument() -> None:
    rows = (product_row(), product_row(product_id="BTC-USDC"))
    _, tickers = walk(FetchTickers(listing=LISTING, instrument=BTC_USDC), [Page(items=rows)])
    assert [ticker.instrument for ticker in tickers] == [BTC_USDC]


def test_the_recorded_list_is_read() -> None:
    row = parse(FetchProducts(), recorded("ExchangeData", "GetSymbols.json")).items[0]
    item = instrument_of(row)
    assert (item.symbol, item.tick_size, item.max_quantity) == ("BTC-USD", Decimal("0.00000001"), Decimal(1000))
    assert item.status is InstrumentStatus.CLOSED


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no products"),
        pytest.param({"products": [1]}, id="a row that is no object"),
        pytest.param({"products": [], "pagination": [1]}, id="pages that are no object"),
    ],
)
def test_a_list_of_another_shape_is_malformed(body: dict[str, object]) -> None:
    assert failure(FetchProducts(), body).kind is Kind.MALFORMED_RESPONSE
