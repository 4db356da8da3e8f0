"""Places orders so that one intent becomes at most one order, and ends every doubt that it can.

Builds no request and keeps no limit (`scheduler.py` does) and decides nothing itself: what may follow is
`intent.py`'s word. On a time-out, a 5xx or a dead connection the order is looked up by its client id, again
after the fence, and sent again only when no earlier copy can be accepted any more.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from attrs import evolve, frozen

from unified import intent as life
from unified.adapter import Adapter, PlacementRule, Stamp
from unified.calls import Trace, without_deadline
from unified.errors import Attempt, Fault, Kind, Outcome, Scope, VenueError
from unified.hooks import Hooks, SettledEvent
from unified.intent import Intent, Phase
from unified.operations import AmendOrder, CancelOrder, FetchOrder, PlaceBatch, Placed, PlaceOrder, Priority
from unified.order import Order, OrderStatus
from unified.ports import Journal
from unified.records import OrderRecord
from unified.scheduler import Scheduler
from unified.settings import OrderSettings
from unified.wire import moment

logger = logging.getLogger("unified.orders")

_LOOKS = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Seconds between looks for an order in doubt; the last one repeats. Most are found at the first."""

_LOOKERS = 2
"""Looks in the background at the same time: on a venue that lets few questions through, many at once would each get
half an answer, time out and begin anew for ever."""
_LOOK_SECONDS = 60.0
"""Time of one look in the background: where a look takes several requests, a slow limit must not cut it short."""


@frozen(kw_only=True)
class Pending:
    """An order whose outcome is not known yet."""

    instrument: str
    client_order_id: str
    age: float
    """Seconds since the doubt began."""
    sends: int
    fence: datetime | None
    """Venue time from which 'not found' proves that it does not exist; None where nothing can prove it."""
    order: PlaceOrder


class Doubt(Trace):
    """One wanted order on its way to a known state."""

    def __init__(self, order: PlaceOrder, expiring: bool, journal: Journal | None) -> None:
        self.order = order
        self.intent = Intent()
        self._journal = journal
        self.attempts: tuple[Attempt, ...] = ()
        self.last: VenueError | None = None
        self.doubted_at: float | None = None
        self.first_sent_ms = 0
        self._fenced_at: float | None = None
        self._expiring = expiring

    async def sending(self, stamp: Stamp) -> None:
        following = life.sent(self.intent, stamp.expires_ms if self._expiring else None)
        # The earliest by the venue's clock, which may have been set back since the first copy.
        first_sent_ms = min(self.first_sent_ms or stamp.time_ms, stamp.time_ms)
        if self._journal is not None:
            await self._journal.sending(
                OrderRecord(
                    order=self.order,
                    sends=following.sends,
                    fence_ms=following.fence_ms,
                    first_sent_ms=first_sent_ms,
                )
            )
        self.intent, self.first_sent_ms, self._fenced_at = following, first_sent_ms, None

    def held_back(self) -> None:
        """What was about to leave did not."""
        self.intent = life.not_sent(self.intent)

    def adopt(self, record: OrderRecord) -> None:
        """Go on where another process had to stop."""
        self.intent = Intent(phase=Phase.UNKNOWN, sends=record.sends, fence_ms=record.fence_ms, doubtful=True)
        self.first_sent_ms = record.first_sent_ms
        self.doubted_at = asyncio.get_running_loop().time()

    def sure_ms(self, venue_ms: int | None) -> int | None:
        """The venue time that may be used for a proof: `venue_ms`, but beyond the fence no faster than our own clock.

        How long an accepted order stays invisible does not shorten when the venue sets its clock forward.
        """
        fence_ms = self.intent.fence_ms
        if venue_ms is None or fence_ms is None or venue_ms <= fence_ms:
            self._fenced_at = None
            return venue_ms
        now = asyncio.get_running_loop().time()
        if self._fenced_at is None:
            self._fenced_at = now
        return min(venue_ms, fence_ms + 1 + int((now - self._fenced_at) * 1000))

    def close(self) -> None:
        """Nothing is in doubt any more: the journal may forget it."""
        if self._journal is not None:
            outcome = Outcome.DONE if self.intent.phase is Phase.KNOWN else Outcome.REJECTED
            self._journal.ended(self.order.client_order_id, outcome)

    def failed(self, error: VenueError, sent: bool) -> None:
        self.last = error
        if not sent:
            return
        match error.fault.outcome:
            case Outcome.NOT_SENT:
                self.intent = life.not_sent(self.intent)
            case Outcome.REJECTED:
                self.intent = life.refused(self.intent)
            case _:
                self._in_doubt()

    def interrupted(self) -> None:
        self._in_doubt()

    def answered(self) -> None:
        self.intent = life.found(self.intent)

    def _in_doubt(self) -> None:
        self.intent = life.lost(self.intent)
        if self.doubted_at is None:
            self.doubted_at = asyncio.get_running_loop().time()


class _Together(Trace):
    """One request for several orders."""

    def __init__(self, doubts: tuple[Doubt, ...]) -> None:
        self._doubts = doubts

    async def sending(self, stamp: Stamp) -> None:
        written = await asyncio.gather(*(doubt.sending(stamp) for doubt in self._doubts), return_exceptions=True)
        failures = [failure for failure in written if failure is not None]
        if failures:
            for doubt, failure in zip(self._doubts, written, strict=True):
                if failure is None:
                    doubt.held_back()
            raise failures[0]

    def failed(self, error: VenueError, sent: bool) -> None:
        for doubt in self._doubts:
            doubt.failed(error, sent)

    def interrupted(self) -> None:
        for doubt in self._doubts:
            doubt.interrupted()


class Placement:
    """Places orders of one client and settles those in doubt, in the background where the caller has gone."""

    def __init__(
        self,
        adapter: Adapter,
        scheduler: Scheduler,
        settings: OrderSettings,
        hooks: Hooks,
        journal: Journal | None = None,
    ) -> None:
        self._journal = journal
        self._adapter = adapter
        self._scheduler = scheduler
        self._settings = settings
        self._hooks = hooks
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

    # --- placing

    async def place(self, order: PlaceOrder, deadline: float) -> Order:
        """The order as the venue took it. Raises VenueError whose outcome is true.

        An outcome `unknown` means that the deadline came before the proof; the order then stays in
        `pending()` and is settled in the background.
        """
        rule = self.rule(order)
        await self._pass_gate((order,), deadline)
        doubt = Doubt(order, rule.expiry is not None, self._journal)
        try:
            return await self._drive(doubt, rule, deadline)
        finally:
            self._part(doubt, rule)

    async def _drive(self, doubt: Doubt, rule: PlacementRule, deadline: float) -> Order:
        looks = 0
        while True:
            if life.may_send(doubt.intent, rule) and (not doubt.intent.sends or self._settings.resend):
                placed = await self._send(doubt, deadline)
                if placed is not None:
                    return placed
                looks = 0
            elif doubt.intent.phase is not Phase.UNKNOWN:
                raise self._verdict(doubt)
            found = await self._look(doubt, rule, deadline)
            if found is not None:
                return self._ours(doubt, found)
            if doubt.intent.phase is Phase.UNKNOWN and not await self._pause(doubt, rule, looks, deadline):
                raise self._verdict(doubt)
            looks += 1

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
        await self._pass_gate(batch.orders, deadline)
        doubts = tuple(Doubt(order, self.rule(order).expiry is not None, self._journal) for order in batch.orders)
        try:
            try:
                items = await self._scheduler.run(batch, deadline=deadline, trace=_Together(doubts))
            except VenueError as error:
                if error.outcome is not Outcome.UNKNOWN:
                    raise
                items = (error,) * len(doubts)
            return tuple(await asyncio.gather(*map(self._item, doubts, items, [deadline] * len(doubts))))
        finally:
            for doubt in doubts:
                self._part(doubt, self.rule(doubt.order))

    async def _item(self, doubt: Doubt, item: Placed, deadline: float) -> Placed:
        """One item of a batch with its true outcome."""
        if isinstance(item, Order):
            doubt.answered()
            return item
        if doubt.intent.phase is Phase.SENT:
            doubt.failed(item, True)
        doubt.last = item.about(venue=self._adapter.venue, operation=doubt.order.name)
        doubt.attempts, looks, rule = item.attempts, 0, self.rule(doubt.order)
        while doubt.intent.phase is Phase.UNKNOWN:
            found = await self._look(doubt, rule, deadline)
            if found is not None:
                try:
                    return self._ours(doubt, found)
                except VenueError as error:
                    return error
            if not await self._pause(doubt, rule, looks, deadline):
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

    # --- looking

    async def _look(self, doubt: Doubt, rule: PlacementRule, deadline: float) -> Order | None:
        """Ask the venue for the order; what it answers is written into the doubt's intent."""
        if not rule.queryable or doubt.intent.phase is not Phase.UNKNOWN:
            return None
        asked_ms = self._sure_ms(doubt)
        question = FetchOrder(
            instrument=doubt.order.instrument,
            client_order_id=doubt.order.client_order_id,
            since=moment((doubt.first_sent_ms - 60_000) * 1000, "since"),
        )
        try:
            order = await self._scheduler.run(question, deadline=deadline, priority=Priority.CLOSE)
        except VenueError as error:
            if error.kind is Kind.ORDER_NOT_FOUND and asked_ms is not None:
                doubt.intent = life.not_found(doubt.intent, asked_ms, rule)
                if doubt.intent.phase is Phase.READY:
                    self._settled(doubt, Outcome.REJECTED)
            return None
        return order

    def _ours(self, doubt: Doubt, order: Order) -> Order:
        """The order that was found, if it is the one that was wanted."""
        difference = economic_difference(doubt.order, order, with_price=not self.rule(doubt.order).moves_price)
        self._settled(doubt, Outcome.DONE if difference is None else Outcome.REJECTED)
        if difference is None:
            doubt.answered()
            return accepted(order, self._adapter.venue)
        doubt.intent = life.refused(Intent(phase=Phase.SENT, sends=doubt.intent.sends))
        raise VenueError.of(
            Fault(
                kind=Kind.DUPLICATE_ORDER,
                outcome=Outcome.REJECTED,
                message=f"order {order.venue_order_id} has this client order id, but another {difference}",
                hint="Another order used this client order id before. Use a new id for each order.",
            ),
            venue=self._adapter.venue,
            operation=doubt.order.name,
            client_order_id=doubt.order.client_order_id,
            attempts=doubt.attempts,
        )

    async def _pause(self, doubt: Doubt, rule: PlacementRule, looks: int, deadline: float | None) -> bool:
        """Wait before the next look; False where the next look would come too late."""
        pause = _LOOKS[min(looks + 1, len(_LOOKS) - 1)]
        now_ms = self._sure_ms(doubt)
        awaited_ms = None if now_ms is None else _next_turn_ms(doubt.intent, rule, now_ms)
        if now_ms is not None and awaited_ms is not None and awaited_ms > now_ms:
            # Overdue, the looks themselves fail, perhaps without leaving the house: they must not spin.
            pause = min(pause, (awaited_ms - now_ms) / 1000)
        if deadline is not None and asyncio.get_running_loop().time() + pause >= deadline:
            return False
        await asyncio.sleep(pause)
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

    def _part(self, doubt: Doubt, rule: PlacementRule) -> None:
        """The caller goes: what is known may be forgotten, what is not is settled in the background."""
        if doubt.intent.phase is Phase.UNKNOWN:
            self._leave(doubt, rule)
        else:
            doubt.close()

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
            doubt = Doubt(record.order, rule.expiry is not None, self._journal)
            doubt.adopt(record)
            self._inherited[id_] = self._leave(doubt, rule)

    async def _pass_gate(self, orders: tuple[PlaceOrder, ...], deadline: float) -> None:
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
                found = await self._look(doubt, rule, asyncio.get_running_loop().time() + _LOOK_SECONDS)
            if found is not None:
                doubt.answered()
                self._settled(doubt, Outcome.DONE)
            elif doubt.intent.phase is Phase.UNKNOWN:
                await self._pause(doubt, rule, looks, None)
                looks += 1
        self._doubts.pop(doubt.order.client_order_id, None)
        doubt.close()

    def _settled(self, doubt: Doubt, outcome: Outcome) -> None:
        """A doubt has ended: the order exists (`done`), or does not and cannot come to be (`rejected`)."""
        since, doubt.doubted_at = doubt.doubted_at, None
        if since is not None:
            show_settled(self._hooks, self._adapter.venue, doubt.order, outcome, since)

    async def settle(self, timeout: float | None = None) -> tuple[Pending, ...]:
        """Wait until nothing is in doubt, at most `timeout` seconds; answers what still is."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks.values()), timeout=timeout)
        return self.pending()

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


def show_settled(
    hooks: Hooks, venue: str, operation: PlaceOrder | CancelOrder | AmendOrder, outcome: Outcome, since: float
) -> None:
    """Tell whoever watches that a request in doubt since `since` (loop seconds) has a known outcome."""
    if hooks.on_settled:
        named = operation.order if isinstance(operation, AmendOrder) else operation
        hooks.on_settled.emit(
            SettledEvent(
                venue=venue,
                client_order_id=named.client_order_id or "",
                operation=operation.name,
                outcome=outcome,
                seconds=asyncio.get_running_loop().time() - since,
            )
        )


def accepted(order: Order, venue: str) -> Order:
    """The order, unless the engine refused it: then its refusal is raised."""
    if order.status is OrderStatus.REJECTED and order.refusal is not None and not order.filled_quantity:
        raise VenueError.of(
            evolve(order.refusal, outcome=Outcome.REJECTED),
            venue=venue,
            operation="place_order",
            client_order_id=order.client_order_id,
        )
    return order


def economic_difference(wanted: PlaceOrder, found: Order, *, with_price: bool = True) -> str | None:
    """The first term in which an order differs from the one that was wanted; None where it is the same.

    Terms that the answer does not carry are not compared, nor the price where the venue may have moved it.
    """
    price = wanted.price if with_price and wanted.order_type.has_price else None
    terms = (
        ("side", wanted.side, found.side),
        ("order type", wanted.order_type, found.order_type),
        ("quantity", wanted.quantity, found.quantity),
        ("quote quantity", wanted.quote_quantity, found.quote_quantity),
        ("price", price, found.price),
        ("stop price", wanted.stop_price, found.stop_price),
    )
    for term, ours, theirs in terms:
        if ours is not None and theirs is not None and ours != theirs:
            return f"{term} ({theirs}, not {ours})"
    return None
