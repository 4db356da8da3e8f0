"""What the simulated Binance says in frames of a USD-M account: orders, stops, wallet, positions. Changes nothing.

Field names: USD-M "User Data Streams" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from unified.instrument import ZERO
from unified.order import Liquidity, PositionSide
from unified.sandbox.accounts import Account, InstrumentKey, VenuePosition
from unified.sandbox.engine import Engine
from unified.sandbox.orders import VenueOrder
from unified.sandbox.refusal import Reason
from unified.sandbox.streams import AccountChange, Happening
from unified.sandbox.wording import at_step, fixed, plain
from unified_binance.sandbox_rows import ALGO_BASE, algo_status, fixed_average, position_side, working_type
from unified_binance_dialect.sandbox_rows import Row, sided, spot8
from unified_binance_dialect.sandbox_stream_account import happened

_NONE = (ZERO, ZERO)
PositionKey = tuple[InstrumentKey, PositionSide | None]
_EIGHT = Decimal("1e-8")


# --- orders and stops


def order_update(change: AccountChange, now_ms: int) -> Iterable[Row]:
    """`ORDER_TRADE_UPDATE`, for what stands in the book or has traded."""
    what, order, fill = happened(change, spot=False), change.order, change.fill
    unborn = order.order_type.is_stop and not order.triggered
    if what is None or unborn or order.refusal is Reason.UNFILLABLE_FOK:
        return ()
    item, (kind, state) = order.instrument, what
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


# --- wallet and positions


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
