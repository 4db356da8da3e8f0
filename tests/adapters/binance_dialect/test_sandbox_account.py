from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


def balances(rig: Rig, **params: object) -> dict[str, tuple[str, str]]:
    told = rig.ask("spot", "GET", "/api/v3/account", params).content["balances"]
    return {row["asset"]: (row["free"], row["locked"]) for row in told}


def test_an_open_order_locks_its_money(rig: Rig) -> None:
    assert balances(rig)["USDT"] == ("2000000.00000000", "0.00000000")
    rig.spot()
    assert balances(rig)["USDT"] == ("1999400.00000000", "600.00000000")


def test_currencies_without_balance_can_be_left_out(rig: Rig) -> None:
    rig.account().spot.add("ADA", Decimal(0))
    assert "ADA" in balances(rig)
    assert "ADA" not in balances(rig, omitZeroBalances="true")
