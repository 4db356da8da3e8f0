"""Balances, fees and permissions of the reference adapter."""

from __future__ import annotations

from decimal import Decimal

from tests.toy import BTC
from unified.account import Balance
from unified.operations import FetchBalances, FetchKeyPermissions, FetchTradingFees
from unified_paper import account


def test_free_and_locked_are_kept_apart() -> None:
    answer = {"balances": [{"currency": "USDT", "free": "1.50", "locked": "0.50"}]}
    (balance,) = account.parse_balances(FetchBalances(), answer)
    assert balance == Balance(currency="USDT", free=Decimal("1.50"), locked=Decimal("0.50"))
    assert balance.total == 2


def test_fees_are_fractions() -> None:
    fee = account.parse_fees(FetchTradingFees(instrument=BTC), {"maker": "0.001", "taker": "0.002"})
    assert (fee.maker, fee.taker) == (Decimal("0.001"), Decimal("0.002"))


def test_a_paper_key_never_withdraws() -> None:
    assert account.parse_permissions(FetchKeyPermissions(), {"read": True, "trade": False}).withdraw is False
