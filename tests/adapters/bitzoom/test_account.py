from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bitzoom.venue import BTC, LISTING, parse, refused, sent
from unified.account import Balance, MarginMode, PositionMode
from unified.errors import Outcome
from unified.instrument import Product
from unified.operations import (
    FetchBalances,
    FetchPositions,
    FetchTradingFees,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)

LINEAR = Product.LINEAR
POSITION = {"symbol": "BTCUSDT", "positionSide": "LONG", "positionAmt": "0.100", "entryPrice": "50000.00"} | {
    "markPrice": "51000.00",
    "unrealizedProfit": "100.00",
    "liquidationPrice": "45000.00",
    "leverage": 10,
    "marginType": "cross",
}


@pytest.mark.parametrize(
    ("operation", "path", "said"),
    [
        pytest.param(
            SetLeverage(instrument=BTC, leverage=Decimal(20)),
            "GET /api/v1/leverage",
            {"symbol": "BTCUSDT", "leverage": "20"},
            id="leverage",
        ),
        pytest.param(
            SetMarginMode(instrument=BTC, mode=MarginMode.CROSS),
            "GET /api/v1/margintype",
            {"symbol": "BTCUSDT", "marginType": "CROSSED"},
            id="margin mode",
        ),
        pytest.param(
            SetPositionMode(product=LINEAR, mode=PositionMode.HEDGE),
            "POST /api/v1/positionSide/dual",
            {"dualSidePosition": True},
            id="position mode",
        ),
    ],
)
def test_settings_are_writes_whatever_their_method(operation: Any, path: str, said: dict[str, Any]) -> None:
    assert sent(operation) == (path, said)
    assert operation.writes
    assert parse(operation, None) is None


@pytest.mark.parametrize("leverage", ["0", "126", "1.5"])
def test_a_leverage_that_would_only_read_never_leaves(leverage: str) -> None:
    assert refused(SetLeverage(instrument=BTC, leverage=Decimal(leverage))).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("rows", [list, lambda row: row, lambda row: {"rows": [row]}], ids=["list", "bare", "inside"])
def test_balances_come_in_any_form(rows: Any) -> None:
    row = {"asset": "USDT", "balance": "10.5", "availableBalance": "4.5"}
    data = [row] if rows is list else rows(row)
    expected = Balance(currency="USDT", free=Decimal("4.5"), locked=Decimal("6.0"))
    assert parse(FetchBalances(product=LINEAR), data) == (expected,)


def test_fees_come_as_they_are() -> None:
    answer = {"symbol": "BTCUSDT", "makerCommissionRate": "0.0002", "takerCommissionRate": "0.0005"}
    fee = parse(FetchTradingFees(instrument=BTC), answer)
    assert (fee.maker, fee.taker) == (Decimal("0.0002"), Decimal("0.0005"))


def test_the_documented_position_is_read_and_a_short_is_negative() -> None:
    rows = [POSITION, {**POSITION, "positionSide": "SHORT"}, {**POSITION, "positionAmt": "0"}]
    long, short = parse(FetchPositions(product=LINEAR, listing=LISTING), rows)
    assert (long.quantity, short.quantity) == (Decimal("0.100"), Decimal("-0.100"))
    assert (long.leverage, long.margin_mode) == (Decimal(10), MarginMode.CROSS)
