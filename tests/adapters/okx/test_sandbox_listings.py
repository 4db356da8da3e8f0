from __future__ import annotations

from decimal import Decimal

import pytest

from unified.instrument import Product, Rounding, to_step
from unified.sandbox.listing import Listing
from unified_okx.sandbox_listings import FACTS, LISTINGS


def test_spot_and_swaps_of_bitcoin_and_ether() -> None:
    names = {listing.instrument.name for listing in LISTINGS}
    assert {"BTC/USDT", "ETH/USDT", "BTC/USDT:USDT", "ETH/USDT:USDT"} <= names


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.instrument.symbol)
def test_what_a_row_tells_is_what_the_engine_keeps(listing: Listing) -> None:
    item, facts = listing.instrument, FACTS[listing.instrument.symbol]
    assert item.lot_size == Decimal(facts.lot) * item.contract_size
    assert item.min_quantity == Decimal(facts.least) * item.contract_size
    assert item.max_quantity == Decimal(facts.most_limit) * item.contract_size
    assert to_step(item.min_quantity, item.lot_size, Rounding.DOWN) == item.min_quantity
    assert to_step(listing.price, item.tick_size, Rounding.DOWN) == listing.price
    assert (item.settle is None) is (item.product is Product.SPOT)


def test_contracts_of_the_swaps() -> None:
    sizes = {listing.instrument.symbol: listing.instrument.contract_size for listing in LISTINGS}
    assert (sizes["BTC-USDT-SWAP"], sizes["ETH-USDT-SWAP"]) == (Decimal("0.01"), Decimal("0.1"))


def test_no_two_instruments_share_a_code() -> None:
    assert len({facts.code for facts in FACTS.values()}) == len(FACTS) == len(LISTINGS)
