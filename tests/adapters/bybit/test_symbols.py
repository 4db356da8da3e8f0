from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bybit.venue import LISTING, PERPETUAL, SPOT, answer, asked, failure, listed, parse, recorded, walk
from unified.errors import Kind
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.operations import FetchInstruments, Page
from unified_bybit.symbols import FetchInstrumentPage, instrument_in

LINEAR = FetchInstrumentPage(product=Product.LINEAR)
PERPETUAL_ROW = {
    "symbol": "1000PEPEUSDT",
    "contractType": "LinearPerpetual",
    "status": "Trading",
    "baseCoin": "1000PEPE",
    "quoteCoin": "USDT",
    "settleCoin": "USDT",
    "priceFilter": {"minPrice": "0.0000001", "maxPrice": "19.9999998", "tickSize": "0.0000001"},
    "lotSizeFilter": {
        "maxOrderQty": "20000000",
        "maxMktOrderQty": "2000000",
        "minOrderQty": "100",
        "qtyStep": "100",
        "minNotionalValue": "5",
    },
}
SPOT_ROW = {
    "symbol": "BTCUSDT",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "status": "Trading",
    "lotSizeFilter": {
        "basePrecision": "0.000001",
        "quotePrecision": "0.0000001",
        "minOrderQty": "0.000011",
        "maxOrderQty": "83",
        "minOrderAmt": "5",
        "maxOrderAmt": "8000000",
        "maxLimitOrderQty": "83",
        "maxMarketOrderQty": "41.5",
    },
    "priceFilter": {"tickSize": "0.1"},
}


def one(product: Product, row: dict[str, Any]) -> Instrument:
    (found,) = parse(FetchInstrumentPage(product=product), listed(row)).items
    return found


def test_pages_are_as_long_as_they_may_be() -> None:
    assert asked(LINEAR) == ("GET /v5/market/instruments-info", {"category": "linear", "limit": "1000"})
    following = FetchInstrumentPage(product=Product.LINEAR, cursor="a%3D1")
    assert asked(following)[1]["cursor"] == "a=1"


def test_all_pages_make_the_listing() -> None:
    steps, found = walk(
        FetchInstruments(product=Product.LINEAR), [Page(items=(PERPETUAL,), cursor="next"), Page(items=(SPOT,))]
    )
    assert steps == [LINEAR, FetchInstrumentPage(product=Product.LINEAR, cursor="next")]
    assert found == (PERPETUAL, SPOT)


@pytest.mark.parametrize(
    ("cursor", "following"),
    [pytest.param("first%3DXRP", "first%3DXRP", id="there is more"), pytest.param("", None, id="the last page")],
)
def test_a_page_tells_where_the_next_begins(cursor: str, following: str | None) -> None:
    assert parse(LINEAR, listed(PERPETUAL_ROW, cursor=cursor)).cursor == following


def test_an_empty_page_is_the_last_whatever_it_says() -> None:
    assert parse(LINEAR, listed(cursor="again")).cursor is None


def test_a_perpetual() -> None:
    found = one(Product.LINEAR, PERPETUAL_ROW)
    assert (found.name, found.settle, found.contract_size) == ("1000PEPE/USDT:USDT", "USDT", Decimal(1))
    assert (found.tick_size, found.lot_size) == (Decimal("0.0000001"), Decimal(100))
    assert (found.min_quantity, found.max_quantity, found.max_market_quantity) == tuple(
        map(Decimal, (100, 20000000, 2000000))
    )
    assert (found.min_price, found.max_price, found.min_notional) == (
        Decimal("1E-7"),
        Decimal("19.9999998"),
        Decimal(5),
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"contractType": "LinearFutures"}, id="a dated future"),
        pytest.param({"settleCoin": "USDC"}, id="another settle currency"),
    ],
)
def test_other_linear_contracts_are_left_out(change: dict[str, str]) -> None:
    assert parse(LINEAR, listed({**PERPETUAL_ROW, **change})).items == ()


def test_a_spot_pair_has_no_least_quantity_but_a_least_notional() -> None:
    found = one(Product.SPOT, SPOT_ROW)
    assert (found.name, found.settle) == ("BTC/USDT", None)
    assert (found.tick_size, found.lot_size, found.quote_step) == (
        Decimal("0.1"),
        Decimal("0.000001"),
        Decimal("0.0000001"),
    )
    assert (found.min_quantity, found.max_quantity, found.max_market_quantity) == (
        Decimal(0),
        Decimal(83),
        Decimal("41.5"),
    )
    assert (found.min_notional, found.max_notional) == (Decimal(5), None)


@pytest.mark.parametrize("status", ["PreLaunch", "Delivering", "Closed", "new word"])
def test_only_what_trades_is_open(status: str) -> None:
    assert one(Product.SPOT, {**SPOT_ROW, "status": status}).status is InstrumentStatus.CLOSED


def test_a_row_without_its_rules_is_malformed() -> None:
    broken = {**SPOT_ROW, "priceFilter": {}}
    assert failure(FetchInstrumentPage(), listed(broken)).kind is Kind.MALFORMED_RESPONSE
    assert failure(FetchInstrumentPage(), answer({"list": {}})).kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_listings() -> None:
    (pair,) = parse(FetchInstrumentPage(), recorded("ExchangeData", "GetSpotSymbols.json")).items
    assert (str(pair.tick_size), str(pair.lot_size), str(pair.min_notional)) == ("0.01", "0.000001", "1")
    (contract,) = parse(LINEAR, recorded("ExchangeData", "GetLinearInverseSymbols.json")).items
    assert (str(contract.tick_size), str(contract.lot_size), str(contract.max_quantity)) == ("0.10", "0.001", "100.000")
    (coming,) = parse(LINEAR, recorded("ExchangeData", "GetLinearInverseSymbolsPreListing.json")).items
    assert coming.status is InstrumentStatus.CLOSED


def test_a_spot_row_is_never_lost_but_a_linear_one_must_be_listed() -> None:
    assert instrument_in(LISTING, "BTCUSDT", Product.LINEAR) is PERPETUAL
    unlisted = instrument_in(LISTING, "NEWUSDT", Product.SPOT)
    assert unlisted is not None
    assert unlisted.status is InstrumentStatus.UNLISTED
    assert instrument_in(LISTING, "BTC-26DEC25", Product.LINEAR) is None
