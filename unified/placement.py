"""Places orders so that one intent becomes at most one order.

Builds no request and keeps no limit (`scheduler.py` does), looks nothing up (`settlement.py` does) and decides nothing
itself: what may follow is `intent.py`'s word. On a time-out, a 5xx or a dead connection the order is looked up by its
client id, again after the fence, and sent again only when no earlier copy can be accepted any more.
"""

from __future__ import annotations

import asyncio

from unified import intent as life
from unified.adapter import PlacementRule
from unified.doubt import Doubt, Together
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.intent import Intent, Phase
from unified.operations import PlaceBatch, Placed, PlaceOrder
from unified.order import Order
from unified.ports import Journal
from unified.scheduler import Scheduler
from unified.settlement import Settlement
from unified.verdicts import accepted, economic_difference


class Placement:
    """Places the orders of one client. `resend`: whether an order that is proved absent goes out again."""

    def __init__(
        self, venue: str, scheduler: Scheduler, settlement: Settlement, journal: Journal | None, *, resend: bool
    ) -> None:
        self._venue = venue
        self._scheduler = scheduler
        self._settlement = settlement
        self._journal = journal
        self._resend = resend

    async def place(self, order: PlaceOrder, deadline: float) -> Order:
        """The order as the venue took it. Raises VenueError whose outcome is true.

        An outcome `unknown` means that the deadline came before the proof; the order then stays in
        `pending()` and is settled in the background.
        """
        rule = self._settlement.rule(order)
        if self._settlement.has_gate:
            await self._settlement.pass_gate((order,), deadline)
        doubt = Doubt(order, rule.expiry, self._journal)
        try:
            placed = await self._send(doubt, deadline)
            return await self._resolved(doubt, rule, deadline) if placed is None else placed
        finally:
            self._settlement.part(doubt, rule)

    async def _resolved(self, doubt: Doubt, rule: PlacementRule, deadline: float) -> Order:
        """The order whose first copy left a doubt: looked up, and sent again where no copy can come to be."""
        looks = 0
        while True:
            found = await self._settlement.look(doubt, rule, deadline)
            if found is not None:
                return self._ours(doubt, found)
            if doubt.intent.phase is Phase.UNKNOWN and not await self._settlement.pause(doubt, rule, looks, deadline):
                raise self._verdict(doubt)
            looks += 1
            if life.may_send(doubt.intent, rule) and (not doubt.intent.sends or self._resend):
                placed = await self._send(doubt, deadline)
                if placed is not None:
                    return placed
                looks = 0
            elif doubt.intent.phase is not Phase.UNKNOWN:
                raise self._verdict(doubt)

    async def _send(self, doubt: Doubt, deadline: float) -> Order | None:
        """Send one copy. None: its outcome is unknown, or an order of this id exists and has to be looked at."""
        repeated = doubt.intent.doubtful
        try:
            placed = await self._scheduler.run(doubt.order, deadline=deadline, trace=doubt)
        except VenueError as error:
            doubt.last = error
            doubt.attempts += error.attempts
            if error.kind is Kind.DUPLICATE_ORDER:
                doubt.interrupted()
                return None
            if doubt.intent.phase is not Phase.UNKNOWN:
                raise self._verdict(doubt) from None
            return None
        if not repeated:
            return placed
        # The answer to a repeated id may echo the request rather than the first order.
        doubt.interrupted()
        return None

    async def place_batch(self, batch: PlaceBatch, deadline: float) -> tuple[Placed, ...]:
        """What became of each order, in their order. An item in doubt is looked up, never sent again.

        Raises VenueError where the whole request surely took no effect.
        """
        await self._settlement.pass_gate(batch.orders, deadline)
        doubts = tuple(Doubt(order, self._settlement.rule(order).expiry, self._journal) for order in batch.orders)
        try:
            try:
                items = await self._scheduler.run(batch, deadline=deadline, trace=Together(doubts))
            except VenueError as error:
                if error.outcome is not Outcome.UNKNOWN:
                    raise
                items = (error,) * len(doubts)
            return tuple(await asyncio.gather(*map(self._item, doubts, items, [deadline] * len(doubts))))
        finally:
            for doubt in doubts:
                self._settlement.part(doubt, self._settlement.rule(doubt.order))

    async def _item(self, doubt: Doubt, item: Placed, deadline: float) -> Placed:
        """One item of a batch with its true outcome."""
        if isinstance(item, Order):
            doubt.answered()
            return item
        if doubt.intent.phase is Phase.SENT:
            doubt.failed(item, True)
        doubt.last = item.about(venue=self._venue, operation=doubt.order.name)
        doubt.attempts, looks, rule = item.attempts, 0, self._settlement.rule(doubt.order)
        while doubt.intent.phase is Phase.UNKNOWN:
            found = await self._settlement.look(doubt, rule, deadline)
            if found is not None:
                try:
                    return self._ours(doubt, found)
                except VenueError as error:
                    return error
            if not await self._settlement.pause(doubt, rule, looks, deadline):
                break
            looks += 1
        return self._verdict(doubt)

    def _verdict(self, doubt: Doubt) -> VenueError:
        """What to raise, with the outcome of the order rather than of the last request."""
        intent, error = doubt.intent, doubt.last
        if error is None:
            raise RuntimeError("an order without any attempt has no verdict")
        outcome = error.fault.outcome
        if intent.phase is Phase.UNKNOWN:
            outcome = Outcome.UNKNOWN
        elif outcome is Outcome.UNKNOWN:
            # Proved absent: the fence has passed and the venue does not show it.
            outcome = Outcome.REJECTED
        return error.about(
            outcome=outcome,
            attempts=doubt.attempts,
            fence_ms=intent.fence_ms if outcome is Outcome.UNKNOWN else None,
            client_order_id=doubt.order.client_order_id,
        )

    def _ours(self, doubt: Doubt, order: Order) -> Order:
        """The order that was found, if it is the one that was wanted."""
        difference = economic_difference(
            doubt.order, order, with_price=not self._settlement.rule(doubt.order).moves_price
        )
        self._settlement.ended(doubt, Outcome.DONE if difference is None else Outcome.REJECTED)
        if difference is None:
            doubt.answered()
            return accepted(order, self._venue)
        doubt.intent = life.refused(Intent(phase=Phase.SENT, sends=doubt.intent.sends))
        raise VenueError.of(
            Fault(
                kind=Kind.DUPLICATE_ORDER,
                outcome=Outcome.REJECTED,
                message=f"order {order.venue_order_id} has this client order id, but another {difference}",
                hint="Another order used this client order id before. Use a new id for each order.",
            ),
            venue=self._venue,
            operation=doubt.order.name,
            client_order_id=doubt.order.client_order_id,
            attempts=doubt.attempts,
        )
