"""What the account of a spot door holds. Says nothing of fees and keys, which every venue tells its own way.

Source: Binance spot rest-api.md (2026-07-21).
"""

from __future__ import annotations

from unified.account import Balance
from unified.operations import FetchBalances
from unified.wire import Json, children, decimal, obj, text


def parse_spot_balances(_operation: FetchBalances, answer: Json) -> tuple[Balance, ...]:
    found = (obj(row, "balances[]") for row in children(obj(answer), "balances"))
    return tuple(
        Balance(currency=text(row, "asset"), free=decimal(row, "free"), locked=decimal(row, "locked")) for row in found
    )
