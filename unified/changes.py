"""Cancels and amends orders, and tells what became of them.

Places nothing (`placement.py` does). A cancel is repeated by the scheduler; an order that is "already gone" is
looked up, so that filled and canceled are told apart. An amend is never repeated blindly: in doubt the order is
looked up at once and again after the fence.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from decimal import Decimal

from attrs import evolve

from unified.adapter import Adapter, Expiry, Stamp
from unified.calls import Trace
from unified.doubt import ProofClock
from unified.errors import Kind, Outcome, VenueError
from unified.hooks import Hooks, show_settled
from unified.operations import AmendOrder, CancelBatch, CancelOrder, FetchOrder, Placed, Priority
from unified.order import Order, OrderStatus
from unified.scheduler import Scheduler
from unified.verdicts import accepted
from unified.wire import milliseconds

_GONE = frozenset({Kind.ORDER_CLOSED, Kind.ORDER_NOT_FOUND, Kind.INVALID_REQUEST})
"""Refusals of a cancel behind which the order may be gone. Coinbase calls the cancel of an ended order invalid."""
_LOOKS = (0.1, 0.2, 0.4, 0.8, 1.0)
"""Seconds between looks for the definite word; the last one repeats."""


class Changes:
    """Cancels, amends and confirms orders of one client."""

    def __init__(self, adapter: Adapter, scheduler: Scheduler, visibility: float | None, hooks: Hooks) -> None:
        self._adapter = adapter
        self._hooks = hooks
        self._scheduler = scheduler
        self._visibility = visibility
        self._touched: OrderedDict[str, float] = OrderedDict()  # whose oldest is found without a search

    # --- cancel

    async def cancel(self, order: Order, deadline: float, *, confirm: bool) -> Order:
        """The order after the cancel. Raises with outcome `unknown` where it cannot be told."""
        wanted = self._cancel_of(order)
        try:
            canceled = await self._scheduler.run(wanted, deadline=deadline)
        except VenueError as error:
            if error.kind not in _GONE and error.outcome is not Outcome.UNKNOWN:
                raise
            return await self._after(wanted, order, error, deadline)
        merged = _merged(order, canceled)
        return await self.confirmed(merged, deadline) if confirm else merged

    async def cancel_batch(self, orders: tuple[Order, ...], deadline: float) -> tuple[Placed, ...]:
        """What became of each, in their order."""
        batch = CancelBatch(cancels=tuple(self._cancel_of(order) for order in orders))
        answers = await self._scheduler.run(batch, deadline=deadline)
        return tuple(
            answer if isinstance(answer, VenueError) else _merged(order, answer)
            for order, answer in zip(orders, answers, strict=True)
        )

    def _cancel_of(self, order: Order) -> CancelOrder:
        return CancelOrder(
            instrument=order.instrument,
            venue_order_id=order.venue_order_id or None,
            client_order_id=order.client_order_id,
            is_stop=order.order_type is not None and order.order_type.is_stop,
            touched_ms=self._touched_ms(order),
        )

    async def _after(self, wanted: CancelOrder, order: Order, error: VenueError, deadline: float) -> Order:
        """What the order is after a cancel that found it gone, or whose answer was lost."""
        since = asyncio.get_running_loop().time()
        try:
            seen = await self._fetch(order, deadline)
        except VenueError:
            raise error from None
        if not seen.status.is_final and seen.status is not OrderStatus.PENDING_CANCEL:
            raise error
        if error.outcome is Outcome.UNKNOWN:
            self._settled(wanted, Outcome.DONE, since)
        return seen

    # --- amend

    async def amend(self, order: Order, price: Decimal | None, quantity: Decimal | None, deadline: float) -> Order:
        """The order with its new terms. Raises with outcome `rejected` where they surely did not take effect."""
        wanted = AmendOrder(
            instrument=order.instrument,
            order=order,
            price=price,
            quantity=quantity,
            touched_ms=self._touched_ms(order),
        )
        fence = _Fence(self._adapter.placement[wanted.product].expiry)
        try:
            amended = await self._scheduler.run(wanted, deadline=deadline, trace=fence)
        except VenueError as error:
            if error.kind is Kind.NO_CHANGE:
                return await self._fetch(order, deadline)
            if error.outcome is not Outcome.UNKNOWN:
                raise
            return await self._after_amend(wanted, fence.at_ms, error, deadline)
        self.touch(amended)
        return amended

    async def _after_amend(self, wanted: AmendOrder, fence_ms: int, error: VenueError, deadline: float) -> Order:
        """Look until the new terms show, or until they surely never will."""
        rule = self._adapter.placement[wanted.product]
        visibility = rule.visibility if self._visibility is None else self._visibility
        proof_ms, since, proof = fence_ms + round(visibility * 1000), asyncio.get_running_loop().time(), ProofClock()
        for look in range(1_000_000):
            asked_ms = proof.sure_ms(self._scheduler.venue_ms(wanted.product), fence_ms)
            try:
                seen = await self._fetch(wanted.order, deadline)
            except VenueError:
                raise error from None
            if _shows(seen, wanted, moves_price=rule.moves_price):
                self.touch(seen)
                self._settled(wanted, Outcome.DONE, since)
                return seen
            expired = rule.expiry is not None and asked_ms is not None and asked_ms > proof_ms
            if expired or seen.status.is_final:
                self._settled(wanted, Outcome.REJECTED, since)
                raise error.about(outcome=Outcome.REJECTED)
            if not await _pause(look, deadline):
                break
        raise error.about(fence_ms=fence_ms if rule.expiry is not None else None)

    # --- confirm

    async def confirmed(self, order: Order, deadline: float) -> Order:
        """The order once the venue's engine has spoken; as last seen if it cannot be looked up before the deadline.

        Raises the refusal if the engine refused an order that was only acknowledged before. A refused look-up
        is not raised: its outcome is not the order's, which the venue has acknowledged.
        """
        for look in range(1_000_000):
            if order.status not in (OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL):
                return accepted(order, self._adapter.venue)
            if not await _pause(look, deadline):
                return order
            try:
                order = await self._fetch(order, deadline)
            except VenueError as error:
                if error.kind is not Kind.ORDER_NOT_FOUND and not error.transient:
                    return order
        return order

    def _touched_ms(self, order: Order) -> int | None:
        """When it was placed or last amended, in venue time: as remembered here, else as the venue dates it."""
        touched = self._touched.get(order.venue_order_id)
        now_ms = None if touched is None else self._scheduler.venue_ms(order.instrument.product)
        if touched is not None and now_ms is not None:
            return now_ms - int((asyncio.get_running_loop().time() - touched) * 1000)
        dated = [milliseconds(when) for when in (order.created_at, order.updated_at) if when is not None]
        return max(dated, default=None)

    def touch(self, order: Order) -> None:
        """Remember when an order was placed or amended: some venues charge a cancel by its age."""
        self._touched[order.venue_order_id] = asyncio.get_running_loop().time()
        if len(self._touched) > _REMEMBERED:
            self._touched.popitem(last=False)

    def _settled(self, wanted: CancelOrder | AmendOrder, outcome: Outcome, since: float) -> None:
        seconds = asyncio.get_running_loop().time() - since
        show_settled(self._hooks, self._adapter.venue, wanted, outcome, seconds)

    async def _fetch(self, order: Order, deadline: float) -> Order:
        question = FetchOrder(
            instrument=order.instrument,
            venue_order_id=order.venue_order_id or None,
            client_order_id=order.client_order_id,
            is_stop=None if order.order_type is None else order.order_type.is_stop,
        )
        return await self._scheduler.run(question, deadline=deadline, priority=Priority.CLOSE)


_REMEMBERED = 10_000


class _Fence(Trace):
    """Keeps the last moment at which the latest copy can take effect."""

    def __init__(self, expiry: Expiry | None) -> None:
        self._expiry = expiry
        self.at_ms = 0

    def sending(self, stamp: Stamp) -> None:
        self.at_ms = stamp.expires_ms if self._expiry is None else self._expiry.fence_ms(stamp)


def _merged(before: Order, after: Order) -> Order:
    """What a bare acknowledgement says, over what was known."""
    if after.side is not None:
        return after
    return evolve(
        before,
        status=after.status,
        venue_order_id=after.venue_order_id or before.venue_order_id,
        updated_at=after.updated_at or before.updated_at,
    )


def _shows(seen: Order, wanted: AmendOrder, *, moves_price: bool) -> bool:
    """Whether the order has the new terms; where the venue may move a price, any other than the old one counts."""
    price_fits = wanted.price is None or seen.price == wanted.price
    if moves_price and not price_fits:
        price_fits = seen.price != wanted.order.price
    return price_fits and (wanted.quantity is None or seen.quantity == wanted.quantity)


async def _pause(look: int, deadline: float) -> bool:
    """Wait before the next look; False where it would come too late."""
    pause = _LOOKS[min(look, len(_LOOKS) - 1)]
    if asyncio.get_running_loop().time() + pause >= deadline:
        return False
    await asyncio.sleep(pause)
    return True
