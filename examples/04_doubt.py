"""Doubt: a venue that drops, delays and breaks answers, and not one order placed twice or forgotten."""

import asyncio

from unified import Client, VenueError
from unified_paper.venue import PaperVenue


async def main() -> None:
    venue = PaperVenue(seed=3, faults="harsh")
    async with Client("paper", transport=venue.transport(), credentials=venue.credentials) as client:
        client.hooks.on_settled.add(
            lambda event: print(f"  a doubt of {event.seconds:.1f} s ended: {event.client_order_id} is {event.outcome}")
        )
        placed = set()
        for number in range(12):
            try:
                order = await client.place_order("BTC/USDT", "buy", quantity="0.001", price="50000", deadline=30)
            except VenueError as error:
                print(f"{number}: {error.kind}, outcome {error.outcome}")
            else:
                placed.add(order.client_order_id)
                print(f"{number}: {order.status} as {order.venue_order_id}")

        undecided = await client.settle(timeout=60)
        at_the_venue = [str(order.client_order_id) for order in venue.dialect.engine.accounts["client"].orders]
        print(f"placed {len(placed)}, at the venue {len(at_the_venue)}, undecided {len(undecided)}")
        print("each once" if sorted(at_the_venue) == sorted(set(at_the_venue)) else "something went wrong")


if __name__ == "__main__":
    asyncio.run(main())
