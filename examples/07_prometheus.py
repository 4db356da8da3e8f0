"""Metrics for Prometheus: hooks for what happens, a look at the client for what stands."""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from unified import Client, VenueError
from unified.hooks import AttemptEvent
from unified_paper.venue import PaperVenue

REGISTRY = CollectorRegistry()  # a program that serves metrics uses the global one and start_http_server(9000)
ATTEMPTS = Counter("unified_attempts", "Requests", ["operation", "kind", "outcome"], registry=REGISTRY)
FIRST_BYTE = Histogram("unified_ttfb_seconds", "First byte of the answer", ["operation"], registry=REGISTRY)
WAITED = Histogram("unified_queue_wait_seconds", "Waiting at home", ["reason"], registry=REGISTRY)
BANS = Counter("unified_ban_seconds", "Asked to stay away", ["scope"], registry=REGISTRY)
USED = Gauge("unified_limit_used_ratio", "How full", ["limit"], registry=REGISTRY)
CLOCK = Gauge("unified_clock_half_width_seconds", "The venue's time is known to", ["door"], registry=REGISTRY)
IN_DOUBT = Gauge("unified_unknown_outcomes_open", "Orders in doubt", registry=REGISTRY)
READY = Gauge("unified_ready", "Whether these can leave", ["what"], registry=REGISTRY)


def attempted(event: AttemptEvent) -> None:
    attempt = event.attempt
    ATTEMPTS.labels(attempt.operation, attempt.kind or "none", attempt.outcome).inc()
    if event.first_byte is not None:
        FIRST_BYTE.labels(attempt.operation).observe(event.first_byte)


def listen(client: Client) -> None:
    client.hooks.on_attempt.add(attempted)
    client.hooks.on_wait.add(lambda event: WAITED.labels(event.reason).observe(event.seconds))
    client.hooks.on_ban.add(lambda event: BANS.labels(event.scope).inc(event.seconds))


def look(client: Client) -> None:  # every few seconds, or whenever Prometheus asks
    for row in client.limits():
        USED.labels(row.bucket).set(row.used / row.limit)
    for door, clock in client.clock().items():
        CLOCK.labels(door).set(clock.bound)
    health = client.health()
    IN_DOUBT.set(health.in_doubt)
    READY.labels("orders").set(health.orders)


async def main() -> None:
    venue = PaperVenue(seed=2, faults="harsh")
    async with Client("paper", transport=venue.transport(), credentials=venue.credentials) as client:
        listen(client)
        for _ in range(20):
            try:
                await client.ticker("BTC/USDT")
            except VenueError:
                continue  # counted
        look(client)
    print(generate_latest(REGISTRY).decode())


if __name__ == "__main__":
    asyncio.run(main())
