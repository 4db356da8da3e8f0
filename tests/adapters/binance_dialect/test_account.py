from __future__ import annotations

from decimal import Decimal

from tests.adapters.binance.venue import parse
from unified.account import Balance
from unified.operations import (
    FetchBalances,
)


def test_spot_balances_come_as_they_are() -> None:
    answer = {"balances": [{"asset": "BTC", "free": "0.50000000", "locked": "0.01000000"}]}
    expected = Balance(currency="BTC", free=Decimal("0.5"), locked=Decimal("0.01"))
    assert parse(FetchBalances(), answer) == (expected,)
