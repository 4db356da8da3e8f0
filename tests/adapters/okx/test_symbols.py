from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.okx.venue import LISTING, SPOT, SWAP, asked, parse, recorded, rows
from unified.instrument import InstrumentStatus, Product
from unified.operations import FetchInstruments
from unified_okx.symbols import base, base_or_none, instrument_in, to_base, to_native

SPOT_ROW: dict[str, Any] = {
    "instType": "SPOT",
    "instId": "BTC-USDT",
    "baseCcy": "BTC",
    "quoteCcy": "USDT",
    "settleCcy": "",
    "state": "live",
    "tickSz": "0.1",
    "lotSz": "0.00000001",
    "minSz": "0.00001",
    "maxLmtSz": "9999999999",
    "maxMktSz": "1000000",
    "ctVal": "",
    "ctMult": "",
    "ctType": "",
    "ctValCcy": "",
    "instIdCode": 3,
}
SWAP_ROW: dict[str, Any] = {
    **SPOT_ROW,
    "instType": "SWAP",
    "instId": "BTC-USDT-SWAP",
    "baseCcy": "",
    "quoteCcy": "",
    "settleCcy": "USDT",
    "lotSz": "0.01",
    "minSz": "0.02",
    "maxLmtSz": "100000000",
    "maxMktSz": "34000",
    "ctVal": "0.01",
    "ctMult": "1",
    "ctType": "linear",
    "ctValCcy": "BTC",
    "instIdCode": 2000000000000000,
}
ALL_SPOT, ALL_SWAPS = FetchInstruments(product=Product.SPOT), FetchInstruments(product=Product.LINEAR)


def test_lists_are_asked_for_by_type() -> None:
    assert asked(ALL_SPOT) == ("GET /public/instruments", {"instType": "SPOT"})
    assert asked(ALL_SWAPS) == ("GET /public/instruments", {"instType": "SWAP"})


def test_a_spot_pair() -> None:
    (pair,) = parse(ALL_SPOT, rows(SPOT_ROW))
    assert (pair.name, pair.symbol, pair.settle, pair.native) == ("BTC/USDT", "BTC-USDT", None, "3")
    assert (pair.tick_size, pair.lot_size, pair.min_quantity) == (
        Decimal("0.1"),
        Decimal("0.00000001"),
        Decimal("0.00001"),
    )
    assert pair.max_quantity == Decimal(9999999999)
    assert pair.max_market_quantity is None, "the venue counts it in USDT"
    assert pair.contract_size == 1


def test_a_swap_is_told_in_base_units() -> None:
    (swap,) = parse(ALL_SWAPS, rows(SWAP_ROW))
    assert (swap.name, swap.base, swap.quote, swap.settle) == ("BTC/USDT:USDT", "BTC", "USDT", "USDT")
    assert swap.contract_size == Decimal("0.01")
    assert (swap.lot_size, swap.min_quantity) == (Decimal("0.0001"), Decimal("0.0002"))
    assert (swap.max_quantity, swap.max_market_quantity) == (Decimal(1000000), Decimal(340))
    assert swap.native == "2000000000000000"


def test_the_multiplier_belongs_to_the_contract() -> None:
    (swap,) = parse(ALL_SWAPS, rows({**SWAP_ROW, "ctVal": "10", "ctMult": "100"}))
    assert (swap.contract_size, swap.lot_size) == (Decimal(1000), Decimal(10))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"ctType": "inverse", "settleCcy": "BTC", "instId": "BTC-USD-SWAP"}, id="an inverse one"),
        pytest.param({"settleCcy": "USDC", "instId": "BTC-USDC-SWAP"}, id="one that settles in another currency"),
        pytest.param({"settleCcy": "USD", "instId": "BTC-USD_UM-SWAP"}, id="one of the USD family"),
        pytest.param({"ctVal": "", "state": "preopen"}, id="an announced one without a contract value"),
        pytest.param({"lotSz": "", "state": "preopen"}, id="an announced one without a step"),
    ],
)
def test_swaps_that_are_not_served_are_left_out(changes: dict[str, str]) -> None:
    assert parse(ALL_SWAPS, rows({**SWAP_ROW, **changes})) == ()


@pytest.mark.parametrize(
    ("state", "status"),
    [
        pytest.param("live", InstrumentStatus.TRADING, id="live"),
        pytest.param("post_only", InstrumentStatus.RESTRICTED, id="makers only"),
        pytest.param("suspend", InstrumentStatus.CLOSED, id="suspended"),
        pytest.param("a new word", InstrumentStatus.CLOSED, id="a word that is not known yet"),
    ],
)
def test_states(state: str, status: InstrumentStatus) -> None:
    (pair,) = parse(ALL_SPOT, rows({**SPOT_ROW, "state": state}))
    assert pair.status is status


def test_the_recorded_list_is_read() -> None:
    (pair,) = parse(ALL_SPOT, recorded("ExchangeData", "GetSymbols.json"))
    assert (pair.name, str(pair.tick_size), str(pair.min_quantity)) == ("BTC/USDT", "0.1", "0.00001")


def test_a_swap_outside_the_listing_belongs_to_no_product() -> None:
    assert instrument_in(LISTING, "BTC-USD-SWAP", Product.LINEAR) is None
    assert instrument_in(LISTING, "BTC-USDT-SWAP", Product.LINEAR) is SWAP
    stranger = instrument_in(LISTING, "NEW-USDT", Product.SPOT)
    assert stranger is not None
    assert stranger.status is InstrumentStatus.UNLISTED


def test_empty_sizes() -> None:
    assert base_or_none(SWAP, {"sz": ""}, "sz") is None
    assert base(SWAP, {"sz": ""}, "sz") == 0
    assert base(SWAP, {"sz": "3"}, "sz") == Decimal("0.03")


@given(st.integers(1, 10**12), st.sampled_from([SPOT, SWAP]))
def test_units_go_there_and_back(lots: int, instrument: Any) -> None:
    quantity = lots * instrument.lot_size
    assert to_base(instrument, to_native(instrument, quantity)) == quantity
