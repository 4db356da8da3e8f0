from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.calls import refusal
from tests.adapters.okx.venue import LISTING, SPOT, SWAP, adapter, asked, failure, parse, recorded, rows, told, walk
from unified.account import Balance, Fee, KeyPermissions, MarginMode, PositionMode
from unified.errors import Kind
from unified.instrument import Instruments, Product
from unified.operations import (
    FetchBalances,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    SetLeverage,
    SetPositionMode,
)
from unified.order import PositionSide
from unified_okx.account import FetchFeeGroup, FetchGroupFee, FetchKeyConfiguration
from unified_okx.limits import FetchOrderRate, OrderRate

POSITION = {
    "instType": "SWAP",
    "instId": "BTC-USDT-SWAP",
    "mgnMode": "cross",
    "posSide": "net",
    "pos": "-3",
    "avgPx": "62961.4",
    "markPx": "62891.9",
    "liqPx": "",
    "lever": "5",
    "upl": "2.085",
    "uTime": "1724742632153",
}
POSITIONS = FetchPositions(product=Product.LINEAR, listing=LISTING)


# --- balances


def test_recorded_balances_are_read() -> None:
    assert asked(FetchBalances()) == ("GET /account/balance", {})
    (balance,) = parse(FetchBalances(), recorded("Account", "GetAccountBalance.json"))
    assert balance == Balance(currency="USDT", free=Decimal("4834.317093622894"), locked=Decimal("158.573"))


def test_an_empty_balance_is_read_from_the_equity_and_never_as_nothing() -> None:
    row = {"ccy": "BTC", "availBal": "", "availEq": "0.5", "frozenBal": ""}
    assert parse(FetchBalances(), rows({"details": [row]})) == (
        Balance(currency="BTC", free=Decimal("0.5"), locked=Decimal(0)),
    )
    unknown = rows({"details": [{**row, "availEq": ""}]})
    assert failure(FetchBalances(), unknown).kind is Kind.MALFORMED_RESPONSE


# --- positions


def test_a_net_position_is_signed_and_told_in_base_units() -> None:
    assert asked(POSITIONS) == ("GET /account/positions", {"instType": "SWAP"})
    (position,) = parse(POSITIONS, rows(POSITION))
    assert (position.quantity, position.entry_price, position.leverage) == (
        Decimal("-0.03"),
        Decimal("62961.4"),
        Decimal(5),
    )
    assert (position.liquidation_price, position.position_side, position.margin_mode) == (None, None, MarginMode.CROSS)


@pytest.mark.parametrize(
    ("side", "quantity", "position_side"),
    [
        pytest.param("long", Decimal("0.03"), PositionSide.LONG, id="long"),
        pytest.param("short", Decimal("-0.03"), PositionSide.SHORT, id="short"),
    ],
)
def test_both_sides_of_hedge_mode(side: str, quantity: Decimal, position_side: PositionSide) -> None:
    (position,) = parse(POSITIONS, rows({**POSITION, "pos": "3", "posSide": side}))
    assert (position.quantity, position.position_side) == (quantity, position_side)


def test_closed_and_foreign_positions_are_left_out() -> None:
    assert parse(POSITIONS, rows({**POSITION, "pos": "0"}, {**POSITION, "instId": "BTC-USD-SWAP"})) == ()


def test_the_recorded_position_is_read_where_its_instrument_is_listed() -> None:
    future = evolve(SWAP, symbol="ETH-USD-210430", contract_size=Decimal(10))
    recording = recorded("Account", "GetAccountPositions.json")
    assert parse(POSITIONS, recording) == ()
    (position,) = parse(evolve(POSITIONS, listing=Instruments([future])), recording)
    assert (str(position.quantity), str(position.entry_price)) == ("10", "2566.31")
    assert (str(position.mark_price), position.unrealized_pnl) == ("2353.849", Decimal("-0.0000009932766034"))
    assert (position.margin_mode, position.position_side) == (MarginMode.ISOLATED, PositionSide.LONG)


def test_positions_of_one_instrument() -> None:
    one = FetchPositions(product=Product.LINEAR, instrument=SWAP, listing=LISTING)
    assert asked(one)[1] == {"instType": "SWAP", "instId": "BTC-USDT-SWAP"}


# --- fees


def test_fees_are_those_of_the_instruments_group() -> None:
    fee = Fee(instrument=SPOT, product=Product.SPOT, maker=Decimal("0.0008"), taker=Decimal("0.001"))
    steps, answer = walk(FetchTradingFees(instrument=SPOT), ["12", fee])
    assert steps == [FetchFeeGroup(instrument=SPOT), FetchGroupFee(instrument=SPOT, group="12")]
    assert answer == fee


def test_the_group_stands_in_the_list_of_instruments() -> None:
    operation = FetchFeeGroup(instrument=SWAP)
    assert asked(operation) == ("GET /public/instruments", {"instType": "SWAP", "instId": "BTC-USDT-SWAP"})
    assert parse(operation, rows({"groupId": "4"})) == "4"
    assert failure(operation, rows()).kind is Kind.UNKNOWN_SYMBOL


def test_what_is_paid_is_positive_and_a_rebate_negative() -> None:
    operation = FetchGroupFee(instrument=SPOT, group="12")
    assert asked(operation) == ("GET /account/trade-fee", {"instType": "SPOT", "groupId": "12"})
    groups = [{"groupId": "1", "maker": "-1", "taker": "-1"}, {"groupId": "12", "maker": "0.0001", "taker": "-0.001"}]
    fee = parse(operation, rows({"feeGroup": groups, "maker": "-9", "taker": "-9"}))
    assert (fee.maker, fee.taker, fee.instrument) == (Decimal("-0.0001"), Decimal("0.001"), SPOT)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"feeGroup": [{"groupId": "1", "maker": "-1", "taker": "-1"}]}, id="another group only"),
        pytest.param({"maker": "-0.0008", "taker": "-0.001"}, id="the retired fields only"),
    ],
)
def test_fees_without_the_group_are_not_guessed(row: dict[str, Any]) -> None:
    assert failure(FetchGroupFee(instrument=SPOT, group="12"), rows(row)).kind is Kind.MALFORMED_RESPONSE


# --- the key


def test_recorded_permissions_are_read() -> None:
    assert asked(FetchKeyConfiguration()) == ("GET /account/config", {})
    key = parse(FetchKeyConfiguration(), recorded("Account", "GetAccountConfiguration.json"))
    assert (key.read, key.trade, key.withdraw) == (True, True, True)
    assert key.addresses == ("120.255.24.182", "49.245.196.13")
    assert key.notes == ("account: multi-currency margin", "position mode: net_mode")


def test_a_trading_key_without_an_address_dies_of_disuse() -> None:
    row = {"perm": "read_only,trade", "ip": "", "acctLv": "9", "posMode": ""}
    key = parse(FetchKeyConfiguration(), rows(row))
    assert (key.withdraw, key.addresses) == (False, ())
    assert len(key.notes) == 1
    assert "14 days" in key.notes[0]
    assert parse(FetchKeyConfiguration(), rows({**row, "perm": "read_only"})).notes == ()


@pytest.mark.parametrize(
    ("told", "notes"),
    [
        pytest.param(OrderRate(1000, 1000), ("orders: 1000 in 2 s for the account",), id="the same tomorrow"),
        pytest.param(
            OrderRate(3000, 1000),
            ("orders: 3000 in 2 s for the account, 1000 from the next 08:00 UTC on",),
            id="less tomorrow",
        ),
        pytest.param(refusal(Kind.VENUE_FAULT), (), id="a venue that does not tell it tells of the key all the same"),
    ],
)
def test_the_key_comes_with_what_its_account_may_send(told: object, notes: tuple[str, ...]) -> None:
    key = KeyPermissions(read=True)
    steps, seen = walk(FetchKeyPermissions(), [key, told])
    assert steps == [FetchKeyConfiguration(), FetchOrderRate()]
    assert seen == evolve(key, notes=notes)


# --- settings


def test_leverage_is_set_for_the_margin_mode_of_the_client() -> None:
    operation: Any = SetLeverage(instrument=SWAP, leverage=Decimal("2.5"))
    body = {"instId": "BTC-USDT-SWAP", "lever": "2.5", "mgnMode": "cross"}
    assert told(operation) == ("POST /account/set-leverage", body)
    assert told(operation, adapter(margin_mode="isolated"))[1]["mgnMode"] == "isolated"
    assert parse(operation, recorded("Account", "SetAccountLeverage.json")) is None


def test_the_position_mode_is_the_accounts() -> None:
    hedge: Any = SetPositionMode(product=Product.LINEAR, mode=PositionMode.HEDGE)
    assert told(hedge) == ("POST /account/set-position-mode", {"posMode": "long_short_mode"})
    one_way = SetPositionMode(product=Product.LINEAR, mode=PositionMode.ONE_WAY)
    assert told(one_way)[1] == {"posMode": "net_mode"}
    assert parse(hedge, recorded("Account", "SetAccountPositionMode.json")) is None
