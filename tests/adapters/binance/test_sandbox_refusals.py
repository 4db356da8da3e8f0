from __future__ import annotations

import pytest

from tests.adapters.binance.sandbox_rig import check_code
from unified.instrument import Product
from unified.sandbox.refusal import Reason
from unified_binance.sandbox_refusals import LINEAR, SPOT

TABLES = {Product.SPOT: SPOT, Product.LINEAR: LINEAR}
DOOR = {Product.SPOT: "spot", Product.LINEAR: "linear"}
NEVER: dict[Product, set[Reason]] = {
    # Funds, modes and closed orders are asked about before the engine is; the rest belongs to the other product.
    Product.SPOT: {
        Reason.BUSY,
        Reason.EXPIRY_PASSED,
        Reason.LEVERAGE,
        Reason.NO_LIQUIDITY,
        Reason.POSITION_LIMIT,
        Reason.POSITION_OPEN,
        Reason.REDUCE_ONLY,
        Reason.UNFILLABLE_FOK,
    },
    Product.LINEAR: {
        Reason.BAD_QUOTE_STEP,
        Reason.BUSY,
        Reason.NO_LIQUIDITY,
        Reason.POSITION_OPEN,
    },
}


@pytest.mark.parametrize("product", list(Product))
def test_every_reason_that_can_come_up_has_words(product: Product) -> None:
    assert set(Reason) - set(TABLES[product]) == NEVER[product]


@pytest.mark.parametrize("product", list(Product))
def test_every_refusal_is_in_the_catalogue(product: Product) -> None:
    for code, text in TABLES[product].values():
        check_code(DOOR[product], 400, {"code": code, "msg": text})
