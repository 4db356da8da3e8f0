"""The listing of a venue's instruments, kept with its age and refreshed beside the calls that use it.

Knows nothing of orders. A caller waits for a listing once, at the first use; later refreshes happen in the
background while the old listing still answers.
"""

from __future__ import annotations

import asyncio

from unified.errors import Fault, Kind, Outcome, VenueError
from unified.instrument import Instrument, Instruments, Product
from unified.listing_file import ListingFile
from unified.operations import FetchInstruments
from unified.ports import WallClock
from unified.scheduler import Scheduler

REFRESH_SECONDS = 900.0
"""Venues change ticks and limits a few times a month; some announce it, none undoes it within minutes."""


class Listing:
    """Instruments of one client, by product."""

    def __init__(
        self, venue: str, scheduler: Scheduler, products: tuple[Product, ...], wall: WallClock, file: ListingFile | None
    ) -> None:
        """`file` keeps listings for the next run; `wall` tells their age then."""
        self._venue = venue
        self._scheduler = scheduler
        self._products = products
        self._wall = wall
        self._file = file
        self._saving: set[asyncio.Future[None]] = set()
        self._restoring = asyncio.Lock()
        self._known: dict[Product, Instruments] = {}
        self._fetched_at: dict[Product, float] = {}
        self._fetching: dict[Product, asyncio.Task[Instruments]] = {}

    def age(self, product: Product) -> float | None:
        """Seconds since the listing was fetched; None while there is none."""
        at = self._fetched_at.get(product)
        return None if at is None else asyncio.get_running_loop().time() - at

    async def of(self, product: Product) -> Instruments:
        """The listing of a product. Raises what fetching it raises, if there is none yet."""
        if product not in self._known and not await self._restored(product):
            return await self.refresh(product)
        age = self.age(product)
        if age is not None and age > REFRESH_SECONDS:
            self._fetch(product)
        return self._known[product]

    async def refresh(self, product: Product) -> Instruments:
        """Fetch it now; callers at the same time share one fetch."""
        return await asyncio.shield(self._fetch(product))

    async def find(self, name: str, product: Product | None) -> Instrument:
        """The one instrument that `name` means. Raises `unknown_symbol` (not_sent) naming the nearest three.

        A perpetual is `BASE/QUOTE:SETTLE`; a name without the settle currency means spot first.
        """
        if product is None:
            order = (Product.LINEAR, Product.SPOT) if ":" in name else (Product.SPOT, Product.LINEAR)
            wanted = tuple(item for item in order if item in self._products)
        else:
            wanted = (product,)
        for item in wanted:
            instruments = await self.of(item)
            found = instruments.named(name, item) or (await _indexed(instruments)).find(name, item)
            if found is not None:
                return found
        near = [name_ for item in wanted for name_ in (await self.of(item)).nearest(name)]
        raise VenueError.of(
            Fault(
                kind=Kind.UNKNOWN_SYMBOL,
                outcome=Outcome.NOT_SENT,
                message=f"no instrument {name!r}",
                hint=f"Nearest: {', '.join(dict.fromkeys(near[:3]))}." if near else "The listing holds nothing alike.",
            ),
            venue=self._venue,
        )

    def _fetch(self, product: Product) -> asyncio.Task[Instruments]:
        task = self._fetching.get(product)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._load(product), name=f"instruments {product}")
            self._fetching[product] = task
            task.add_done_callback(lambda done: self._fetched(product, done))
        return task

    async def _restored(self, product: Product) -> bool:
        """Whether an earlier run left a listing that can be used."""
        if self._file is None:
            return False
        loop = asyncio.get_running_loop()
        async with self._restoring:
            if product in self._known:
                return True
            kept = await loop.run_in_executor(None, self._file.load, product, self._wall.time_ns())
            if kept is None:
                return False
            self._known[product], self._fetched_at[product] = kept.instruments, loop.time() - kept.age
            return True

    async def _load(self, product: Product) -> Instruments:
        loop = asyncio.get_running_loop()
        rows = await self._scheduler.run(FetchInstruments(product=product))
        instruments = await loop.run_in_executor(None, Instruments, rows)
        if self._file is not None:
            job = loop.run_in_executor(None, self._file.save, product, instruments, self._wall.time_ns())
            self._saving.add(job)
            job.add_done_callback(self._saving.discard)
        return instruments

    def _fetched(self, product: Product, task: asyncio.Task[Instruments]) -> None:
        self._fetching.pop(product, None)
        if task.cancelled() or task.exception() is not None:
            return  # whoever waits gets the error; an old listing goes on answering
        self._known[product] = task.result()
        self._fetched_at[product] = asyncio.get_running_loop().time()

    async def aclose(self) -> None:
        """Stop fetching; a listing that is being kept is kept."""
        tasks = tuple(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._saving, return_exceptions=True)


async def _indexed(instruments: Instruments) -> Instruments:
    """Ready for any spelling, without holding up the loop."""
    if instruments.is_indexed:
        return instruments
    return await asyncio.get_running_loop().run_in_executor(None, instruments.indexed)
