"""Watching: typed events of everything that the library does, for logs and metrics."""

import asyncio
from collections import Counter

from unified import Client, VenueError
from unified.hooks import AttemptEvent, ErrorEvent, WaitEvent
from unified_paper.venue import PaperVenue


async def main() -> None:
    attempts: Counter[str] = Counter()
    waited: dict[str, float] = {}

    def on_attempt(event: AttemptEvent) -> None:
        attempts[f"{event.attempt.operation}, attempt {event.attempt.number}"] += 1

    def on_wait(event: WaitEvent) -> None:
        waited[event.reason] = waited.get(event.reason, 0.0) + event.seconds

    def on_error(event: ErrorEvent) -> None:
        print(f"gave up on {event.operation}: {event.error.kind} after {len(event.error.attempts)} attempts")

    venue = PaperVenue(seed=2, faults="harsh")
    async with Client("paper", transport=venue.transport(), credentials=venue.credentials) as client:
        client.hooks.on_attempt.add(on_attempt)
        client.hooks.on_wait.add(on_wait)
        client.hooks.on_error.add(on_error)
        for _ in range(20):
            try:
                await client.ticker("BTC/USDT")
            except VenueError:
                continue  # on_error has told it
        for door, clock in client.clock().items():
            print(f"clock of {door}: {clock.samples} samples, wrong by at most {clock.bound * 1000:.1f} ms")
    for what, count in sorted(attempts.items()):
        print(f"{count:3} x {what}")
    for reason, seconds in waited.items():
        print(f"waited {seconds:.2f} s for {reason}")


if __name__ == "__main__":
    asyncio.run(main())
