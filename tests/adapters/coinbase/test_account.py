from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.calls import response
from tests.adapters.coinbase.venue import BTC, asked, failure, parse, recorded, walk
from unified.account import Balance, Fee, KeyPermissions
from unified.errors import Kind
from unified.instrument import Product
from unified.operations import FetchBalances, FetchKeyPermissions, FetchTradingFees, Page
from unified_coinbase.account import FetchWallets, Wallet

PERMISSIONS = {
    "can_view": True,
    "can_trade": True,
    "can_transfer": False,
    "portfolio_uuid": "b87a2d3f",
    "portfolio_type": "DEFAULT",
}


def account_row(**changes: object) -> dict[str, Any]:
    return {
        "uuid": "8bfc20d7",
        "currency": "BTC",
        "available_balance": {"value": "1.23456789", "currency": "BTC"},
        "hold": {"value": "0.00500000", "currency": "BTC"},
        "type": "ACCOUNT_TYPE_CRYPTO",
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
        "active": True,
        **changes,
    }


def wallet(uuid: str, currency: str, free: str, locked: str = "0") -> Wallet:
    return Wallet(uuid=uuid, currency=currency, free=Decimal(free), locked=Decimal(locked))


# --- balances


def test_accounts_are_asked_for_in_the_largest_pages() -> None:
    assert asked(FetchWallets()) == ("GET /accounts", [("limit", "250")])
    assert asked(FetchWallets(cursor="c/1")) == ("GET /accounts", [("limit", "250"), ("cursor", "c/1")])


def test_a_page_of_accounts() -> None:
    page = parse(FetchWallets(), {"accounts": [account_row()], "has_next": True, "cursor": "789100"})
    assert page == Page(items=(wallet("8bfc20d7", "BTC", "1.23456789", "0.00500000"),), cursor="789100")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"type": "ACCOUNT_TYPE_VAULT"}, id="a vault"),
        pytest.param({"type": "ACCOUNT_TYPE_PERP_FUTURES"}, id="perpetual futures"),
        pytest.param({"platform": "ACCOUNT_PLATFORM_CFM_CONSUMER"}, id="US futures"),
    ],
)
def test_what_cannot_pay_for_a_spot_order_is_left_out(changes: dict[str, str]) -> None:
    assert parse(FetchWallets(), {"accounts": [account_row(**changes)], "has_next": False}).items == ()


@pytest.mark.parametrize(
    ("asked_with", "more", "following"),
    [
        pytest.param(None, {"has_next": False, "cursor": "2"}, None, id="the last page"),
        pytest.param(None, {}, None, id="no word about pages"),
        pytest.param("2", {"has_next": True, "cursor": "2"}, None, id="a cursor that stands still"),
        pytest.param("2", {"has_next": True, "cursor": ""}, None, id="no cursor"),
        pytest.param("2", {"has_next": True, "cursor": "3"}, "3", id="more to come"),
    ],
)
def test_the_next_page(asked_with: str | None, more: dict[str, object], following: str | None) -> None:
    assert parse(FetchWallets(cursor=asked_with), {"accounts": [], **more}).cursor == following


def test_balances_are_all_pages_with_wallets_of_one_currency_together() -> None:
    first = Page(items=(wallet("a", "BTC", "1", "0.5"), wallet("b", "USD", "10")), cursor="2")
    second = Page(items=(wallet("c", "BTC", "2"), wallet("b", "USD", "10")))
    steps, balances = walk(FetchBalances(), [first, second])
    assert steps == [FetchWallets(), FetchWallets(cursor="2")]
    assert balances == (
        Balance(currency="BTC", free=Decimal(3), locked=Decimal("0.5")),
        Balance(currency="USD", free=Decimal(10), locked=Decimal(0)),
    )


def test_the_recorded_accounts_are_read() -> None:
    page = parse(FetchWallets(), recorded("Account", "GetAccounts.json"))
    assert page.items == (wallet("8bfc20d7-f7c6-4422-bf07-8243ca4169fe", "BTC", "1.23", "1.23"),)


# --- fees


def test_fees_are_those_of_the_accounts_tier() -> None:
    assert asked(FetchTradingFees(instrument=BTC)) == ("GET /transaction_summary", [("product_type", "SPOT")])
    body = b'{"total_volume":0.1,"fee_tier":{"pricing_tier":"Intro 1","taker_fee_rate":"0.012","maker_fee_rate":0.006}}'
    fee = parse(FetchTradingFees(instrument=BTC), response(body))
    assert fee == Fee(instrument=None, product=Product.SPOT, maker=Decimal("0.006"), taker=Decimal("0.012"))


@pytest.mark.parametrize(
    ("file", "maker", "taker"),
    [("GetFeeInfo.json", "0.0020", "0.0010"), ("GetFeeInfo2.json", "0.006", "0.012")],
)
def test_the_recorded_fees_are_read(file: str, maker: str, taker: str) -> None:
    fee = parse(FetchTradingFees(instrument=BTC), recorded("Account", file))
    assert (fee.maker, fee.taker) == (Decimal(maker), Decimal(taker))


# --- the key


def test_the_key_tells_what_it_may_do() -> None:
    assert asked(FetchKeyPermissions()) == ("GET /key_permissions", [])
    assert parse(FetchKeyPermissions(), PERMISSIONS) == KeyPermissions(
        read=True, trade=True, withdraw=False, notes=("portfolio DEFAULT b87a2d3f",)
    )


def test_a_key_that_may_transfer_is_shown_so() -> None:
    bare = {"can_view": True, "can_trade": False, "can_transfer": True}
    assert parse(FetchKeyPermissions(), bare) == KeyPermissions(read=True, trade=False, withdraw=True)


def test_permissions_that_are_missing_are_malformed() -> None:
    assert failure(FetchKeyPermissions(), {"can_view": True}).kind is Kind.MALFORMED_RESPONSE
