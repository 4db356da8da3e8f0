"""Streams: a book that is consistent or absent, and own fills as they come, through connections that break."""

import asyncio
from decimal import Decimal

from unified import Client, Side
from unified_paper.venue import PaperVenue


async def fills_of(client: Client, started: asyncio.Event, wanted: Decimal) -> None:
    filled = Decimal(0)
    async with client.watch_fills() as fills:
        started.set()
        async for fill in fills:
            filled += fill.quantity
            print(f"filled {fill.quantity} at {fill.price}")
            if filled >= wanted:
                break
    print("all of it: filled")


async def main() -> None:
    venue, quantity = PaperVenue(seed=4, faults="mild"), Decimal("0.4")
    async with Client(
        "paper", transport=venue.transport(), dialer=venue.dialer(), credentials=venue.credentials
    ) as client:
        client.hooks.on_stream.add(lambda event: print(f"{event.line or event.watch}: {event.change}"))
        started = asyncio.Event()
        fills = asyncio.create_task(fills_of(client, started, quantity))
        await started.wait()
        async for book in client.watch_book("BTC/USDT", depth=20):
            price = book.price_for(Side.BUY, quantity)
            print(f"sequence {book.sequence}, {book.age:.2f} s old: {quantity} would cost {price} each")
            if price is not None:
                break
        order = await client.place_order("BTC/USDT", "buy", quantity=quantity)
        await fills
        print(f"{order.venue_order_id}: {order.status}")


if __name__ == "__main__":
    asyncio.run(main())
