from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.binance.venue import LINEAR, LISTING, SPOT, charged, parse, refused, sent
from unified.account import Fee, KeyPermissions, MarginMode, PositionMode
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import (
    FetchBalances,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.order import PositionSide


@pytest.mark.parametrize(
    ("operation", "path", "parameters", "charges"),
    [
        pytest.param(
            FetchBalances(),
            "GET /api/v3/account",
            {"omitZeroBalances": "true"},
            {"weight_spot": 20, "raw_spot": 1},
            id="spot balances",
        ),
        pytest.param(
            FetchBalances(product=Product.LINEAR), "GET /fapi/v3/balance", {}, {"weight_linear": 5}, id="USD-M balances"
        ),
        pytest.param(
            FetchTradingFees(instrument=SPOT),
            "GET /api/v3/account/commission",
            {"symbol": "BTCUSDT"},
            {"weight_spot": 20, "raw_spot": 1},
            id="spot fees",
        ),
        pytest.param(
            FetchTradingFees(instrument=LINEAR),
            "GET /fapi/v1/commissionRate",
            {"symbol": "BTCUSDT"},
            {"weight_linear": 20},
            id="USD-M fees",
        ),
        pytest.param(
            FetchKeyPermissions(), "GET /sapi/v1/account/apiRestrictions", {}, {"weight_sapi": 1}, id="permissions"
        ),
        pytest.param(
            FetchPositions(product=Product.LINEAR, listing=LISTING),
            "GET /fapi/v3/positionRisk",
            {},
            {"weight_linear": 5},
            id="all positions",
        ),
        pytest.param(
            FetchPositions(product=Product.LINEAR, listing=LISTING, instrument=LINEAR),
            "GET /fapi/v3/positionRisk",
            {"symbol": "BTCUSDT"},
            {"weight_linear": 5},
            id="one position",
        ),
        pytest.param(
            SetLeverage(instrument=LINEAR, leverage=Decimal("2E+1")),
            "POST /fapi/v1/leverage",
            {"symbol": "BTCUSDT", "leverage": "20"},
            {"weight_linear": 1},
            id="leverage",
        ),
        pytest.param(
            SetMarginMode(instrument=LINEAR, mode=MarginMode.CROSS),
            "POST /fapi/v1/marginType",
            {"symbol": "BTCUSDT", "marginType": "CROSSED"},
            {"weight_linear": 1},
            id="margin mode",
        ),
        pytest.param(
            SetPositionMode(product=Product.LINEAR, mode=PositionMode.HEDGE),
            "POST /fapi/v1/positionSide/dual",
            {"dualSidePosition": "true"},
            {"weight_linear": 1},
            id="position mode",
        ),
    ],
)
def test_each_call_is_said_and_priced_as_documented(
    operation: Any, path: str, parameters: dict[str, str], charges: dict[str, float]
) -> None:
    assert sent(operation) == (path, parameters)
    assert charged(operation) == charges


@pytest.mark.parametrize(
    ("available", "locked"),
    [
        pytest.param("1100.10", "126.25", id="margin holds a part"),
        pytest.param("2000", "0", id="other assets lend more than the wallet holds"),
    ],
)
def test_what_margin_holds_of_a_linear_balance_is_locked(available: str, locked: str) -> None:
    row = {"asset": "USDT", "balance": "1226.35", "availableBalance": available}
    (balance,) = parse(FetchBalances(product=Product.LINEAR), [row])
    assert (balance.free, balance.locked) == (Decimal(available), Decimal(locked))


def test_spot_fees_are_the_most_that_an_order_can_cost() -> None:
    answer = {
        "symbol": "BTCUSDT",
        "standardCommission": {"maker": "0.0010", "taker": "0.0020", "buyer": "0", "seller": "0.0001"},
        "specialCommission": {"maker": "0.0003", "taker": "0.0003", "buyer": "0", "seller": "0"},
        "taxCommission": {"maker": "0.00005", "taker": "0.00005", "buyer": "0.00002", "seller": "0"},
        "discount": {"enabledForAccount": True, "enabledForSymbol": True, "discountAsset": "BNB", "discount": "0.75"},
    }
    expected = Fee(instrument=SPOT, product=Product.SPOT, maker=Decimal("0.00145"), taker=Decimal("0.00245"))
    assert parse(FetchTradingFees(instrument=SPOT), answer) == expected


def test_linear_fees_come_as_they_are() -> None:
    answer = {"symbol": "BTCUSDT", "makerCommissionRate": "-0.0001", "takerCommissionRate": "0.0005"}
    expected = Fee(instrument=LINEAR, product=Product.LINEAR, maker=Decimal("-0.0001"), taker=Decimal("0.0005"))
    assert parse(FetchTradingFees(instrument=LINEAR), answer) == expected


PERMISSIONS = {
    "ipRestrict": False,
    "enableReading": True,
    "enableSpotAndMarginTrading": True,
    "enableFutures": False,
    "enableWithdrawals": False,
}


def test_permissions_are_those_of_the_product_asked_about() -> None:
    spot = parse(FetchKeyPermissions(), PERMISSIONS)
    linear = parse(FetchKeyPermissions(product=Product.LINEAR), PERMISSIONS)
    assert spot == KeyPermissions(read=True, trade=True, withdraw=False, addresses=())
    assert linear.trade is False


def test_a_bound_key_says_that_its_addresses_are_not_told() -> None:
    bound = parse(
        FetchKeyPermissions(), {**PERMISSIONS, "ipRestrict": True, "tradingAuthorityExpirationTime": 1763680000000}
    )
    assert bound.addresses is None
    assert bound.notes
    assert bound.expires_at == datetime(2025, 11, 20, 23, 6, 40, tzinfo=UTC)


POSITION = {
    "symbol": "BTCUSDT",
    "positionSide": "BOTH",
    "positionAmt": "-0.010",
    "entryPrice": "60000.0",
    "markPrice": "61120.1",
    "unRealizedProfit": "-11.20",
    "liquidationPrice": "0",
    "isolatedWallet": "0",
    "updateTime": 1763680005123,
}


def positions(*rows: dict[str, Any]) -> Any:
    return parse(FetchPositions(product=Product.LINEAR, listing=LISTING), list(rows))


def test_a_position_is_negative_when_short() -> None:
    (position,) = positions(POSITION)
    assert (position.instrument, position.quantity) == (LINEAR, Decimal("-0.010"))
    assert (position.entry_price, position.liquidation_price) == (Decimal("60000.0"), None)
    assert (position.unrealized_pnl, position.mark_price) == (Decimal("-11.20"), Decimal("61120.1"))
    assert (position.margin_mode, position.position_side) == (MarginMode.CROSS, None)


def test_symbols_with_open_orders_only_are_no_positions() -> None:
    assert positions({**POSITION, "positionAmt": "0.000"}) == ()


@pytest.mark.parametrize(
    ("changes", "mode"),
    [
        pytest.param({"isolatedWallet": "5.1"}, MarginMode.ISOLATED, id="a wallet of its own"),
        pytest.param({"marginType": "isolated"}, MarginMode.ISOLATED, id="told isolated"),
        pytest.param({"marginType": "cross", "isolatedWallet": "0"}, MarginMode.CROSS, id="told cross"),
    ],
)
def test_the_margin_mode_is_told_or_seen_by_the_wallet(changes: dict[str, str], mode: MarginMode) -> None:
    assert positions({**POSITION, **changes})[0].margin_mode is mode


def test_hedge_mode_has_a_position_on_each_side() -> None:
    long, short = positions(
        {**POSITION, "positionSide": "LONG", "positionAmt": "1"}, {**POSITION, "positionSide": "SHORT"}
    )
    assert (long.position_side, short.position_side) == (PositionSide.LONG, PositionSide.SHORT)


def test_leverage_is_a_whole_number() -> None:
    error = refused(SetLeverage(instrument=LINEAR, leverage=Decimal("2.5")))
    assert (error.kind, error.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        pytest.param(
            SetLeverage(instrument=LINEAR, leverage=Decimal(21)),
            {"leverage": 21, "maxNotionalValue": "1000000", "symbol": "BTCUSDT"},
            id="leverage",
        ),
        pytest.param(
            SetMarginMode(instrument=LINEAR, mode=MarginMode.ISOLATED),
            {"code": 200, "msg": "success"},
            id="margin mode",
        ),
        pytest.param(
            SetPositionMode(product=Product.LINEAR, mode=PositionMode.ONE_WAY),
            {"code": 200, "msg": "success"},
            id="position mode",
        ),
    ],
)
def test_a_setting_that_was_made_answers_nothing(operation: Any, answer: dict[str, Any]) -> None:
    assert parse(operation, answer) is None


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        pytest.param(SetMarginMode(instrument=LINEAR, mode=MarginMode.ISOLATED), -4046, id="margin mode"),
        pytest.param(SetPositionMode(product=Product.LINEAR, mode=PositionMode.HEDGE), -4059, id="position mode"),
    ],
)
def test_a_setting_that_was_so_already_is_done(operation: Any, code: int) -> None:
    with pytest.raises(VenueError) as raised:
        parse(operation, {"code": code, "msg": "No need to change."}, 400)
    assert (raised.value.kind, raised.value.outcome) == (Kind.NO_CHANGE, Outcome.DONE)
