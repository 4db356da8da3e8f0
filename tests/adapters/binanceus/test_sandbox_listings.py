from __future__ import annotations

import pytest

from unified.instrument import Product
from unified.sandbox.listing import Listing
from unified_binanceus.sandbox_listings import LISTINGS


def test_bitcoin_and_ether_are_listed_on_spot() -> None:
    found = {(item.instrument.product, item.instrument.symbol) for item in LISTINGS}
    assert found == {(Product.SPOT, "BTCUSDT"), (Product.SPOT, "ETHUSDT")}


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: f"{listing.instrument}")
def test_a_listing_keeps_its_own_rules(listing: Listing) -> None:
    item = listing.instrument
    item.check(price=listing.price, quantity=item.quantity_for(item.min_notional * 2, listing.price))
