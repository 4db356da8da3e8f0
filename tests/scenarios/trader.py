"""A trading program of its own process, made to be killed: `python trader.py CONFIG NOTES RUN ORDERS`.

It settles what its predecessors left in doubt, then places orders, three at a time, and notes what it knows in the
words `wanted ID`, `known ID OUTCOME`: each line is handed to the system at once, and so survives the process.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from random import Random

from unified import Client, Outcome, VenueError
from unified.hooks import SettledEvent
from unified.order import Side

AT_ONCE = 3


class Notes:
    """What the program knows, a line at a time."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, *words: str) -> None:
        os.write(self._file, f"{' '.join(words)}\n".encode())

    def settled(self, event: SettledEvent) -> None:
        self.write("known", event.client_order_id, event.outcome)


async def place(client: Client, notes: Notes, id_: str, chance: Random) -> None:
    """One small order: some rest in the book, some fill at once."""
    base, touch, quantity = chance.choice((("BTC", 60_000, "0.0002"), ("ETH", 3_000, "0.004")))
    side, price = chance.choice(((Side.BUY, touch // 2), (Side.BUY, touch + touch // 50), (Side.SELL, touch * 2)))
    notes.write("wanted", id_)
    try:
        order = await client.place_order(f"{base}/USDT", side, quantity=quantity, price=price, client_order_id=id_)
    except VenueError as error:
        notes.write("known", id_, error.outcome)
    else:
        notes.write("known", order.client_order_id or "", Outcome.DONE)


async def trade(config: Path, notes: Notes, run: int, orders: int) -> None:
    """One life of the program."""
    chance = Random(run)
    numbers = iter(range(orders))

    async def lane(client: Client) -> None:
        for number in numbers:
            await place(client, notes, f"r{run}n{number}", chance)

    client = Client.from_file(config)
    client.hooks.on_settled.add(notes.settled)
    async with client:
        await asyncio.gather(*(lane(client) for _ in range(AT_ONCE)))
        await client.settle()


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1]), Notes(Path(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4])))
