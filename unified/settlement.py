"""Ends doubts about orders: looks them up until the venue shows them or until they surely do not exist.

Places nothing and sends no copy (`placement.py` does), decides nothing (`intent.py` does). Goes on in the background
where the caller has gone, and with what an earlier process left in the journal.
"""

from __future__ import annotations

import asyncio
import logging

from attrs import evolve

from unified import intent as life
from unified.adapter import Adapter, PlacementRule
from unified.calls import without_deadline
from unified.doubt import Doubt, Pending
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.hooks import Hooks, show_settled
from unified.intent import Intent, Phase
from unified.operations import FetchOrder, PlaceOrder, Priority
from unified.order import Order
from unified.ports import Journal
from unified.scheduler import Scheduler
from unified.settings import OrderSettings
from unified.wire import moment
from unified.witness import Witness

logger = logging.getLogger("unified.orders")

_LOOKS = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Seconds between looks for an order in doubt; the last one repeats. Most are found at the first."""
_PATIENT_LOOKS = (*_LOOKS, 4.0, 8.0, 15.0)
"""The same where no caller waits: what is still in doubt after seconds is seldom found by asking more often."""

_RARELY = 30.0
"""Seconds between looks for an order that no look can prove absent, once it should have come into sight."""

_LOOKERS = 2
"""Looks in the background at the same time: on a venue that lets few questions through, many at once would each get
half an answer, time out and begin anew for ever."""
_LOOK_SECONDS = 60.0
"""Time of one look in the background: where a look takes several requests, a slow limit must not cut it short."""


class Settlement:
    """The orders in doubt of one client."""

    def __init__(
        self,
        adapter: Adapter,
        scheduler: Scheduler,
        settings: OrderSettings,
        hooks: Hooks,
        journal: Journal | None,
        witness: Witness,
    ) -> None:
        self._adapter = adapter
        self._scheduler = scheduler
        self._settings = settings
        self._hooks = hooks
        self._journal = journal
        self._witness = witness
        self._doubts: dict[str, Doubt] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._inherited: dict[str, asyncio.Task[None]] = {}
        """Doubts of earlier processes that are still being settled."""
        self._recovered = journal is None
        self._lookers = asyncio.Semaphore(_LOOKERS)

    def rule(self, order: PlaceOrder) -> PlacementRule:
        """What the venue promises, with the caller's visibility where it is set."""
        rule = self._adapter.placement[order.product].of(order)
        visibility = self._settings.visibility
        return rule if visibility is None else evolve(rule, visibility=visibility)

    # --- looking

    async def look(self, doubt: Doubt, rule: PlacementRule, deadline: float) -> Order | None:
        """The order, if a stream told of it or the venue does; what it answers is written into the doubt's intent."""
        if doubt.intent.phase is not Phase.UNKNOWN:
            return None
        since = moment((doubt.first_sent_ms - 60_000) * 1000, "since")
        seen = self._witness.order(doubt.order, since)
        if seen is not None or not rule.queryable:
            return seen
        asked_ms = self._sure_ms(doubt)
        question = FetchOrder(
            instrument=doubt.order.instrument,
            client_order_id=doubt.order.client_order_id,
            since=since,
            is_stop=doubt.order.order_type.is_stop,
        )
        try:
            order = await self._scheduler.run(question, deadline=deadline, priority=Priority.CLOSE)
        except VenueError as error:
            if error.kind is Kind.ORDER_NOT_FOUND and asked_ms is not None:
                doubt.intent = life.not_found(doubt.intent, asked_ms, rule)
            return None
        self._witness.found(order)
        return order

    async def pause(self, doubt: Doubt, rule: PlacementRule, looks: int, deadline: float | None) -> bool:
        """Wait before the next look; False where the next look would come too late."""
        pauses = _PATIENT_LOOKS if deadline is None else _LOOKS
        pause = _RARELY if _is_hopeless(doubt, rule) else pauses[min(looks + 1, len(pauses) - 1)]
        now_ms = self._sure_ms(doubt)
        awaited_ms = None if now_ms is None else _next_turn_ms(doubt.intent, rule, now_ms)
        if now_ms is not None and awaited_ms is not None and awaited_ms > now_ms:
            # Overdue, the looks themselves fail, perhaps without leaving the house: they must not spin.
            pause = min(pause, (awaited_ms - now_ms) / 1000)
        if deadline is not None and asyncio.get_running_loop().time() + pause >= deadline:
            return False
        await self._witness.wait(doubt.order, pause)
        return True

    def _sure_ms(self, doubt: Doubt) -> int | None:
        return doubt.sure_ms(self._scheduler.venue_ms(doubt.order.product))

    # --- what is in doubt

    def pending(self) -> tuple[Pending, ...]:
        """Orders whose outcome is unknown, the oldest first."""
        now = asyncio.get_running_loop().time()
        return tuple(self._pending(doubt, now) for doubt in self._doubts.values())

    def _pending(self, doubt: Doubt, now: float) -> Pending:
        settled_ms = life.settled_at_ms(doubt.intent, self.rule(doubt.order))
        return Pending(
            instrument=doubt.order.instrument.name,
            client_order_id=doubt.order.client_order_id,
            age=now - (doubt.doubted_at or now),
            sends=doubt.intent.sends,
            fence=None if settled_ms is None else moment(settled_ms * 1000, "fence"),
            order=doubt.order,
        )

    def part(self, doubt: Doubt, rule: PlacementRule) -> None:
        """The caller goes: what is known may be forgotten, what is not is settled in the background."""
        if doubt.intent.phase is Phase.UNKNOWN:
            self._leave(doubt, rule)
        else:
            self._close(doubt)

    def _leave(self, doubt: Doubt, rule: PlacementRule) -> asyncio.Task[None]:
        id_ = doubt.order.client_order_id
        self._doubts[id_] = doubt
        with without_deadline():
            task = asyncio.get_running_loop().create_task(self._settle_one(doubt, rule), name=f"settle {id_}")
        self._tasks[id_] = task
        task.add_done_callback(lambda _: self._tasks.pop(id_, None))
        return task

    def recover(self) -> None:
        """Begin to settle what earlier processes left in doubt. To be called in a running loop; once is enough."""
        if self._recovered or self._journal is None:
            return
        self._recovered = True
        for id_, record in self._journal.left_over.items():
            rule = self.rule(record.order)
            doubt = Doubt(record.order, rule.expiry, self._journal)
            doubt.adopt(record)
            self._inherited[id_] = self._leave(doubt, rule)

    @property
    def has_gate(self) -> bool:
        """Whether an order may have to wait: see `pass_gate`."""
        return bool(self._inherited) or not self._recovered

    async def pass_gate(self, orders: tuple[PlaceOrder, ...], deadline: float) -> None:
        """Wait for doubts of earlier processes on the same instruments. Raises `order_busy` (not_sent) if they last."""
        self.recover()
        waiting = {task for id_, task in self._inherited.items() if id_ in self._doubts and self._bars(id_, orders)}
        if not waiting:
            return
        left = max(0.0, deadline - asyncio.get_running_loop().time())
        _, lasting = await asyncio.wait(waiting, timeout=left)
        if lasting:
            raise VenueError.of(_busy(len(lasting)), venue=self._adapter.venue, operation=PlaceOrder.name)

    def _bars(self, client_order_id: str, orders: tuple[PlaceOrder, ...]) -> bool:
        """Whether this doubt must end before the orders go: one of the same id waits even where the gate is off."""
        if any(order.client_order_id == client_order_id for order in orders):
            return True
        instrument = self._doubts[client_order_id].order.instrument.name
        return self._settings.gate and any(order.instrument.name == instrument for order in orders)

    async def _settle_one(self, doubt: Doubt, rule: PlacementRule) -> None:
        looks = 0
        while doubt.intent.phase is Phase.UNKNOWN:
            async with self._lookers:
                found = await self.look(doubt, rule, asyncio.get_running_loop().time() + _LOOK_SECONDS)
            if found is not None:
                doubt.answered()
            elif doubt.intent.phase is Phase.UNKNOWN:
                await self.pause(doubt, rule, looks, None)
                looks += 1
        self._doubts.pop(doubt.order.client_order_id, None)
        self._close(doubt)

    def _close(self, doubt: Doubt) -> None:
        """Nothing is in doubt any more. Told only now: an order that was proved absent may have gone out again."""
        self.ended(doubt, Outcome.DONE if doubt.intent.phase is Phase.KNOWN else Outcome.REJECTED)
        doubt.close()

    def ended(self, doubt: Doubt, outcome: Outcome) -> None:
        """A doubt has ended: the order exists (`done`), or does not and cannot come to be (`rejected`)."""
        since, doubt.doubted_at = doubt.doubted_at, None
        if since is not None:
            seconds = asyncio.get_running_loop().time() - since
            show_settled(self._hooks, self._adapter.venue, doubt.order, outcome, seconds)

    async def settle(self, timeout: float | None = None) -> tuple[Pending, ...]:
        """Wait until nothing is in doubt, at most `timeout` seconds; answers what still is."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks.values()), timeout=timeout)
        return self.pending()

    def resolve(self, client_order_id: str, outcome: Outcome) -> None:
        """End a doubt by the caller's word; see `Client.resolve`."""
        doubt = self._doubts.get(client_order_id)
        if doubt is None:
            raise self._not_resolved(f"no order {client_order_id} is in doubt", "client.pending() shows which are.")
        if outcome not in (Outcome.DONE, Outcome.REJECTED):
            raise self._not_resolved(
                f"an order that exists is done, one that does not is rejected; not {outcome}",
                "Look it up at the venue.",
            )
        settled_ms = life.settled_at_ms(doubt.intent, self.rule(doubt.order))
        if settled_ms is not None:
            by = moment(settled_ms * 1000, "settled")
            raise self._not_resolved(
                f"order {client_order_id} will be proved, by the venue's clock after {by:%Y-%m-%d %H:%M:%S} UTC",
                "Wait for it: await client.settle().",
            )
        self._doubts.pop(client_order_id)
        self._tasks[client_order_id].cancel()
        doubt.told(exists=outcome is Outcome.DONE)
        self._close(doubt)

    def _not_resolved(self, message: str, hint: str) -> VenueError:
        fault = Fault(
            kind=Kind.INVALID_REQUEST, outcome=Outcome.NOT_SENT, scope=Scope.ORDER, message=message, hint=hint
        )
        return VenueError.of(fault, venue=self._adapter.venue, operation="resolve")

    async def aclose(self) -> None:
        """Settle what can be settled in time, then stop; what is left is logged with its id."""
        left = await self.settle(self._settings.settle_on_close)
        for item in left:
            logger.error(
                "%s: order %s on %s is still in doubt at close; look it up before you place it again",
                self._adapter.venue,
                item.client_order_id,
                item.instrument,
            )
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_hopeless(doubt: Doubt, rule: PlacementRule) -> bool:
    """Nothing can prove that the order does not exist, and if it did it should have come into sight by now."""
    if doubt.doubted_at is None or life.settled_at_ms(doubt.intent, rule) is not None:
        return False
    return asyncio.get_running_loop().time() - doubt.doubted_at > rule.visibility


def _next_turn_ms(intent: Intent, rule: PlacementRule, now_ms: int) -> int | None:
    """Venue time at which a look tells more than one now; None where no moment is better than another.

    The first look after the fence starts the time in which an accepted order must come into sight; the next proves.
    """
    settled_ms, fence_ms = life.settled_at_ms(intent, rule), intent.fence_ms
    if settled_ms is None or fence_ms is None:
        return None
    return 1 + (fence_ms if now_ms <= fence_ms else settled_ms)


def _busy(count: int) -> Fault:
    return Fault(
        kind=Kind.ORDER_BUSY,
        outcome=Outcome.NOT_SENT,
        scope=Scope.SYMBOL,
        message=f"{count} orders of an earlier run are still in doubt on this instrument",
        hint="They are being settled; client.pending() shows them. Set orders.gate = false not to wait for them.",
    )
