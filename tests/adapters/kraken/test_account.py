from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.adapters.kraken.venue import BTC_USD, BTC_USDT, failure, parse, recorded, result, told, walk
from unified.account import Balance
from unified.errors import Kind
from unified.operations import FetchBalances, FetchKeyPermissions, FetchTradingFees
from unified_kraken.account import FetchHoldings
from unified_kraken.symbols import Assets, FetchAssets


def balance(currency: str, free: str, locked: str) -> Balance:
    return Balance(currency=currency, free=Decimal(free), locked=Decimal(locked))


# --- balances


def test_what_is_free_counts_credit_and_leaves_out_what_orders_hold() -> None:
    assert told(FetchHoldings()) == ("BalanceEx", {})
    row = {"balance": "100.5", "hold_trade": "20.25", "credit": "10", "credit_used": "4"}
    (holding,) = parse(FetchHoldings(), result({"ZUSD": row}))
    assert holding == balance("ZUSD", "86.25", "20.25")
    assert holding.total == Decimal("106.5")


def test_what_earns_or_is_staked_is_a_row_of_its_own_and_not_free() -> None:
    answer = result({"XXBT": {"balance": "1", "hold_trade": "0"}, "XBT.F": {"balance": "2", "hold_trade": "0"}})
    assert parse(FetchHoldings(), answer) == (balance("XXBT", "1", "0"), balance("XBT.F", "0", "2"))


def test_the_recorded_balances_are_read() -> None:
    answer = recorded("Account", "GetAvailableBalances.json")
    assert parse(FetchHoldings(), answer) == (
        balance("ZUSD", "17185.45", "8249.76"),
        balance("XXBT", "0.4012", "0.8423"),
    )


def test_common_names_need_no_second_call() -> None:
    held = tuple(balance(name, "1", "0") for name in ("ZUSD", "XXBT", "XXDG", "USDT", "XBT.F", "ETH2.S"))
    steps, balances = walk(FetchBalances(), [held])
    assert [type(step) for step in steps] == [FetchHoldings]
    assert [item.currency for item in balances] == ["USD", "BTC", "DOGE", "USDT", "BTC.F", "ETH2.S"]


def test_an_id_that_may_be_an_old_one_is_looked_up() -> None:
    held = (balance("XNEW", "1", "0"), balance("ZORA", "1", "0"))
    steps, balances = walk(FetchBalances(), [held, Assets({"XNEW": "NEW", "ZORA": "ZORA"})])
    assert [type(step) for step in steps] == [FetchHoldings, FetchAssets]
    assert [item.currency for item in balances] == ["NEW", "ZORA"]


# --- fees


def test_fees_are_told_in_percent() -> None:
    operation = FetchTradingFees(instrument=BTC_USDT)
    assert told(operation) == ("TradeVolume", {"pair": "XBTUSDT"})
    answer = result({"fees": {"XBTUSDT": {"fee": "0.2600"}}, "fees_maker": {"XBTUSDT": {"fee": "0.1600"}}})
    fee = parse(operation, answer)
    assert (fee.taker, fee.maker, fee.instrument) == (Decimal("0.0026"), Decimal("0.0016"), BTC_USDT)


@pytest.mark.parametrize("makers", [pytest.param({}, id="empty"), pytest.param(None, id="null")])
def test_without_a_makers_rate_both_pay_the_same(makers: object) -> None:
    fee = parse(
        FetchTradingFees(instrument=BTC_USD),
        result({"fees": {"XXBTZUSD": {"fee": "0.26"}}, "fees_maker": makers}),
    )
    assert fee.maker == fee.taker == Decimal("0.0026")


def test_no_fees_are_malformed() -> None:
    error = failure(FetchTradingFees(instrument=BTC_USD), result({"volume": "0", "fees": None}))
    assert error.kind is Kind.MALFORMED_RESPONSE


def test_the_recorded_fees_are_read() -> None:
    fee = parse(FetchTradingFees(instrument=BTC_USD), recorded("Account", "GetTradeVolume.json"))
    assert (fee.taker, fee.maker) == (Decimal("0.001"), Decimal(0))


# --- the key

KEY = {
    "apiKeyName": "a-dummy",
    "nonce": "1772627060997",
    "nonceWindow": 0,
    "permissions": ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades"],
    "validUntil": "0",
    "ipAllowlist": ["203.0.113.7"],
    "lastUsed": "1772627061",
}


def test_a_trading_key() -> None:
    assert told(FetchKeyPermissions()) == ("GetApiKeyInfo", {})
    key = parse(FetchKeyPermissions(), result(KEY))
    assert (key.read, key.trade, key.withdraw) == (True, True, False)
    assert (key.addresses, key.expires_at, key.notes) == (("203.0.113.7",), None, ())


def test_a_key_that_may_too_little_too_much_and_for_a_while() -> None:
    row = {
        **KEY,
        "permissions": ["query-funds", "withdraw-funds"],
        "nonceWindow": "10000",
        "validUntil": "1795161600",
        "ipAllowlist": [],
    }
    key = parse(FetchKeyPermissions(), result(row))
    assert (key.read, key.trade, key.withdraw, key.addresses) == (True, False, True, ())
    assert key.expires_at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert [note.partition(":")[0] for note in key.notes] == ["not granted"] * 4 + ["nonce window 10000"]
