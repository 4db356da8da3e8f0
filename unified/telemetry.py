"""Traces and metrics of a client, by OpenTelemetry's conventions for HTTP clients (semantic conventions 1.x, stable).

Needs the extra `otel`, and is imported by nobody but programs that want it. Listens and reads; changes nothing that
happens to a call. Tells no address with its query, no body, no order and no key: only names of a fixed set.

    async with Telemetry(client):
        ...

One span per call, a child per request, both made when the call has ended. What is a state rather than an event
(limits, clocks, doubts, breakers) is read every few seconds, by a task that measures the lag of the loop on the way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from unified.breaker import State
from unified.client import Client
from unified.hooks import AttemptEvent, BanEvent, CallEvent, ErrorEvent, ResyncEvent, SettledEvent, WaitEvent
from unified.limit_states import LimitState

NAME = "unified"
_PORTS = {"https": 443, "http": 80}


class Telemetry:
    """What one client does, as spans and metrics, between entering and leaving."""

    def __init__(
        self,
        client: Client,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
        every: float = 5.0,
    ) -> None:
        """The providers are the program's global ones where none are given; `every` is in seconds."""
        self._client = client
        self._every = every
        self._tracer = trace.get_tracer(NAME, tracer_provider=tracer_provider)
        self._instruments = _Instruments(metrics.get_meter(NAME, meter_provider=meter_provider))
        self._stops: list[Callable[[], None]] = []
        self._sampler: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Telemetry:
        hooks, made = self._client.hooks, self._instruments
        self._stops = [
            hooks.on_call.add(self._span),
            hooks.on_attempt.add(made.attempt),
            hooks.on_wait.add(made.wait),
            hooks.on_error.add(made.error),
            hooks.on_resync.add(made.resync),
            hooks.on_ban.add(made.ban),
            hooks.on_settled.add(made.settled),
        ]
        self._sampler = asyncio.get_running_loop().create_task(self._sample(), name="unified telemetry")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        for stop in self._stops:
            stop()
        if self._sampler is not None:
            self._sampler.cancel()
            with suppress(asyncio.CancelledError):
                await self._sampler

    async def _sample(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._instruments.sample(self._client)
            due = loop.time() + self._every
            await asyncio.sleep(self._every)
            self._instruments.lag.set(max(0.0, loop.time() - due))

    # --- traces

    def _span(self, event: CallEvent) -> None:
        """A span for the call and one below it for each of its requests, with the times that they had."""
        ends = time.time_ns()
        call = self._tracer.start_span(
            event.operation,
            kind=SpanKind.INTERNAL,
            start_time=ends - _ns(event.seconds),
            attributes={"unified.venue": event.venue, "unified.operation": event.operation},
        )
        within, now = trace.set_span_in_context(call), asyncio.get_running_loop().time()
        for attempt in event.attempts:
            ended = ends - _ns(now - attempt.attempt.started_at - attempt.attempt.elapsed)
            span = self._tracer.start_span(
                f"{attempt.method} {event.operation}",
                within,
                SpanKind.CLIENT,
                {**_request(attempt), **_resend(attempt), "unified.outcome": str(attempt.attempt.outcome)},
                start_time=ended - _ns(attempt.seconds),
            )
            if attempt.attempt.kind is not None:
                span.set_status(Status(StatusCode.ERROR, str(attempt.attempt.kind)))
            span.end(ended)
        if event.error is not None:
            call.set_attributes({"error.type": str(event.error.kind), "unified.outcome": str(event.error.outcome)})
            call.set_status(Status(StatusCode.ERROR, str(event.error.kind)))
        call.end(ends)


class _Instruments:
    """The metrics."""

    def __init__(self, meter: metrics.Meter) -> None:
        def seconds(name: str, about: str) -> metrics.Histogram:
            return meter.create_histogram(name, "s", about)

        self._request = seconds("http.client.request.duration", "Duration of HTTP client requests.")
        self._first_byte = seconds("unified.first_byte", "From a request's first byte to the head of its answer.")
        self._connecting = seconds("unified.connecting", "Waiting for a connection: the pool, connect and TLS.")
        self._waited = seconds("unified.wait", "Waiting for a limit, for the journal, or before another attempt.")
        self._ban = seconds("unified.ban", "How long the venue wanted to be left alone.")
        self._doubt = seconds("unified.doubt", "From the first doubt about an order to the knowledge.")
        self._attempts = meter.create_counter("unified.attempts", "1", "Requests, by what came of them.")
        self._retries = meter.create_counter("unified.retries", "1", "Requests after the first of their call.")
        self._errors = meter.create_counter("unified.errors", "1", "Calls that failed for good.")
        self._resyncs = meter.create_counter("unified.resyncs", "1", "Measurements of the venue's clock, by reason.")
        self._used = meter.create_gauge("unified.limit.used_ratio", "1", "The fullest of a limit's buckets.")
        self._queued = meter.create_gauge("unified.limit.queued", "1", "Requests that wait for a limit.")
        self._offset = meter.create_gauge("unified.clock.offset", "s", "Venue's clock ahead of this machine's.")
        self._half_width = meter.create_gauge("unified.clock.half_width", "s", "The offset's greatest error.")
        self._epoch = meter.create_gauge("unified.clock.epoch", "1", "How often the clock had to be learned anew.")
        self._in_doubt = meter.create_gauge("unified.doubts.open", "1", "Orders whose outcome is not known.")
        self._oldest = meter.create_gauge("unified.doubts.oldest", "s", "Age of the oldest of them.")
        self._breaker = meter.create_gauge("unified.breaker.open", "1", "0 closed, 0.5 half open, 1 open.")
        self._tokens = meter.create_gauge("unified.retry.tokens", "1", "What is left of the budget for retries.")
        self.lag = meter.create_gauge("unified.loop.lag", "s", "How late the event loop woke a sleeper.")

    # --- events

    def attempt(self, event: AttemptEvent) -> None:
        attempt, where = event.attempt, {"unified.venue": event.venue, "unified.operation": event.attempt.operation}
        self._request.record(event.seconds, {**_request(event), **where})
        if event.first_byte is not None and event.connecting is not None:
            fresh = {**where, "unified.connection": "new" if event.fresh_connection else "reused"}
            self._first_byte.record(event.first_byte, fresh)
            self._connecting.record(event.connecting, fresh)
        self._attempts.add(
            1, {**where, "unified.outcome": str(attempt.outcome), "error.type": str(attempt.kind or "none")}
        )
        if attempt.number > 1:
            self._retries.add(1, where)

    def wait(self, event: WaitEvent) -> None:
        self._waited.record(event.seconds, {"unified.venue": event.venue, "unified.reason": str(event.reason)})

    def error(self, event: ErrorEvent) -> None:
        kind, outcome = str(event.error.kind), str(event.error.outcome)
        where = {"unified.venue": event.venue, "unified.operation": event.operation}
        self._errors.add(1, {**where, "error.type": kind, "unified.outcome": outcome})

    def resync(self, event: ResyncEvent) -> None:
        self._resyncs.add(1, {**_door(event.venue, event.door), "unified.reason": str(event.reason)})

    def ban(self, event: BanEvent) -> None:
        what = {"unified.venue": event.venue, "unified.scope": str(event.scope), "error.type": str(event.kind)}
        self._ban.record(event.seconds, what)

    def settled(self, event: SettledEvent) -> None:
        what = {"unified.venue": event.venue, "unified.operation": event.operation}
        self._doubt.record(event.seconds, {**what, "unified.outcome": str(event.outcome)})

    # --- states

    def sample(self, client: Client) -> None:
        """Read what is a state now."""
        venue, health = {"unified.venue": client.venue}, client.health()
        for (bucket, window), rows in _by_bucket(client.limits()).items():
            limit = {**venue, "unified.limit": bucket, "unified.window": window}
            self._used.set(max(row.used / row.limit for row in rows), {**limit, "unified.counted_by": "us"})
            told = [row.venue_used / row.limit for row in rows if row.venue_used is not None]
            if told:
                self._used.set(max(told), {**limit, "unified.counted_by": "venue"})
            self._queued.set(sum(row.queued for row in rows), limit)
        for door, clock in client.clock().items():
            if clock.offset is not None:
                self._offset.set(clock.offset, _door(client.venue, door))
                self._half_width.set(clock.bound, _door(client.venue, door))
            self._epoch.set(clock.epoch, _door(client.venue, door))
        for guarded, breaker in health.breakers.items():
            self._breaker.set(_STATES[breaker.state], {**venue, "unified.guarded": guarded})
        self._in_doubt.set(health.in_doubt, venue)
        self._oldest.set(health.oldest_doubt, venue)
        self._tokens.set(health.retry_tokens, venue)


_STATES = {State.CLOSED: 0.0, State.HALF_OPEN: 0.5, State.OPEN: 1.0}


def _by_bucket(rows: tuple[LimitState, ...]) -> dict[tuple[str, str], list[LimitState]]:
    """Rows of one limit and window: instruments and accounts are too many to be told apart in metrics."""
    found: dict[tuple[str, str], list[LimitState]] = {}
    for row in rows:
        period = getattr(row.rule, "period", None)
        found.setdefault((row.bucket, "none" if period is None else f"{period:g} s"), []).append(row)
    return found


def _request(event: AttemptEvent) -> dict[str, str | int]:
    """What the conventions want of a request. Its address stays out: signatures and order ids stand in addresses."""
    parts = urlsplit(event.base)
    told: dict[str, str | int] = {
        "http.request.method": event.method,
        "server.address": parts.hostname or "",
        "server.port": parts.port or _PORTS.get(parts.scheme, 0),
    }
    if event.http_status is not None:
        told["http.response.status_code"] = event.http_status
    if event.attempt.kind is not None:
        told["error.type"] = str(event.attempt.kind)
    return told


def _resend(event: AttemptEvent) -> dict[str, int]:
    return {"http.request.resend_count": event.attempt.number - 1} if event.attempt.number > 1 else {}


def _door(venue: str, door: str) -> dict[str, str]:
    return {"unified.venue": venue, "unified.door": door}


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)
