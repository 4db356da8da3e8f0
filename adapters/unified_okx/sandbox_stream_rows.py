"""How the simulated OKX writes the account's streams: what happened to an order, and positions that changed.

Pure; fields from the OKX docs, orders channel (2026-07-08) and positions channel: the row of an order as it was then,
with the execution that the push is about.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from unified.instrument import ZERO, Product
from unified.order import Liquidity
from unified.sandbox.accounts import Account, VenuePosition
from unified.sandbox.engine import Engine
from unified.sandbox.streams import AccountChange, Happening
from unified_okx.sandbox_calls import ms
from unified_okx.sandbox_rows import average, is_order, order_row, position_row, price, size

TYPES = {"SPOT": (Product.SPOT,), "SWAP": (Product.LINEAR,), "ANY": (Product.SPOT, Product.LINEAR)}
"""`instType` of the channel of orders."""
_NO_FILL = dict.fromkeys(("fillPx", "tradeId", "fillTime", "fillFeeCcy", "execType"), "") | {
    "fillSz": "0",
    "fillFee": "0",
}
_ACTIVE = ("live", "partially_filled")


def order_push(engine: Engine, account: Account, change: AccountChange) -> dict[str, Any] | None:
    """The row of one thing that happened; None where OKX says nothing of it: stops that wait, ends already told."""
    order = change.order
    if not is_order(order) or (change.what is Happening.ENDED and _told(change)):
        return None
    row = order_row(engine, account, order) | _NO_FILL | _progress(change)
    row |= {"amendResult": "0" if change.what is Happening.AMENDED else "", "amendSource": "", "reqId": ""}
    row |= {"code": "0", "msg": "", "lastPx": price(engine.market(order.instrument).last)}
    return row | _fill(change) if change.what is Happening.FILLED else row


def _told(change: AccountChange) -> bool:
    """Whether the last execution has told the end already."""
    order = change.order
    return order.quantity is not None and order.filled_quantity >= order.quantity > ZERO


def _progress(change: AccountChange) -> dict[str, Any]:
    """How far the order was filled at that moment, which may lie before what is true by now."""
    order, filled = change.order, change.filled_quantity
    told = {
        "accFillSz": size(order.instrument, filled),
        "avgPx": average(change.filled_quote / filled) if filled else "",
    }
    if change.what is Happening.ENDED:
        return told
    whole = change.what is Happening.FILLED and order.quantity is not None and filled >= order.quantity
    state = "filled" if whole else _ACTIVE[1] if filled else _ACTIVE[0]
    return {**told, "state": state, "cancelSource": ""}


def _fill(change: AccountChange) -> dict[str, Any]:
    fill = change.fill
    assert fill is not None
    return {
        "fillPx": price(fill.price),
        "fillSz": size(change.order.instrument, fill.quantity),
        "tradeId": str(fill.trade_id),
        "fillTime": ms(fill.time_us),
        "fillFee": f"{-fill.fee:f}",
        "fillFeeCcy": fill.fee_currency,
        "execType": "M" if fill.liquidity is Liquidity.MAKER else "T",
        "uTime": ms(fill.time_us),
    }


class PositionFeed:
    """Positions whose size or price changed since they were told."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._told = self._now()

    def all(self) -> list[VenuePosition]:
        """Those that are open."""
        return list(self._account.open_positions())

    def new(self) -> list[VenuePosition]:
        """Those that changed, closed ones with size zero."""
        now = self._now()
        changed = [key for key, state in now.items() if self._told.get(key, (ZERO, ZERO)) != state]
        self._told = now
        return [self._account.positions[key] for key in changed]

    def _now(self) -> dict[Any, tuple[Decimal, Decimal]]:
        return {key: (position.quantity, position.cost) for key, position in self._account.positions.items()}


def position_push(engine: Engine, account: Account, position: VenuePosition) -> dict[str, Any]:
    """A position; one that was closed has no price and no margin to tell."""
    if position.quantity:
        return {**position_row(engine, account, position), "pTime": ms(engine.now_us)}
    mode = account.position_mode
    return {
        "instType": "SWAP",
        "instId": position.instrument.symbol,
        "mgnMode": "cross",
        "posSide": "net" if position.side is None or mode is None else position.side.value,
        "pos": "0",
        "avgPx": "",
        "upl": "0",
        "lever": "",
        "liqPx": "",
        "markPx": price(engine.market(position.instrument).mark),
        "uTime": ms(position.updated_us),
        "pTime": ms(engine.now_us),
    }
