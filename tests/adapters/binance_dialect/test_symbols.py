from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance.venue import parse
from unified.errors import Kind, VenueError
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.operations import FetchInstruments

SPOT_ROW: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "quoteAssetPrecision": 8,
    "isSpotTradingAllowed": True,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.0", "stepSize": "0.00001000"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.0", "maxQty": "120.50000000", "stepSize": "0.00000000"},
        {"filterType": "NOTIONAL", "minNotional": "5.0", "maxNotional": "9000000.00000000"},
    ],
}
LINEAR_ROW: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "contractType": "PERPETUAL",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "556.80", "maxPrice": "4529764", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MIN_NOTIONAL", "notional": "50"},
    ],
}


def spot(**changes: Any) -> Instrument:
    (found,) = parse(FetchInstruments(), {"symbols": [{**SPOT_ROW, **changes}]})
    return found


def linear(*rows: dict[str, Any]) -> tuple[Instrument, ...]:
    return parse(FetchInstruments(product=Product.LINEAR), {"symbols": [{**LINEAR_ROW, **row} for row in rows]})


def test_a_spot_pair_takes_its_rules_from_the_filters() -> None:
    assert spot() == Instrument(
        symbol="BTCUSDT",
        product=Product.SPOT,
        base="BTC",
        quote="USDT",
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.00001"),
        min_quantity=Decimal("0.00001"),
        max_quantity=Decimal(9000),
        max_market_quantity=Decimal("120.5"),
        min_price=Decimal("0.01"),
        max_price=Decimal(1000000),
        min_notional=Decimal(5),
        max_notional=Decimal(9000000),
        quote_step=Decimal("1E-8"),
    )


def test_the_older_filter_of_the_notional_still_counts() -> None:
    old = {"filterType": "MIN_NOTIONAL", "minNotional": "10.0"}
    assert spot(filters=[*SPOT_ROW["filters"][:3], old]).min_notional == Decimal(10)


def test_a_filter_that_is_absent_or_zero_is_no_rule() -> None:
    off = {"filterType": "PRICE_FILTER", "minPrice": "0.0", "maxPrice": "0.0", "tickSize": "0.0"}
    item = spot(filters=[off])
    assert {item.tick_size, item.lot_size, item.min_quantity, item.min_notional} == {Decimal(0)}
    assert (item.min_price, item.max_price, item.max_quantity) == (None, None, None)
    item.check(price=Decimal("1.23456789"), quantity=Decimal("0.000000001"))


def test_a_perpetual_is_named_with_its_margin_currency() -> None:
    (item,) = linear({})
    assert (item.name, item.settle, item.contract_size) == ("BTC/USDT:USDT", "USDT", Decimal(1))
    assert (item.tick_size, item.lot_size, item.min_notional) == (Decimal("0.10"), Decimal("0.001"), Decimal(50))
    assert (item.max_quantity, item.max_market_quantity) == (Decimal(1000), Decimal(120))


@pytest.mark.parametrize(
    ("row", "listed"),
    [
        pytest.param({"contractType": "TRADIFI_PERPETUAL"}, True, id="a perpetual on a share"),
        pytest.param({"contractType": "CURRENT_QUARTER", "symbol": "BTCUSDT_261225"}, False, id="a dated contract"),
        pytest.param({"contractType": ""}, False, id="a contract that is not listed yet"),
        pytest.param(
            {"symbol": "BTCUSD_PERP", "quoteAsset": "USD", "marginAsset": "BTC"}, False, id="a COIN-M contract"
        ),
    ],
)
def test_only_perpetuals_settled_in_the_quote_currency_are_linear(row: dict[str, str], listed: bool) -> None:
    assert bool(linear(row)) == listed


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("TRADING", InstrumentStatus.TRADING),
        ("CANCEL_ONLY", InstrumentStatus.RESTRICTED),
        ("HALT", InstrumentStatus.CLOSED),
        ("BREAK", InstrumentStatus.CLOSED),
        ("A_NEW_WORD", InstrumentStatus.CLOSED),
    ],
)
def test_a_symbol_trades_only_where_the_venue_says_so(word: str, status: InstrumentStatus) -> None:
    assert spot(status=word).status is status
    assert linear({"status": word})[0].status is status


def test_a_pair_for_margin_accounts_only_is_closed_to_spot_orders() -> None:
    assert spot(isSpotTradingAllowed=False).status is InstrumentStatus.CLOSED


def test_a_symbol_beyond_ascii_is_kept_and_its_name_comes_from_the_assets() -> None:
    item = spot(symbol="\u5e01\u5b89USDT", baseAsset="\u5e01\u5b89")
    assert (item.symbol, item.name) == ("\u5e01\u5b89USDT", "\u5e01\u5b89/USDT")


@pytest.mark.parametrize(
    "answer",
    [{}, {"symbols": None}, {"symbols": [1]}, {"symbols": [{}]}, {"symbols": [{**SPOT_ROW, "filters": [None]}]}],
    ids=["no list", "null", "a number", "an empty row", "a filter that is none"],
)
def test_what_is_no_listing_is_malformed(answer: object) -> None:
    with pytest.raises(VenueError) as raised:
        parse(FetchInstruments(), answer)
    assert raised.value.kind is Kind.MALFORMED_RESPONSE
