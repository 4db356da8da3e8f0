from __future__ import annotations

from unified.instrument import Product
from unified.sandbox.listing import EngineRules


def test_each_product_has_rates_of_its_own() -> None:
    rules = EngineRules()
    assert rules.rates(Product.SPOT) is rules.fees
    assert rules.rates(Product.LINEAR) is rules.linear_fees


def test_a_venue_answers_at_once_unless_it_says_otherwise() -> None:
    rules = EngineRules()
    assert (rules.acceptance_us, rules.cancel_us, rules.late) == ((0, 0), (0, 0), frozenset())
