"""What a program can watch the library do: typed events, and the lists of those who listen.

Changes nothing and costs a look at an empty list when nobody listens. A listener that raises is logged and
ignored: watching must never change what happens to an order.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from attrs import Factory, define

from unified.errors import Attempt, Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.operations import AmendOrder, CancelOrder, PlaceOrder
from unified.values import frozen

logger = logging.getLogger("unified.hooks")

E = TypeVar("E")


@frozen(kw_only=True)
class AttemptEvent:
    """One request was handed to the transport, and what came of it. One event for each, whatever became of it."""

    venue: str
    attempt: Attempt
    method: str
    base: str
    """Scheme and host that it went to."""
    path: str
    digest: str
    """SHA-256 of query and body: tells requests apart without telling what they hold."""
    seconds: float
    """From handing it to the transport to the end, queues of ours left out; the attempt's `elapsed` holds those too."""
    http_status: int | None
    """None where no answer came."""
    first_byte: float | None
    """Seconds from the request's first byte on the wire to the head of the answer; None where none came."""
    connecting: float | None
    """Seconds in the transport before that first byte: its pool's queue, connect and TLS. None where no answer came."""
    fresh_connection: bool | None
    """Whether a connection was opened for it; None where no answer came."""


@frozen(kw_only=True)
class CallEvent:
    """A call has ended, well or badly. Told in the task of the call, so that its context is the caller's."""

    venue: str
    operation: str
    seconds: float
    error: VenueError | None
    attempts: tuple[AttemptEvent, ...]
    """Every request that the call sent, in order; none where it was refused at home."""


@frozen(kw_only=True)
class WaitEvent:
    """A call waits before its next attempt, or has waited for a limit or for its record to be on the disk."""

    venue: str
    operation: str
    seconds: float
    reason: str
    """`limit`, `journal`, or the kind of the error that is waited out."""


@frozen(kw_only=True)
class ErrorEvent:
    """A call failed for good: this error is about to be raised."""

    venue: str
    operation: str
    error: VenueError


@frozen(kw_only=True)
class ResyncEvent:
    """The clock of a door was measured again."""

    venue: str
    door: str
    reason: str
    half_width: float
    """Seconds: bound of the error after the measurement."""
    epoch: int


@frozen(kw_only=True)
class BanEvent:
    """The venue closed itself to us; calls of that scope stop until it is over."""

    venue: str
    scope: Scope
    kind: Kind
    seconds: float


@frozen(kw_only=True)
class SettledEvent:
    """An order whose outcome was unknown has a known one now."""

    venue: str
    client_order_id: str
    operation: str
    outcome: Outcome
    seconds: float
    """From the first doubt to the knowledge."""


class StreamChange(StrEnum):
    """What happened to a stream."""

    CONNECTED = "connected"
    LOST = "lost"
    """The connection is gone, or was given up because nothing came any more."""
    RENEWED = "renewed"
    """A new connection took over from one whose end was planned or announced."""
    GAP = "gap"
    """Something is missing: what was built of it is absent until it is healed."""
    HEALED = "healed"
    """It is complete again."""
    REFUSED = "refused"
    OVERFLOW = "overflow"
    """A consumer was too slow: the oldest of what waited for it was left out."""
    STRAY = "stray"
    """On a connection for orders: an answer that nobody waits for (late, doubled, or to no request of ours)."""


@frozen(kw_only=True)
class StreamEvent:
    """Something happened to a stream that its consumers do not see in the values."""

    venue: str
    change: StreamChange
    line: str = ""
    """The kind of connection; empty where it is about a consumer."""
    watch: str = ""
    """What is watched; empty where it is about a connection."""
    about: str = ""
    """Instrument or product."""
    reason: str = ""
    fault: Fault | None = None


Listener = Callable[[E], None]


class Signal(list[Listener[E]]):
    """The listeners of one event. Call `signal.add(f)`; a signal without listeners is false.

    A list, since every call asks several of them: a list need not be asked in Python whether it is empty.
    """

    __slots__ = ()

    def add(self, listener: Listener[E]) -> Callable[[], None]:
        """Listen; the answer, called, stops it."""
        self.append(listener)
        return lambda: self.remove(listener)

    def emit(self, event: E) -> None:
        for listener in tuple(self):
            try:
                listener(event)
            except Exception:
                # Foreign code: whatever it raises must not touch the call that it watches.
                logger.exception("a listener failed on %s", type(event).__name__)


@define
class Hooks:
    """Everything that can be watched. Ask a signal whether anybody listens before making its event."""

    on_attempt: Signal[AttemptEvent] = Factory(Signal)
    on_call: Signal[CallEvent] = Factory(Signal)
    on_wait: Signal[WaitEvent] = Factory(Signal)
    on_error: Signal[ErrorEvent] = Factory(Signal)
    on_resync: Signal[ResyncEvent] = Factory(Signal)
    on_ban: Signal[BanEvent] = Factory(Signal)
    on_settled: Signal[SettledEvent] = Factory(Signal)
    on_stream: Signal[StreamEvent] = Factory(Signal)


def attempt_of(
    venue: str, attempt: Attempt, request: HttpRequest, response: HttpResponse | None, handed_at: float
) -> AttemptEvent:
    """The event of a request that the transport was handed at that time (loop seconds) and that has just ended."""
    return AttemptEvent(
        venue=venue,
        attempt=attempt,
        method=request.method,
        base=request.base,
        path=request.path,
        digest=hashlib.sha256(request.query.encode() + request.body).hexdigest(),
        seconds=attempt.started_at + attempt.elapsed - handed_at,
        http_status=None if response is None else response.status,
        first_byte=None if response is None else response.received_at - response.sent_at,
        connecting=None if response is None else max(0.0, response.sent_at - handed_at),
        fresh_connection=None if response is None else response.fresh_connection,
    )


def show_settled(
    hooks: Hooks, venue: str, operation: PlaceOrder | CancelOrder | AmendOrder, outcome: Outcome, seconds: float
) -> None:
    """Tell whoever listens that a request which was in doubt for so long has a known outcome."""
    if hooks.on_settled:
        named = operation.order if isinstance(operation, AmendOrder) else operation
        hooks.on_settled.emit(
            SettledEvent(
                venue=venue,
                client_order_id=named.client_order_id or "",
                operation=operation.name,
                outcome=outcome,
                seconds=seconds,
            )
        )
