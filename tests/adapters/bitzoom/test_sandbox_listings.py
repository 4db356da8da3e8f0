from __future__ import annotations

from decimal import Decimal

import pytest

from unified.instrument import Product
from unified.sandbox.listing import Listing
from unified_bitzoom.sandbox_listings import LISTINGS


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: f"{listing.instrument}")
def test_a_listing_is_a_perpetual_whose_steps_are_powers_of_ten(listing: Listing) -> None:
    item = listing.instrument
    assert (item.product, item.settle) == (Product.LINEAR, "USDT")
    assert {step.normalize().as_tuple().digits for step in (item.tick_size, item.lot_size)} == {(1,)}
    item.check(price=listing.price, quantity=Decimal("0.1"))
