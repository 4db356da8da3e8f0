from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Rig
from unified.instrument import Product
from unified_binance.sandbox_rows import algo_status, position_side, working_type
from unified_binance_dialect.sandbox_rows import spot8


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_conditional_order_goes_through_its_states(rig: Rig) -> None:
    rig.linear(**MARKET)
    params = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP", "quantity": "0.010"}
    rig.ask("linear", "POST", "/fapi/v1/algoOrder", {**params, "price": "60500", "triggerPrice": "60000"})
    found = rig.account().orders[-1]
    assert (algo_status(found), working_type(found)) == ("NEW", "LIMIT")
    rig.dialect.engine.move_price(rig.instrument(Product.LINEAR), Decimal(59_900))
    assert algo_status(found) == "TRIGGERED"
    rig.dialect.engine.cancel(rig.account(), found)
    assert algo_status(found) == "FINISHED"


def test_numbers_and_sides_are_written_as_the_venue_does() -> None:
    assert (spot8(Decimal("1.5")), spot8(None)) == ("1.50000000", "0.00000000")
    assert position_side(None) == "BOTH"
