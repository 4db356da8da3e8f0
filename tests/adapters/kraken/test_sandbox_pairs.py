from __future__ import annotations

from decimal import Decimal

import pytest

from unified.sandbox.listing import MarketMode
from unified_kraken.sandbox_call import Refused
from unified_kraken.sandbox_pairs import ASSETS, MAKER_FEES, PAIRS, asset_of, fee_at, pair_of, rates


@pytest.mark.parametrize(
    ("name", "pair_id"),
    [
        pytest.param("XXBTZUSD", "XXBTZUSD", id="the id"),
        pytest.param("XBTUSD", "XXBTZUSD", id="the altname"),
        pytest.param("XBT/USD", "XXBTZUSD", id="the name of the old streams"),
        pytest.param("BTC/USD", "XXBTZUSD", id="the common name"),
        pytest.param("DOGE/USD", "XDGUSD", id="a coin with a name of Kraken's own"),
        pytest.param("XBTUSDT", "XBTUSDT", id="a pair whose id is its altname"),
    ],
)
def test_a_pair_has_several_names(name: str, pair_id: str) -> None:
    assert pair_of(name).id == pair_id


@pytest.mark.parametrize(
    ("name", "asset_id"), [("XXBT", "XXBT"), ("XBT", "XXBT"), ("BTC", "XXBT"), ("USD", "ZUSD"), ("USDT", "USDT")]
)
def test_an_asset_has_several_names(name: str, asset_id: str) -> None:
    assert asset_of(name).id == asset_id


def test_unknown_names_are_refused() -> None:
    with pytest.raises(Refused, match="EQuery:Unknown asset pair"):
        pair_of("XBTNOPE")
    with pytest.raises(Refused, match=r"EQuery:Unknown asset$"):
        asset_of("NOPE")


def test_no_two_pairs_share_a_name() -> None:
    names = [name for pair in PAIRS for name in set(pair.names)]
    assert len(names) == len(set(names))


def test_pairs_are_made_of_the_assets_that_are_listed() -> None:
    assert {asset for pair in PAIRS for asset in (pair.base, pair.quote)} == set(ASSETS)


def test_the_engine_is_told_the_rules_that_clients_are_told() -> None:
    for pair in PAIRS:
        row, instrument = pair.row(MarketMode.OPEN, common=False), pair.listing().instrument
        assert (instrument.symbol, instrument.base, instrument.quote) == (pair.id, row["base"], row["quote"])
        assert instrument.tick_size == Decimal(row["tick_size"])
        assert instrument.lot_size == Decimal(1).scaleb(-row["lot_decimals"])
        assert instrument.min_quantity == Decimal(row["ordermin"])
        assert instrument.min_notional == Decimal(row["costmin"])


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        (MarketMode.OPEN, "online"),
        (MarketMode.POST_ONLY, "post_only"),
        (MarketMode.CANCEL_ONLY, "cancel_only"),
        (MarketMode.CLOSED, "cancel_only"),
    ],
)
def test_a_pair_tells_its_mode(mode: MarketMode, status: str) -> None:
    assert pair_of("XBTUSD").row(mode, common=False)["status"] == status


def test_common_names_are_on_request() -> None:
    row = pair_of("XDGUSD").row(MarketMode.OPEN, common=True)
    assert (row["altname"], row["base"], row["quote"], row["wsname"]) == ("DOGE/USD", "DOGE", "USD", "XDG/USD")


def test_fees_fall_with_volume_and_are_told_in_percent() -> None:
    assert (fee_at(MAKER_FEES, 9_999), fee_at(MAKER_FEES, 10_000)) == (25, 20)
    assert (rates(0).maker, rates(0).taker) == (Decimal("0.0025"), Decimal("0.0040"))
    assert (rates(12_000).maker, rates(12_000).taker) == (Decimal("0.0020"), Decimal("0.0035"))
    assert pair_of("XBTUSD").fees()["fees"] == [[0, 0.4], [10_000, 0.35]]
