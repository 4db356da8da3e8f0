"""The account: balances, fees and what the key may do. Signs nothing.

Source: docs.kraken.com, rest-api get-extended-balance, get-trade-volume (2026-06-16), get-api-key-info (2026-03-11).
"""

from __future__ import annotations

from attrs import evolve

from unified.account import Balance, Fee, KeyPermissions
from unified.adapter import Steps
from unified.instrument import ZERO
from unified.operations import FetchBalances, FetchKeyPermissions, FetchTradingFees, Operation, Priority
from unified.wire import Json, child, children, decimal, decimal_or_none, obj, rows, text, text_or_none
from unified_kraken.market_data import of_pair
from unified_kraken.seconds import at_seconds_or_none
from unified_kraken.symbols import NO_ASSETS, FetchAssets, has_one_name, is_view

# --- balances


class FetchHoldings(Operation[tuple[Balance, ...]]):
    """Balances under the venue's own ids of the assets."""

    __slots__ = ()
    name = "balances"
    priority = Priority.PRIVATE_READ


def fetch_balances(operation: FetchBalances) -> Steps[tuple[Balance, ...]]:
    """The holdings under common names; the list of assets is asked for only where a name cannot be known without."""
    holdings: tuple[Balance, ...] = yield FetchHoldings(product=operation.product)
    assets = NO_ASSETS
    if not all(has_one_name(holding.currency) for holding in holdings):
        assets = yield FetchAssets(product=operation.product)
    return tuple(evolve(holding, currency=assets.name(holding.currency)) for holding in holdings)


def parse_holdings(_operation: FetchHoldings, result: Json) -> tuple[Balance, ...]:
    return tuple(_holding(asset, obj(row, asset)) for asset, row in obj(result, "result").items())


def _holding(asset: str, row: dict[str, Json]) -> Balance:
    """What earns or is staked (`XBT.F`, `ETH2.S`) is a row of its own, and none of it is free under that name."""
    held = decimal_or_none(row, "hold_trade") or ZERO
    credit = (decimal_or_none(row, "credit") or ZERO) - (decimal_or_none(row, "credit_used") or ZERO)
    total = decimal(row, "balance") + credit
    locked = total if is_view(asset) else held
    return Balance(currency=asset, free=total - locked, locked=locked)


# --- fees


def parse_fees(operation: FetchTradingFees, result: Json) -> Fee:
    """Kraken counts in percent: 0.26 is 0.0026. Without a maker's rate both pay the same."""
    body, instrument = obj(result, "result"), operation.instrument
    taker = decimal(obj(of_pair(child(body, "fees"), instrument)), "fee")
    makers = obj(body.get("fees_maker") or {}, "fees_maker")
    maker = decimal(obj(of_pair(makers, instrument)), "fee") if makers else taker
    return Fee(instrument=instrument, product=operation.product, maker=maker / 100, taker=taker / 100)


# --- the key

_WANTED = ("query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades")
"""What trading through this library uses, in the venue's words."""


def parse_permissions(_operation: FetchKeyPermissions, result: Json) -> KeyPermissions:
    row = obj(result, "result")
    granted = [text({"permission": word}, "permission") for word in children(row, "permissions")]
    addresses = rows(row.get("ipAllowlist") or [], "ipAllowlist")
    notes = [f"not granted: {word}" for word in _WANTED if word not in granted]
    window = text_or_none(row, "nonceWindow") or "0"
    if window != "0":
        notes.append(f"nonce window {window}: set it to 0, else a late copy of a request may still be accepted")
    return KeyPermissions(
        read="query-funds" in granted,
        trade="modify-trades" in granted,
        withdraw="withdraw-funds" in granted,
        addresses=tuple(text({"address": address}, "address") for address in addresses),
        expires_at=at_seconds_or_none(row, "validUntil"),
        notes=tuple(notes),
    )
