"""Balances, fees and the key: parameters out, values in. Signs nothing.

A key belongs to one portfolio and sees nothing of the others.
Source: docs.cdp.coinbase.com, list-accounts, get-transaction-summary, get-api-key-permissions (2026-08-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.account import Balance, Fee, KeyPermissions
from unified.adapter import Steps
from unified.instrument import ZERO
from unified.operations import FetchBalances, FetchKeyPermissions, FetchTradingFees, Operation, Page, Priority
from unified.values import frozen
from unified.wire import child, children, decimal, flag, obj, text, text_or_none
from unified_coinbase.symbols import SPOT

Parameters = Mapping[str, str]
Body = Mapping[str, Any]

# --- balances

_LARGEST_PAGE = "250"
_NOT_FOR_SPOT = (
    "ACCOUNT_TYPE_VAULT",
    "ACCOUNT_TYPE_PERP_FUTURES",
    "ACCOUNT_PLATFORM_CFM_CONSUMER",
    "ACCOUNT_PLATFORM_INTX",
)
"""Types and platforms: what lies there cannot pay for a spot order."""


@frozen(kw_only=True)
class Wallet:
    """One account of the portfolio."""

    uuid: str
    currency: str
    free: Decimal
    locked: Decimal


@frozen(kw_only=True)
class FetchWallets(Operation[Page[Wallet]]):
    """One page of the portfolio's accounts."""

    name = "wallets"
    priority = Priority.PRIVATE_READ
    cursor: str | None = None


def wallets_parameters(operation: FetchWallets) -> Parameters:
    return {"limit": _LARGEST_PAGE, **({} if operation.cursor is None else {"cursor": operation.cursor})}


def parse_wallets(operation: FetchWallets, body: Body) -> Page[Wallet]:
    found = (obj(row, "accounts[]") for row in children(body, "accounts"))
    wallets = tuple(_wallet(row) for row in found if _is_for_spot(row))
    following = text_or_none(body, "cursor") if flag(body, "has_next", False) else None
    return Page(items=wallets, cursor=None if following == operation.cursor else following)


def _is_for_spot(row: Body) -> bool:
    return row.get("type") not in _NOT_FOR_SPOT and row.get("platform") not in _NOT_FOR_SPOT


def _wallet(row: Body) -> Wallet:
    return Wallet(
        uuid=text(row, "uuid"),
        currency=text(row, "currency"),
        free=decimal(child(row, "available_balance"), "value"),
        locked=decimal(child(row, "hold"), "value"),
    )


def fetch_balances(_operation: FetchBalances) -> Steps[tuple[Balance, ...]]:
    """All pages; wallets of one currency together."""
    wallets: dict[str, Wallet] = {}
    question = FetchWallets()
    while True:
        page: Page[Wallet] = yield question
        wallets.update((wallet.uuid, wallet) for wallet in page.items)
        if page.cursor is None:
            return _by_currency(wallets)
        question = FetchWallets(cursor=page.cursor)


def _by_currency(wallets: Mapping[str, Wallet]) -> tuple[Balance, ...]:
    free: dict[str, Decimal] = {}
    locked: dict[str, Decimal] = {}
    for wallet in wallets.values():
        free[wallet.currency] = free.get(wallet.currency, ZERO) + wallet.free
        locked[wallet.currency] = locked.get(wallet.currency, ZERO) + wallet.locked
    return tuple(Balance(currency=name, free=free[name], locked=locked[name]) for name in free)


# --- fees


def fees_parameters(_operation: FetchTradingFees) -> Parameters:
    return {"product_type": SPOT}


def parse_fees(operation: FetchTradingFees, body: Body) -> Fee:
    """The account's tier; pairs of stable coins may cost less, which no answer tells."""
    tier = child(body, "fee_tier")
    return Fee(
        instrument=None,
        product=operation.product,
        maker=decimal(tier, "maker_fee_rate"),
        taker=decimal(tier, "taker_fee_rate"),
    )


# --- the key


def parse_permissions(_operation: FetchKeyPermissions, body: Body) -> KeyPermissions:
    """`can_transfer` moves funds out of the account or between portfolios."""
    kind, portfolio = text_or_none(body, "portfolio_type"), text_or_none(body, "portfolio_uuid")
    about = " ".join(word for word in ("portfolio", kind, portfolio) if word)
    return KeyPermissions(
        read=flag(body, "can_view"),
        trade=flag(body, "can_trade"),
        withdraw=flag(body, "can_transfer"),
        notes=(about,) if kind or portfolio else (),
    )
