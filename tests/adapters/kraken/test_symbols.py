from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from tests.adapters.kraken.venue import BTC_USD, BTC_USDT, LISTING, asked, failure, parse, recorded, result, walk
from unified.errors import Kind
from unified.http import HttpResponse
from unified.instrument import Instruments, InstrumentStatus, Product
from unified.operations import FetchInstruments, FetchTickers
from unified_kraken.symbols import (
    NO_ASSETS,
    Assets,
    FetchAssets,
    FetchPairs,
    has_one_name,
    instrument_in,
    is_view,
    is_wanted,
    listed,
)

ASSETS = Assets({"XXBT": "XBT", "ZUSD": "USD", "XXDG": "XDG", "XTZ": "XTZ", "ZORA": "ZORA", "XETH": "ETH"})


def pair(**changes: object) -> dict[str, object]:
    return {
        "altname": "XBTUSD",
        "wsname": "XBT/USD",
        "base": "XXBT",
        "quote": "ZUSD",
        "cost_decimals": 5,
        "pair_decimals": 1,
        "lot_decimals": 8,
        "ordermin": "0.00005",
        "costmin": "0.5",
        "tick_size": "0.1",
        "status": "online",
        "fees": [[0, 0.4]],
        **changes,
    }


def pairs(**rows: dict[str, object]) -> Instruments:
    return pairs_in(result(rows))


def pairs_in(answer: HttpResponse) -> Instruments:
    found = parse(FetchPairs(assets=ASSETS), answer)
    return Instruments(found)


# --- assets


@pytest.mark.parametrize(
    ("asset", "name"),
    [
        pytest.param("XXBT", "BTC", id="bitcoin"),
        pytest.param("XXDG", "DOGE", id="dogecoin"),
        pytest.param("ZUSD", "USD", id="a currency of states"),
        pytest.param("XTZ", "XTZ", id="an asset that begins with X by itself"),
        pytest.param("ZORA", "ZORA", id="a late asset in the shape of the old ids"),
        pytest.param("XBT.F", "BTC.F", id="an earning view keeps its suffix"),
        pytest.param("USDT", "USDT", id="an asset that the list does not hold"),
    ],
)
def test_assets_have_common_names(asset: str, name: str) -> None:
    assert ASSETS.name(asset) == name


@pytest.mark.parametrize("asset", ["XXBT", "XETH", "ZUSD"])
def test_the_first_ids_are_known_without_the_list(asset: str) -> None:
    assert NO_ASSETS.name(asset) == ASSETS.name(asset)
    assert has_one_name(asset)


def test_only_four_letters_with_x_or_z_in_front_need_the_list() -> None:
    names = ("USDT", "XTZ", "ETH2.S", "SOL", "ZORA", "XION")
    assert [name for name in names if not has_one_name(name)] == ["ZORA", "XION"]


def test_what_earns_is_a_view() -> None:
    assert (is_view("XBT.F"), is_view("XXBT")) == (True, False)


def test_the_recorded_assets_are_read() -> None:
    assert asked(FetchAssets()) == ("GET /0/public/Assets", {})
    assets = parse(FetchAssets(), recorded("ExchangeData", "GetAssets.json"))
    assert [assets.name(asset) for asset in ("XXBT", "ZEUR", "ZUSD")] == ["BTC", "EUR", "USD"]


# --- pairs


def test_the_listing_takes_two_calls() -> None:
    steps, listing = walk(FetchInstruments(), [ASSETS, (BTC_USD,)])
    assert [type(step) for step in steps] == [FetchAssets, FetchPairs]
    assert isinstance(steps[1], FetchPairs)
    assert steps[1].assets is ASSETS
    assert listing == (BTC_USD,)


def test_a_pair_with_its_rules() -> None:
    assert asked(FetchPairs(assets=ASSETS)) == ("GET /0/public/AssetPairs", {})
    (item,) = pairs(XXBTZUSD=pair())
    assert (item.name, item.symbol, item.aliases) == ("BTC/USD", "XXBTZUSD", ("XBTUSD", "XBT/USD"))
    assert (item.tick_size, item.lot_size, item.quote_step) == (
        Decimal("0.1"),
        Decimal("0.00000001"),
        Decimal("0.00001"),
    )
    assert (item.min_quantity, item.min_notional) == (Decimal("0.00005"), Decimal("0.5"))
    assert item.status is InstrumentStatus.TRADING


def test_the_recorded_pairs_are_read() -> None:
    found = pairs_in(recorded("ExchangeData", "GetSymbols.json"))
    ether = found.of("XETHXXBT", Product.SPOT)
    assert (ether.name, str(ether.tick_size), str(ether.min_notional)) == ("ETH/BTC", "0.00001", "0.00002")
    assert [item.name for item in found] == ["ETH/BTC", "BTC/USD"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        pytest.param("online", InstrumentStatus.TRADING, id="online"),
        pytest.param("cancel_only", InstrumentStatus.RESTRICTED, id="cancels only"),
        pytest.param("post_only", InstrumentStatus.RESTRICTED, id="post-only"),
        pytest.param("limit_only", InstrumentStatus.RESTRICTED, id="limit orders only"),
        pytest.param("reduce_only", InstrumentStatus.RESTRICTED, id="reducing only"),
        pytest.param("delisted", InstrumentStatus.CLOSED, id="an unknown word"),
    ],
)
def test_status(word: str, status: InstrumentStatus) -> None:
    (item,) = pairs(P=pair(status=word))
    assert item.status is status


def test_an_old_list_without_tick_sizes_has_decimals() -> None:
    row = pair(pair_decimals=2)
    del row["tick_size"]
    (item,) = pairs(P=row)
    assert item.tick_size == Decimal("0.01")


def test_dark_pools_do_not_share_the_names_of_what_trades() -> None:
    found = pairs(**{"XXBTZUSD": pair(), "XXBTZUSD.d": pair(altname="XBTUSD.d")})
    assert [item.symbol for item in found] == ["XXBTZUSD"]


def test_a_pair_without_its_assets_is_malformed() -> None:
    row = pair()
    del row["base"]
    assert failure(FetchPairs(assets=ASSETS), result({"P": row})).kind is Kind.MALFORMED_RESPONSE


# --- finding


@pytest.mark.parametrize("name", ["XXBTZUSD", "XBTUSD", "XBT/USD", "BTC/USD"])
def test_an_answer_may_call_a_pair_by_any_of_its_names(name: str) -> None:
    assert listed(LISTING, name) is BTC_USD


def test_what_the_listing_does_not_hold_gets_a_stand_in() -> None:
    assert listed(LISTING, "SUIUSD") is None
    found = instrument_in(LISTING, "SUIUSD")
    assert (found.symbol, found.status) == ("SUIUSD", InstrumentStatus.UNLISTED)


def test_one_instrument_stays_itself_when_its_rules_change() -> None:
    one = FetchTickers(listing=LISTING, instrument=evolve(BTC_USD, tick_size=Decimal(1)))
    assert (is_wanted(one, BTC_USD), is_wanted(one, BTC_USDT)) == (True, False)
    assert is_wanted(FetchTickers(listing=LISTING), BTC_USDT)
