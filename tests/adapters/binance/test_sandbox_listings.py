from __future__ import annotations

import pytest

from unified.instrument import Product
from unified.sandbox.listing import Listing
from unified_binance.sandbox_listings import LISTINGS


def test_both_products_list_bitcoin_and_ether_against_usdt() -> None:
    assert {(item.instrument.product, item.instrument.symbol) for item in LISTINGS} == {
        (product, symbol) for product in Product for symbol in ("BTCUSDT", "ETHUSDT")
    }


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: f"{listing.instrument}")
def test_a_listing_keeps_its_own_rules(listing: Listing) -> None:
    item = listing.instrument
    quantity = item.quantity_for(item.min_notional * 2, listing.price)
    item.check(price=listing.price, quantity=quantity)
    assert item.min_price is not None
    assert item.min_price % item.tick_size == 0
    assert (item.settle == "USDT") is (item.product is Product.LINEAR)
