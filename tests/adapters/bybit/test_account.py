from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bybit.venue import (
    ETHER,
    LISTING,
    PERPETUAL,
    SPOT,
    answer,
    asked,
    failure,
    listed,
    parse,
    recorded,
    told,
    walk,
)
from unified.account import MarginMode, PositionMode
from unified.errors import Kind
from unified.instrument import Instrument, Instruments, Product
from unified.operations import (
    FetchBalances,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    Operation,
    Page,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.order import PositionSide
from unified_bybit.account import FetchPositionPage

D = Decimal
LINEAR = Product.LINEAR

# --- balances


def wallet(**coin: str) -> Any:
    row = {"coin": "USDT", "walletBalance": "100", "locked": "0", "spotBorrow": "0", **coin}
    return listed({"accountType": "UNIFIED", "coin": [row]})


@pytest.mark.parametrize(
    ("coin", "free", "locked"),
    [
        pytest.param({}, "100", "0", id="all of it"),
        pytest.param({"locked": "30.5"}, "69.5", "30.5", id="orders hold some"),
        pytest.param({"locked": "30", "spotBorrow": "20.25"}, "49.75", "30", id="what is borrowed is not free"),
        pytest.param({"walletBalance": "-5"}, "0", "0", id="a debt leaves nothing"),
        pytest.param({"locked": "", "spotBorrow": ""}, "100", "0", id="empty is nothing"),
    ],
)
def test_what_is_free(coin: dict[str, str], free: str, locked: str) -> None:
    (balance,) = parse(FetchBalances(), wallet(**coin))
    assert (balance.currency, balance.free, balance.locked) == ("USDT", D(free), D(locked))


def test_balances_are_those_of_the_unified_account() -> None:
    assert asked(FetchBalances()) == ("GET /v5/account/wallet-balance", {"accountType": "UNIFIED"})
    (balance,) = parse(FetchBalances(), recorded("Account", "GetBalances.json"))
    assert (balance.currency, str(balance.free), str(balance.locked)) == ("BTC", "0", "0")


# --- positions

HELD = {
    "positionIdx": 0,
    "symbol": "BTCUSDT",
    "side": "Sell",
    "size": "0.300",
    "avgPrice": "27464.50441675",
    "leverage": "10",
    "markPrice": "28224.50",
    "liqPrice": "",
    "unrealisedPnl": "-0.00029413",
    "updatedTime": "1697673600012",
}


def page(**terms: Any) -> FetchPositionPage:
    return FetchPositionPage(product=LINEAR, listing=LISTING, **terms)


def test_a_position() -> None:
    (held,) = parse(page(), listed(HELD)).items
    assert (held.instrument, held.quantity, held.entry_price) == (PERPETUAL, D("-0.300"), D("27464.50441675"))
    assert (held.mark_price, held.liquidation_price, held.leverage) == (D("28224.50"), None, D(10))
    assert (held.unrealized_pnl, held.position_side, held.margin_mode) == (D("-0.00029413"), None, None)
    assert held.updated_at == datetime(2023, 10, 19, 0, 0, 0, 12000, UTC)


@pytest.mark.parametrize(
    ("change", "quantity", "side"),
    [
        pytest.param({"side": "Buy", "positionIdx": 1}, "0.300", PositionSide.LONG, id="the long side"),
        pytest.param({"positionIdx": 2}, "-0.300", PositionSide.SHORT, id="the short side"),
    ],
)
def test_hedge_mode_keeps_two_sides(change: dict[str, object], quantity: str, side: PositionSide) -> None:
    (held,) = parse(page(), listed({**HELD, **change})).items
    assert (held.quantity, held.position_side) == (D(quantity), side)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"size": "0", "side": ""}, id="a flat one"),
        pytest.param({"symbol": "BTC-26DEC25"}, id="a dated future"),
    ],
)
def test_other_rows_are_left_out(change: dict[str, object]) -> None:
    assert parse(page(), listed({**HELD, **change})).items == ()


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        pytest.param(page(), {"settleCoin": "USDT"}, id="all that are open"),
        pytest.param(page(instrument=ETHER), {"symbol": "ETHUSDT"}, id="of one instrument"),
        pytest.param(page(cursor="a%3D1"), {"settleCoin": "USDT", "cursor": "a=1"}, id="the next page"),
    ],
)
def test_positions_are_asked_by_page(operation: FetchPositionPage, parameters: dict[str, str]) -> None:
    assert asked(operation) == ("GET /v5/position/list", {"category": "linear", "limit": "200", **parameters})


def test_all_pages_of_positions_are_read() -> None:
    first = parse(page(), listed(HELD, cursor="next"))
    second = parse(page(), listed({**HELD, "symbol": "ETHUSDT"}))
    steps, held = walk(FetchPositions(product=LINEAR, listing=LISTING), [first, second])
    assert steps == [page(), page(cursor="next")]
    assert [position.instrument for position in held] == [PERPETUAL, ETHER]


def test_the_recorded_positions() -> None:
    contract = Instrument(symbol="BTCUSD", product=LINEAR, base="BTC", quote="USD", tick_size=D(1), lot_size=D(1))
    asked_for = FetchPositionPage(product=LINEAR, listing=Instruments([contract]))
    (held,) = parse(asked_for, recorded("Trading", "GetPositions.json")).items
    assert (str(held.quantity), str(held.entry_price)) == ("-300", "27464.50441675")


# --- fees


def test_fees() -> None:
    operation = FetchTradingFees(instrument=PERPETUAL)
    assert asked(operation) == ("GET /v5/account/fee-rate", {"category": "linear", "symbol": "BTCUSDT"})
    fee = parse(operation, listed({"symbol": "BTCUSDT", "takerFeeRate": "0.0006", "makerFeeRate": "-0.0001"}))
    assert (fee.instrument, fee.maker, fee.taker) == (PERPETUAL, D("-0.0001"), D("0.0006"))
    assert failure(operation, listed()).kind is Kind.UNKNOWN_SYMBOL


def test_the_recorded_fees() -> None:
    fee = parse(FetchTradingFees(instrument=SPOT), recorded("Account", "GetFeeRate.json"))
    assert (str(fee.maker), str(fee.taker)) == ("0.0001", "0.0006")


# --- the key

KEY = {
    "readOnly": 0,
    "permissions": {"Spot": ["SpotTrade"], "ContractTrade": [], "Derivatives": [], "Wallet": ["AccountTransfer"]},
    "ips": ["*"],
    "expiredAt": "2026-12-24T03:13:24Z",
    "uta": 1,
    "vipLevel": "No VIP",
}


def granted(**permissions: list[str]) -> dict[str, object]:
    return {**KEY, "permissions": permissions}


@pytest.mark.parametrize(
    ("product", "key", "trade"),
    [
        pytest.param(Product.SPOT, KEY, True, id="spot"),
        pytest.param(LINEAR, KEY, False, id="spot does not grant perpetuals"),
        pytest.param(LINEAR, granted(ContractTrade=["Order", "Position"]), True, id="contracts"),
        pytest.param(LINEAR, granted(Derivatives=["DerivativesTrade"]), True, id="derivatives"),
        pytest.param(Product.SPOT, granted(ContractTrade=["Order"]), False, id="contracts do not grant spot"),
        pytest.param(Product.SPOT, {**KEY, "readOnly": 1}, False, id="a key that only reads"),
    ],
)
def test_what_a_key_may_trade(product: Product, key: dict[str, object], trade: bool) -> None:
    may = parse(FetchKeyPermissions(product=product), answer(key))
    assert (may.read, may.trade, may.withdraw) == (True, trade, False)


def test_a_key_that_may_move_funds_out_is_told() -> None:
    assert parse(FetchKeyPermissions(), answer(granted(Wallet=["Withdraw"]))).withdraw is True


def test_a_key_without_an_address_expires() -> None:
    may = parse(FetchKeyPermissions(), answer({**KEY, "uta": 0}))
    assert (may.addresses, may.expires_at) == ((), datetime(2026, 12, 24, 3, 13, 24, tzinfo=UTC))
    assert [note.split(":")[0] for note in may.notes] == ["tier", "not a unified account", "bound to no address"]


def test_a_key_with_an_address_does_not() -> None:
    may = parse(FetchKeyPermissions(), answer({**KEY, "ips": ["192.0.2.7"]}))
    assert (may.addresses, may.expires_at, may.notes) == (("192.0.2.7",), None, ("tier: No VIP",))


# --- settings


@pytest.mark.parametrize(
    ("operation", "line", "body"),
    [
        pytest.param(
            SetLeverage(instrument=PERPETUAL, leverage=D("12.5")),
            "POST /v5/position/set-leverage",
            {"category": "linear", "symbol": "BTCUSDT", "buyLeverage": "12.5", "sellLeverage": "12.5"},
            id="leverage on both sides",
        ),
        pytest.param(
            SetMarginMode(instrument=PERPETUAL, mode=MarginMode.ISOLATED),
            "POST /v5/account/set-margin-mode",
            {"setMarginMode": "ISOLATED_MARGIN"},
            id="isolated margin of the account",
        ),
        pytest.param(
            SetMarginMode(instrument=PERPETUAL, mode=MarginMode.CROSS),
            "POST /v5/account/set-margin-mode",
            {"setMarginMode": "REGULAR_MARGIN"},
            id="cross margin of the account",
        ),
        pytest.param(
            SetPositionMode(product=LINEAR, mode=PositionMode.HEDGE),
            "POST /v5/position/switch-mode",
            {"category": "linear", "coin": "USDT", "mode": 3},
            id="hedge mode",
        ),
        pytest.param(
            SetPositionMode(product=LINEAR, mode=PositionMode.ONE_WAY),
            "POST /v5/position/switch-mode",
            {"category": "linear", "coin": "USDT", "mode": 0},
            id="one-way mode",
        ),
    ],
)
def test_settings(operation: Operation[None], line: str, body: dict[str, object]) -> None:
    assert told(operation) == (line, body)
    parse(operation, answer())


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        pytest.param(SetLeverage(instrument=PERPETUAL, leverage=D(3)), 110043, id="leverage"),
        pytest.param(SetPositionMode(product=LINEAR, mode=PositionMode.HEDGE), 110025, id="position mode"),
    ],
)
def test_what_is_so_already_is_no_change(operation: Operation[None], code: int) -> None:
    assert failure(operation, answer(code=code, message="not modified")).kind is Kind.NO_CHANGE


def test_the_recorded_settings() -> None:
    parse(SetLeverage(instrument=PERPETUAL, leverage=D(3)), recorded("Account", "SetLeverage.json"))
    mode = SetPositionMode(product=LINEAR, mode=PositionMode.HEDGE)
    parse(mode, recorded("Account", "SwitchPositionMode.json"))
    isolated = SetMarginMode(instrument=PERPETUAL, mode=MarginMode.ISOLATED)
    assert failure(isolated, recorded("Account", "SetMarginMode.json")).kind is Kind.MARGIN_REJECTED


def test_a_page_of_positions_is_a_page() -> None:
    assert parse(page(), listed()) == Page(items=())
