"""What the simulated Binance says in frames of an account's orders, funds and positions. Changes nothing.

Field names: user-data-stream.md (2026-07-21), USD-M "User Data Streams" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from unified.instrument import ZERO
from unified.order import Liquidity, PositionSide
from unified.sandbox.accounts import Account, InstrumentKey, VenuePosition, Wallet
from unified.sandbox.engine import Engine
from unified.sandbox.orders import EndReason, VenueOrder
from unified.sandbox.refusal import Reason
from unified.sandbox.streams import AccountChange, Happening
from unified.sandbox.wording import at_step, fixed, plain
from unified_binance.sandbox_rows import ALGO_BASE, algo_status, fixed_average, position_side, working_type
from unified_binance_dialect.sandbox_rows import Row, sided, spot8, status

_REPLACED = {True: "REPLACED", False: "AMENDMENT"}
_NO_TRADE = -1
_NONE = (ZERO, ZERO)
PositionKey = tuple[InstrumentKey, PositionSide | None]
_EIGHT = Decimal("1e-8")


def _happened(change: AccountChange, *, spot: bool) -> tuple[str, str] | None:
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


# --- spot


def report(change: AccountChange, now_ms: int) -> Iterable[Row]:
    """`executionReport`. On a cancel `c` is an id of the cancel's own."""
    happened = _happened(change, spot=True)
    if happened is None:
        return ()
    order, fill = change.order, change.fill
    kind, state = happened
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


# --- USD-M: orders and stops


def order_update(change: AccountChange, now_ms: int) -> Iterable[Row]:
    """`ORDER_TRADE_UPDATE`, for what stands in the book or has traded."""
    happened, order, fill = _happened(change, spot=False), change.order, change.fill
    unborn = order.order_type.is_stop and not order.triggered
    if happened is None or unborn or order.refusal is Reason.UNFILLABLE_FOK:
        return ()
    item, (kind, state) = order.instrument, happened
    average = change.filled_quote / change.filled_quantity if change.filled_quantity else ZERO
    row: Row = {
        "s": item.symbol,
        "c": order.client_order_id,
        "S": sided(order.side),
        "o": working_type(order),
        "f": order.words["tif"],
        "q": at_step(order.quantity or ZERO, item.lot_size),
        "p": at_step(order.price or ZERO, item.tick_size),
        "ap": plain(average),
        "sp": "0",
        "x": kind,
        "X": state,
        "i": order.order_id,
        "l": at_step(fill.quantity if fill is not None else ZERO, item.lot_size),
        "z": at_step(change.filled_quantity, item.lot_size),
        "L": at_step(fill.price if fill is not None else ZERO, item.tick_size),
        "T": (fill.time_us if fill is not None else order.updated_us) // 1000,
        "t": fill.trade_id if fill is not None else 0,
        "m": fill is not None and fill.liquidity is Liquidity.MAKER,
        "R": order.asked.reduce_only,
        "wt": order.words.get("working", "CONTRACT_PRICE"),
        "ot": working_type(order),
        "ps": position_side(order.asked.position_side),
        "cp": False,
        "rp": fixed(fill.realized_pnl if fill is not None else ZERO, 8),
        "V": order.words["stp"],
        "gtd": 0,
    }
    if fill is not None:
        row |= {"N": fill.fee_currency, "n": fixed(fill.fee, 8)}
    return ({"e": "ORDER_TRADE_UPDATE", "E": now_ms, "T": now_ms, "o": row},)


def algo_update(change: AccountChange, now_ms: int) -> Iterable[Row]:
    """`ALGO_UPDATE`, of a conditional order: when it is placed, and when it has triggered or ended."""
    order = change.order
    if not order.order_type.is_stop or change.what is Happening.AMENDED:
        return ()
    return ({"e": "ALGO_UPDATE", "T": now_ms, "E": now_ms, "o": _algo(order)},)


def _algo(order: VenueOrder) -> Row:
    item = order.instrument
    return {
        "caid": order.client_order_id,
        "aid": ALGO_BASE + order.order_id,
        "at": "CONDITIONAL",
        "o": order.words["type"],
        "s": item.symbol,
        "S": sided(order.side),
        "ps": position_side(order.asked.position_side),
        "f": order.words["tif"],
        "q": at_step(order.quantity or ZERO, item.lot_size),
        "X": algo_status(order),
        "ai": str(order.order_id) if order.triggered else "",
        "ap": plain(fixed_average(order)),
        "aq": at_step(order.filled_quantity, item.lot_size),
        "tp": at_step(order.asked.stop_price or ZERO, item.tick_size),
        "p": at_step(order.price or ZERO, item.tick_size),
        "wt": order.words["working"],
        "R": order.asked.reduce_only,
        "tt": order.updated_us // 1000 if order.triggered else 0,
        "gtd": 0,
        "rm": "",
    }


# --- USD-M: wallet and positions


class PositionFeed:
    """Positions that have changed since the last call."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._told = self._now()

    def new(self) -> list[VenuePosition]:
        """Those that did, also the ones that are closed now."""
        now = self._now()
        changed = [self._account.positions[key] for key, held in now.items() if self._told.get(key, _NONE) != held]
        self._told = now
        return changed

    def _now(self) -> dict[PositionKey, tuple[Decimal, Decimal]]:
        return {key: (held.quantity, held.cost) for key, held in self._account.positions.items()}


def account_update(engine: Engine, account: Account, positions: Iterable[VenuePosition], now_ms: int) -> Row:
    """`ACCOUNT_UPDATE`: the wallet, and what changed of the positions."""
    told = [
        {
            "s": held.instrument.symbol,
            "pa": at_step(held.quantity, held.instrument.lot_size),
            "ep": plain(held.entry_price.quantize(_EIGHT)),
            "bep": plain(held.entry_price.quantize(_EIGHT)),
            "cr": fixed(held.realized_pnl, 8),
            "up": fixed(held.unrealized(engine.market(held.instrument).mark), 8),
            "mt": "cross",
            "iw": "0",
            "ps": position_side(held.side),
        }
        for held in positions
    ]
    wallet = [
        {"a": name, "wb": spot8(total), "cw": spot8(total), "bc": "0"} for name, total in account.margin.total.items()
    ]
    return {"e": "ACCOUNT_UPDATE", "E": now_ms, "T": now_ms, "a": {"m": "ORDER", "B": wallet, "P": told}}
