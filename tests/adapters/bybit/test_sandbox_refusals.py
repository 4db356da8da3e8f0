from __future__ import annotations

from pathlib import Path

import pytest

from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.instrument import Product
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_bybit import sandbox_refusals
from unified_bybit.sandbox_refusals import TABLES, refusal_of

CATALOGUE = Catalogue(Path(sandbox_refusals.__file__).with_name("errors.csv"))
KINDS = {
    Reason.UNKNOWN_INSTRUMENT: Kind.UNKNOWN_SYMBOL,
    Reason.MARKET_CLOSED: Kind.MARKET_CLOSED,
    Reason.BAD_LOT: Kind.INVALID_QUANTITY,
    Reason.BELOW_MIN_QUANTITY: Kind.INVALID_QUANTITY,
    Reason.ABOVE_MAX_QUANTITY: Kind.INVALID_QUANTITY,
    Reason.BELOW_MIN_NOTIONAL: Kind.INVALID_NOTIONAL,
    Reason.PRICE_OUT_OF_RANGE: Kind.INVALID_PRICE,
    Reason.INSUFFICIENT_FUNDS: Kind.INSUFFICIENT_FUNDS,
    Reason.DUPLICATE_CLIENT_ID: Kind.DUPLICATE_ORDER,
    Reason.BUSY: Kind.ORDER_BUSY,
    Reason.NO_CHANGE: Kind.NO_CHANGE,
    Reason.TOO_MANY_OPEN_ORDERS: Kind.TOO_MANY_OPEN_ORDERS,
}
"""What both categories must be understood as, whatever their codes."""


@pytest.mark.parametrize("product", list(Product))
def test_every_refusal_is_in_the_catalogue(product: Product) -> None:
    for reason, (code, text) in TABLES[product].items():
        row = CATALOGUE.find(str(code), message=text, http_status=200, surfaces=("rest", product.value))
        assert row is not None, reason
        assert row.kind is KINDS.get(reason, row.kind), reason
        assert row.kind is not Kind.UNKNOWN, reason


def test_the_categories_have_codes_of_their_own() -> None:
    refusal = EngineRefusal(Reason.DUPLICATE_CLIENT_ID, "a")
    spot, linear = (refusal_of(refusal, product) for product in (Product.SPOT, Product.LINEAR))
    assert (spot.code, linear.code, spot.message) == (170141, 110072, "Duplicate clientOrderId")
