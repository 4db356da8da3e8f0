"""The one loop through which every request goes: reserve, stamp, build, send, parse, observe, decide, wait.

Decides nothing itself (`retry.py` does), keeps no count and no clock (`services.py` holds those that do) and
knows no venue. Nothing below it retries: whoever wants to know why a request left finds it here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from unified.adapter import Adapter, Endpoint, Endpoints, How, Procedure, Stamp, Steps, unsupported
from unified.calls import Trace, within
from unified.echoes import masked, masked_items
from unified.errors import Attempt, Fault, Kind, Outcome, VenueError, with_outcome
from unified.hooks import AttemptEvent, CallEvent, ErrorEvent, Hooks, WaitEvent, attempt_of
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Product
from unified.operations import Operation, PlaceOrder, Priority
from unified.passages import Passage, Route
from unified.ports import Transport
from unified.retry import Facts, Relogin, Resync, RetryPolicy, Wait, effect_of
from unified.services import Access
from unified.settings import Deadlines
from unified.wire import LONG_BODY, malformed

T = TypeVar("T")

_SILENT = Trace()


class Scheduler:
    """Performs the operations of one client."""

    def __init__(
        self,
        adapter: Adapter,
        transport: Transport,
        access: Access,
        policy: RetryPolicy,
        deadlines: Deadlines,
        hooks: Hooks,
        endpoints: Endpoints | None = None,
    ) -> None:
        """`endpoints` stand in for the adapter's own: those of the ways that the configuration has chosen."""
        self.adapter = adapter
        self.endpoints = adapter.endpoints if endpoints is None else endpoints
        self.transport = transport
        self.access = access
        self.policy = policy
        self.deadlines = deadlines
        self.hooks = hooks

    def run(
        self,
        operation: Operation[T],
        *,
        deadline: float | None = None,
        priority: Priority | None = None,
        trace: Trace = _SILENT,
    ) -> Coroutine[Any, Any, T]:
        """The answer of an operation. Raises VenueError with all attempts on it, at once what the venue does not offer.

        `deadline` is in loop seconds and bounds everything: queueing, attempts, waits and resyncs. Without one
        the configured time of a call holds; a call that is part of another never outlives that one.
        """
        kind, product, urgency = (
            type(operation),
            operation.product,
            operation.priority if priority is None else priority,
        )
        route = self.access.routes.get((kind, product, urgency))
        if route is None:
            how = self.how(operation)
            if isinstance(how, Procedure):
                return self._walked(how.steps(operation), deadline, priority)
            route = self.access.route(how, kind, product, urgency)
        call = _Call(self, operation, route, deadline, trace)
        return call.watched() if self.hooks.on_call else call.run()

    def how(self, operation: Operation[Any]) -> How:
        """How the venue performs it. Raises `not_supported` (not_sent) where it does not."""
        how = self.endpoints.get((type(operation), operation.product))
        if how is None:
            venue = self.adapter.venue
            raise unsupported(venue, operation, f"{venue} offers no {operation.name} for {operation.product}")
        return how

    def venue_ms(self, product: Product) -> int | None:
        """Venue time that has surely passed where orders of the product go; None while it is not known."""
        how = self.endpoints.get((PlaceOrder, product))
        return self.access.stamping.venue_ms(how.door) if isinstance(how, Endpoint) else None

    async def _walked(self, steps: Steps[Any], deadline: float | None, priority: Priority | None) -> Any:
        with within(asyncio.get_running_loop().time() + self.deadlines.call if deadline is None else deadline) as holds:
            return await self._walk(steps, holds, priority)

    async def _walk(self, steps: Steps[Any], deadline: float, priority: Priority | None) -> Any:
        """Perform the steps of a procedure, each as a call of its own under the same deadline."""
        try:
            step = next(steps)
            while True:
                try:
                    answer = await self.run(step, deadline=deadline, priority=priority)
                except VenueError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            return end.value
        finally:
            steps.close()


class _Call:
    """One operation on its way through its attempts."""

    _attempts: tuple[Attempt, ...] = ()
    _outcome = Outcome.NOT_SENT
    _met: frozenset[Kind] = frozenset()
    _over_socket = False
    _paid = 0
    _shown: tuple[AttemptEvent, ...] = ()

    def __init__(
        self,
        scheduler: Scheduler,
        operation: Operation[Any],
        route: Route,
        deadline: float | None,
        trace: Trace,
    ) -> None:
        self._scheduler = scheduler
        self._operation = operation
        self._route = route
        self._wanted = deadline
        self._trace = trace
        self._loop = asyncio.get_running_loop()

    async def watched(self) -> Any:
        """As `run`, and tells those who listen to calls."""
        began, error = self._loop.time(), None
        try:
            return await self.run()
        except VenueError as failure:
            error = failure
            raise
        finally:
            self._scheduler.hooks.on_call.emit(
                CallEvent(
                    venue=self._scheduler.adapter.venue,
                    operation=self._operation.name,
                    seconds=self._loop.time() - began,
                    error=error,
                    attempts=self._shown,
                )
            )

    async def run(self) -> Any:
        """The answer, attempt after attempt until the policy says stop. Raises VenueError with all attempts on it."""
        scheduler, wanted, started = self._scheduler, self._wanted, self._loop.time()
        with within(started + scheduler.deadlines.call if wanted is None else wanted) as self._deadline:
            while True:
                try:
                    answer = await self._attempt(started)
                except VenueError as error:
                    failure = self._counted(error, started)
                else:
                    self._trace.answered()
                    scheduler.access.shared.budget.succeeded(self._paid)
                    return answer
                await self._follow(failure)
                started = self._loop.time()

    # --- one attempt

    async def _attempt(self, started: float) -> Any:
        access, route, operation = self._scheduler.access, self._route, self._operation
        now = started
        passage = None
        try:
            passage = access.enter(route, operation, self._deadline, now)
            if passage is None:
                await access.clock_ready(route, operation)
                passage = await access.admit(route, operation, self._deadline)
                # While it waited its turn, the refusal of another call may have taken the clock away.
                await access.clock_ready(route, operation)
                now = self._loop.time()
            stamp = access.stamping.stamp(passage, now)
            request = self._build(stamp)
            to_wait_for = self._trace.sending(stamp)
            if to_wait_for is not None:
                await to_wait_for
                now = self._loop.time()
            passage.sent = True
            response = passage.response = await self._handed(request, passage, now)
            now = self._loop.time()
            access.answered(passage, response, now)
            if len(response.body) < LONG_BODY:
                answer = self._parse(response)
            else:
                answer = await self._loop.run_in_executor(None, self._parse, response)
            if type(answer) is tuple:
                answer = masked_items(answer, request)
        except VenueError as heard:
            error = _without_echoes(heard, passage)
            access.failed(passage, error.fault)
            self._over_socket = passage is not None and passage.request is not None and passage.request.over_socket
            self._show(passage, started, error.fault.outcome, error.fault)
            self._trace.failed(error, passage is not None and passage.sent)
            raise error from error.__cause__
        except BaseException:
            if passage is not None:
                access.abandoned(passage)
                self._show(passage, started, Outcome.UNKNOWN)
                if passage.sent:
                    self._trace.interrupted()
            raise
        access.ended(passage, None, now)
        hooks = self._scheduler.hooks
        if hooks.on_attempt or hooks.on_call:
            self._show(passage, started, Outcome.DONE)
        return answer

    def _build(self, stamp: Stamp) -> HttpRequest:
        """What to send. Whatever else escapes (text that has no UTF-8 form) is a refusal of ours: nothing was sent."""
        try:
            return self._route.endpoint.build(self._operation, stamp)
        except VenueError:
            raise
        except Exception as cause:
            said = f"{type(cause).__name__} while building {self._operation.name}"
            fault = Fault(kind=Kind.INVALID_REQUEST, outcome=Outcome.NOT_SENT, message=said)
            raise VenueError.of(fault) from cause

    def _handed(self, request: HttpRequest, passage: Passage, now: float) -> Awaitable[HttpResponse]:
        """Hand the request to the transport, unless it waited for a limit or for the disk until its time was over."""
        scheduler, left = self._scheduler, self._deadline - now
        if left <= 0:
            message = "the deadline passed before the request could leave"
            raise VenueError.of(Fault(kind=Kind.REQUEST_TIMEOUT, outcome=Outcome.NOT_SENT, message=message))
        passage.request, passage.handed_at = request, now
        return scheduler.transport.send(request, timeout=min(scheduler.deadlines.attempt, left), pool=self._route.pool)

    def _parse(self, response: HttpResponse) -> Any:
        """What the answer says. Whatever an adapter lets escape is a malformed answer, cause kept."""
        try:
            return self._route.endpoint.parse(self._operation, response)
        except VenueError as error:
            if error.fault.outcome is not Outcome.NOT_SENT:
                raise
            # Somebody answered, so something was sent: a gateway's "not reached" is its own opinion.
            raise error.about(fault=with_outcome(error.fault, Outcome.UNKNOWN), outcome=Outcome.UNKNOWN) from None
        except Exception as cause:
            # Third parties write adapters too: their mistakes must not look like a success or a crash.
            where = f"{type(cause).__name__} while reading {self._operation.name}"
            raise malformed(where, response) from cause

    # --- after a failed one

    def _counted(self, error: VenueError, started: float) -> VenueError:
        """The error with its attempts on it, and the outcome of the call so far."""
        fault = error.fault
        self._attempts += (self._numbered(started, fault.outcome, fault),)
        self._outcome = self._outcome.joined(fault.outcome)
        return error.about(
            venue=self._scheduler.adapter.venue,
            operation=self._operation.name,
            client_order_id=getattr(self._operation, "client_order_id", None) or None,
            attempts=self._attempts,
            outcome=self._outcome,
        )

    async def _follow(self, error: VenueError) -> None:
        """Wait as the policy says, or raise."""
        fault = error.fault
        decision = self._scheduler.policy.decide(
            Facts(
                fault=fault,
                outcome=self._outcome,
                attempt=len(self._attempts),
                effect=effect_of(self._operation),
                remaining=self._deadline - self._loop.time(),
                met=self._met,
            )
        )
        self._met |= {fault.kind}
        again = isinstance(decision, Wait | Resync) or (isinstance(decision, Relogin) and self._over_socket)
        if not again or not self._pay(fault):
            raise self._final(error) from None
        if isinstance(decision, Resync):
            await self._scheduler.access.stamping.resync(self._route.door, fault.kind)
        elif isinstance(decision, Wait) and decision.seconds > 0:  # a socket logs in anew by itself
            if self._scheduler.hooks.on_wait:
                self._scheduler.hooks.on_wait.emit(
                    WaitEvent(
                        venue=self._scheduler.adapter.venue,
                        operation=self._operation.name,
                        seconds=decision.seconds,
                        reason=fault.kind,
                    )
                )
            await asyncio.sleep(decision.seconds)

    def _pay(self, fault: Fault) -> bool:
        self._paid = self._scheduler.access.shared.budget.take(fault, self._route.priority)
        return self._paid > 0

    def _final(self, error: VenueError) -> VenueError:
        hooks = self._scheduler.hooks
        if hooks.on_error:
            hooks.on_error.emit(
                ErrorEvent(venue=self._scheduler.adapter.venue, operation=self._operation.name, error=error)
            )
        return error

    def _show(self, passage: Passage | None, started: float, outcome: Outcome, fault: Fault | None = None) -> None:
        """Tell whoever listens of a request that was handed to the transport."""
        hooks = self._scheduler.hooks
        if not (hooks.on_attempt or hooks.on_call) or passage is None or passage.request is None:
            return
        attempt = self._numbered(started, outcome, fault)
        event = attempt_of(self._scheduler.adapter.venue, attempt, passage.request, passage.response, passage.handed_at)
        self._shown += (event,)
        if hooks.on_attempt:
            hooks.on_attempt.emit(event)

    def _numbered(self, started: float, outcome: Outcome, fault: Fault | None) -> Attempt:
        return Attempt(
            number=len(self._attempts) + 1,
            operation=self._operation.name,
            started_at=started,
            elapsed=self._loop.time() - started,
            outcome=outcome,
            kind=None if fault is None else fault.kind,
            code=None if fault is None else fault.code,
        )


def _without_echoes(error: VenueError, passage: Passage | None) -> VenueError:
    """What a venue repeats of a request's credentials goes into no error, event or log."""
    return error if passage is None or passage.request is None else masked(error, passage.request)
