from __future__ import annotations

from decimal import Decimal

from unified_coinbase.sandbox_listings import FACTS, LISTINGS


def test_every_product_has_its_facts() -> None:
    assert [listing.instrument.symbol for listing in LISTINGS] == list(FACTS)


def test_an_alias_and_its_original_name_each_other() -> None:
    for symbol, facts in FACTS.items():
        assert facts.alias == "" or symbol in FACTS[facts.alias].alias_to
        assert all(FACTS[other].alias == symbol for other in facts.alias_to)


def test_steps_are_those_of_the_live_rows() -> None:
    first = LISTINGS[0].instrument
    assert (first.symbol, first.tick_size, first.lot_size, first.quote_step, first.min_notional) == (
        "BTC-USD",
        Decimal("0.01"),
        Decimal("0.00000001"),
        Decimal("0.01"),
        Decimal(1),
    )
