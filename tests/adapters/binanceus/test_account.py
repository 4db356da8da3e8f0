from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binanceus.venue import SPOT, parse
from unified.account import Fee
from unified.errors import Kind, VenueError
from unified.instrument import Product
from unified.operations import FetchTradingFees

ROW = {"symbol": "BTCUSDT", "makerCommission": "0.0040", "takerCommission": "0.0060"}


@pytest.mark.parametrize(
    "rows", [[ROW], [{**ROW, "symbol": "ETHUSDT", "makerCommission": "1"}, ROW]], ids=["one symbol", "all symbols"]
)
def test_fees_are_those_of_the_instrument(rows: list[object]) -> None:
    expected = Fee(instrument=SPOT, product=Product.SPOT, maker=Decimal("0.0040"), taker=Decimal("0.0060"))
    assert parse(FetchTradingFees(instrument=SPOT), rows) == expected


@pytest.mark.parametrize("rows", [[], [{**ROW, "symbol": "ETHUSDT"}], {}, [{"symbol": "BTCUSDT"}]])
def test_an_answer_without_the_instrument_is_malformed(rows: object) -> None:
    with pytest.raises(VenueError) as raised:
        parse(FetchTradingFees(instrument=SPOT), rows)
    assert raised.value.kind is Kind.MALFORMED_RESPONSE
