"""Spans and metrics, as the SDK's own exporters in memory receive them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tests.toy import BTC, Wire, lost, placed, refusal, toy_client, virtual
from unified.client import Client
from unified.errors import Kind, Scope, VenueError
from unified.operations import FetchTicker
from unified.telemetry import Telemetry

TICKER = FetchTicker(instrument=BTC)


class Seen:
    """What one program exported."""

    def __init__(self) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meters = MeterProvider([self._reader])

    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._spans.get_finished_spans()

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.spans() if span.name == name]

    def metrics(self) -> dict[str, list[Any]]:
        """Name -> data points."""
        data = self._reader.get_metrics_data()
        assert data is not None
        found = [metric for of in data.resource_metrics for scope in of.scope_metrics for metric in scope.metrics]
        return {metric.name: list(metric.data.data_points) for metric in found}


def watched(wire: Wire, story: Callable[[Client], Awaitable[None]]) -> Seen:
    """What was exported while the story went on, and for a while after."""
    seen = Seen()

    async def main() -> None:
        async with (
            toy_client(wire) as client,
            Telemetry(client, tracer_provider=seen.tracers, meter_provider=seen.meters, every=1.0),
        ):
            await story(client)
            await asyncio.sleep(3)

    virtual(main)
    return seen


async def ask(client: Client) -> None:
    await client.run(TICKER)


async def ask_in_vain(client: Client) -> None:
    with pytest.raises(VenueError):
        await client.run(TICKER)


class TestTraces:
    def test_a_call_is_a_span_and_each_of_its_requests_one_below_it(self) -> None:
        seen = watched(Wire().on("ticker", lost(), {"last": "1"}), ask)
        (call,), (first, second) = seen.named("ticker"), seen.named("POST ticker")
        assert call.kind is SpanKind.INTERNAL
        assert call.attributes == {"unified.venue": "toy", "unified.operation": "ticker"}
        parents = {span.parent.span_id for span in (first, second) if span.parent is not None}
        assert call.context is not None
        assert parents == {call.context.span_id}
        assert first.attributes == {
            "http.request.method": "POST",
            "server.address": "127.0.0.1",
            "server.port": 1,
            "error.type": "connection_lost",
            "unified.outcome": "unknown",
        }
        assert first.status.status_code is StatusCode.ERROR
        assert second.attributes is not None
        assert second.attributes["http.request.resend_count"] == 1
        assert second.attributes["http.response.status_code"] == 200
        assert second.kind is SpanKind.CLIENT

    def test_the_times_are_those_of_the_requests(self) -> None:
        seen = watched(Wire(latency=0.25).on("ticker", {"last": "1"}), ask)
        (call,), (request,) = seen.named("ticker"), seen.named("POST ticker")
        assert call.start_time is not None
        assert call.end_time is not None
        assert request.start_time is not None
        assert request.end_time is not None
        assert (request.end_time - request.start_time) / 1e9 == pytest.approx(0.25, abs=0.001)
        assert call.start_time <= request.start_time <= request.end_time <= call.end_time

    def test_a_failed_call_tells_kind_and_outcome(self) -> None:
        (call,) = watched(Wire().on("ticker", refusal(Kind.INVALID_REQUEST)), ask_in_vain).named("ticker")
        assert call.attributes is not None
        assert call.attributes["error.type"] == "invalid_request"
        assert call.attributes["unified.outcome"] == "rejected"
        assert call.status.status_code is StatusCode.ERROR

    def test_the_call_belongs_to_what_the_caller_is_doing(self) -> None:
        seen = Seen()

        async def main() -> None:
            wire = Wire().on("ticker", {"last": "1"})
            async with (
                toy_client(wire) as client,
                Telemetry(client, tracer_provider=seen.tracers, meter_provider=seen.meters),
            ):
                with seen.tracers.get_tracer("mine").start_as_current_span("quoting"):
                    await client.run(TICKER)

        virtual(main)
        (call,), (quoting,) = seen.named("ticker"), seen.named("quoting")
        assert call.parent is not None
        assert quoting.context is not None
        assert call.parent.span_id == quoting.context.span_id


class TestMetrics:
    def test_requests_are_measured_by_the_conventions(self) -> None:
        metrics = watched(Wire(latency=0.25).on("ticker", lost(), {"last": "1"}), ask).metrics()
        tickers = [
            point
            for point in metrics["http.client.request.duration"]
            if point.attributes["unified.operation"] == "ticker"
        ]
        assert {point.attributes.get("http.response.status_code") for point in tickers} == {None, 200}
        assert all(point.count == 1 and point.sum == pytest.approx(0.25, abs=0.001) for point in tickers)
        assert [point.value for point in metrics["unified.retries"]] == [1]

    def test_waits_bans_and_errors_are_counted(self) -> None:
        wire = Wire().on("ticker", refusal(Kind.BANNED, scope=Scope.IP, retry_after=60))
        metrics = watched(wire, ask_in_vain).metrics()
        (ban,), (error,) = metrics["unified.ban"], metrics["unified.errors"]
        assert ban.sum == pytest.approx(60)
        assert ban.attributes["unified.scope"] == "ip"
        assert error.attributes["error.type"] == "banned"
        waited = watched(Wire().on("ticker", lost(), {"last": "1"}), ask).metrics()["unified.wait"]
        assert [point.attributes["unified.reason"] for point in waited] == ["connection_lost"]

    def test_states_are_read_every_few_seconds(self) -> None:
        async def story(client: Client) -> None:
            await client.place_order(BTC, "buy", quantity="0.01", price="50000")

        metrics = watched(Wire().on("place_order", placed()), story).metrics()
        assert {
            "unified.limit.used_ratio",
            "unified.limit.queued",
            "unified.clock.offset",
            "unified.clock.half_width",
            "unified.clock.epoch",
            "unified.doubts.open",
            "unified.doubts.oldest",
            "unified.breaker.open",
            "unified.retry.tokens",
            "unified.loop.lag",
            "unified.resyncs",
        } <= set(metrics)
        assert [point.value for point in metrics["unified.retry.tokens"]] == [500]
        assert {point.attributes["unified.guarded"] for point in metrics["unified.breaker.open"]} == {"main writes"}

    def test_leaving_ends_it(self) -> None:
        async def main() -> None:
            seen, wire = Seen(), Wire().on("ticker", {"last": "1"})
            async with toy_client(wire) as client:
                async with Telemetry(client, tracer_provider=seen.tracers, meter_provider=seen.meters):
                    pass
                await client.run(TICKER)
                assert not client.hooks.on_call
                assert not client.hooks.on_attempt
            assert seen.spans() == ()

        virtual(main)


def test_nothing_that_an_order_or_a_key_holds_is_exported() -> None:
    async def story(client: Client) -> None:
        await client.place_order(BTC, "buy", quantity="0.077", price="50000.12", client_order_id="canary1")

    seen = watched(Wire().on("place_order", placed()), story)
    told = repr([(span.name, span.attributes, span.events, span.status) for span in seen.spans()])
    told += repr([[point.attributes for point in points] for points in seen.metrics().values()])
    assert "place_order" in told
    for canary in ("canary1", "0.077", "50000.12", "toy-dummy", "BTC"):
        assert canary not in told


def test_nobody_imports_it_unasked() -> None:
    program = "import sys, unified, unified.client, unified.cli.app; sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
