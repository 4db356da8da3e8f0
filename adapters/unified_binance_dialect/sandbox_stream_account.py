"""What streams of a simulated spot account say: reports of its orders, and funds. Changes nothing.

Field names: Binance user-data-stream.md (2026-07-21); binance-us-api-docs user-data-stream.md at 6b62304 (2024-06-17).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from unified.instrument import ZERO, Product
from unified.order import Liquidity
from unified.sandbox.accounts import Account, Wallet
from unified.sandbox.engine import Engine
from unified.sandbox.orders import EndReason
from unified.sandbox.streams import AccountChange, AccountFeed, Happening, WalletFeed
from unified_binance_dialect.sandbox_rows import Row, sided, spot8, status

_REPLACED = {True: "REPLACED", False: "AMENDMENT"}
_NO_TRADE = -1


def happened(change: AccountChange, *, spot: bool) -> tuple[str, str] | None:
    """Execution type and status; None where a trade has told the end already."""
    order = change.order
    partly = "PARTIALLY_FILLED" if change.filled_quantity else "NEW"
    match change.what:
        case Happening.PLACED:
            return "NEW", "NEW"
        case Happening.FILLED:
            whole = order.end is EndReason.FILLED and change.filled_quantity == order.filled_quantity
            return "TRADE", "FILLED" if whole else "PARTIALLY_FILLED"
        case Happening.AMENDED:
            return _REPLACED[spot], partly
    if order.end is EndReason.FILLED:
        return None
    now = status(order)
    return ("CANCELED" if now == "CANCELED" else "EXPIRED"), now


def report(change: AccountChange, now_ms: int) -> Iterable[Row]:
    """`executionReport`. On a cancel `c` is an id of the cancel's own."""
    what = happened(change, spot=True)
    if what is None:
        return ()
    order, fill = change.order, change.fill
    kind, state = what
    canceled = kind == "CANCELED"
    row: Row = {
        "e": "executionReport",
        "E": now_ms,
        "s": order.instrument.symbol,
        "c": f"cancel-of-{order.order_id}" if canceled else order.client_order_id,
        "S": sided(order.side),
        "o": order.words["type"],
        "f": order.words["tif"],
        "q": spot8(order.quantity if order.quantity is not None else order.filled_quantity),
        "p": spot8(order.price),
        "P": spot8(order.asked.stop_price),
        "F": spot8(ZERO),
        "g": -1,
        "C": order.client_order_id if canceled else "",
        "x": kind,
        "X": state,
        "r": "NONE",
        "i": order.order_id,
        "l": spot8(fill.quantity if fill is not None else ZERO),
        "z": spot8(change.filled_quantity),
        "L": spot8(fill.price if fill is not None else ZERO),
        "n": spot8(fill.fee) if fill is not None else "0",
        "N": fill.fee_currency if fill is not None else None,
        "T": (fill.time_us if fill is not None else order.updated_us) // 1000,
        "t": fill.trade_id if fill is not None else _NO_TRADE,
        "I": now_ms,
        "w": order.is_open and not order.is_waiting_stop,
        "m": fill is not None and fill.liquidity is Liquidity.MAKER,
        "M": False,
        "O": order.created_us // 1000,
        "Z": spot8(change.filled_quote),
        "Y": spot8(fill.quote_quantity if fill is not None else ZERO),
        "Q": spot8(order.asked.quote_quantity),
        "V": order.words["stp"],
    }
    return (row,)


def funds(wallet: Wallet, changed: Iterable[str], now_ms: int) -> Row:
    """`outboundAccountPosition`: what may have changed, all of it."""
    told = [{"a": name, "f": spot8(wallet.free(name)), "l": spot8(wallet.held.get(name, ZERO))} for name in changed]
    return {"e": "outboundAccountPosition", "E": now_ms, "u": now_ms, "B": told}


def spot_news(engine: Engine, account: Account) -> Callable[[], list[Row]]:
    """Everything that has happened to a spot account since it was asked last, as events."""
    feed, wallet = AccountFeed(account), WalletFeed(account.spot)

    def news() -> list[Row]:
        changes = (change for change in feed.new() if change.order.instrument.product is Product.SPOT)
        now_ms = engine.now_us // 1000
        found = [row for change in changes for row in report(change, now_ms)]
        changed = wallet.new()
        return [*found, funds(account.spot, changed, now_ms)] if changed else found

    return news
