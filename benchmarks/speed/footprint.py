"""What the library weighs: an import, the help of the command line, ten thousand orders, a million calls, a listing.

Imports, the command and a program that finds a kept listing run in fresh interpreters, as in life: what this process
has measured before leaves its heap in pieces. The listing is loaded by a production client beside a ticking loop.
`python -m benchmarks.speed.footprint FOLDER` restores a listing.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import orjson
from attrs import evolve

from benchmarks.speed import answers
from benchmarks.speed.clients import config
from benchmarks.speed.parts import Instant
from benchmarks.speed.row import Effort, Row, bounded
from unified.breaker import WINDOW_SECONDS
from unified.client import Client
from unified.config import ClientConfig
from unified.http import HttpRequest, HttpResponse
from unified.ports import Pool
from unified.settings import InstrumentSettings

IMPORT_MS, IMPORT_MIB, HELP_MS = 60.0, 6.0, 250.0
ORDERS, ORDERS_MIB = 10_000, 8.0
STALL_MS, RESTORE_MS = 10.0, 20.0

_IMPORT = """
import aiohttp, attrs, json, orjson, time
def pages(): return int(open("/proc/self/statm").read().split()[1])
before, began = pages(), time.process_time()
from unified import Client, ClientConfig
import unified_binance
took = time.process_time() - began
print(json.dumps([took * 1e3, (pages() - before) * 4096 / 2**20]))
"""


def rows(effort: Effort) -> Iterator[Row]:
    """Imports, help, memory, the listing."""
    yield from _imports(effort)
    yield _help(effort)
    yield _orders()
    yield _growth(effort)
    yield from _listing(effort)


def _imports(effort: Effort) -> Iterator[Row]:
    _fresh("-c", _IMPORT)  # compiles
    found = [orjson.loads(_fresh("-c", _IMPORT)) for _ in range(effort.starts)]
    for place, (unit, bar, what) in enumerate((("ms", IMPORT_MS, "CPU"), ("MiB", IMPORT_MIB, "memory"))):
        value = median(one[place] for one in found)
        about = f"import of unified and one venue beyond aiohttp, orjson, attrs: {what}"
        yield bounded("footprint", about, value, bar, unit)


def _help(effort: Effort) -> Row:
    took = []
    _fresh("-m", "unified", "--help")  # compiles
    for _ in range(effort.starts):
        began = _of_children()
        _fresh("-m", "unified", "--help")
        took.append((_of_children() - began) * 1e3)
    return bounded("footprint", "unified --help: CPU", median(took), HELP_MS, "ms")


def _of_children() -> float:
    """CPU seconds of all that was run: other work on the machine does not count."""
    spent = os.times()
    return spent.children_user + spent.children_system


_CACHE = TemporaryDirectory(prefix="unified-bytecode-")


def _fresh(*arguments: str) -> bytes:
    """What a fresh interpreter prints. Modules are compiled once, as where they are installed, not at every start."""
    environment = os.environ | {"NO_COLOR": "1", "TERM": "dumb", "PYTHONPYCACHEPREFIX": _CACHE.name}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment).stdout


# --- memory


class Numbered(Instant):
    """Answers every order with an id of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        self._count += 1
        self._pages["/api/v3/order"] = answers.order(f"x{self._count:016d}").replace(
            b"28457000123", b"%011d" % (28_457_000_000 + self._count)
        )
        return await super().send(request, timeout=timeout, pool=pool)


async def _tracked(folder: Path) -> float:
    """MiB that ten thousand placed orders take: what was answered, and what the client remembers of them."""
    async with Client(config("http://127.0.0.1:1", folder), transport=Numbered()) as client:
        bitcoin = await client.instrument("BTC/USDT")
        await client.place_order(bitcoin, "buy", quantity="0.001", price="50000")
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = [
            await client.place_order(bitcoin, "buy", quantity="0.001", price=f"{50_000 + n}") for n in range(ORDERS)
        ]
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        return taken / 2**20 if len(kept) == ORDERS else -1.0


def _orders() -> Row:
    with TemporaryDirectory() as folder:
        taken = asyncio.run(_tracked(Path(folder)))
    return bounded("footprint", f"memory of {ORDERS:,} open orders", taken, ORDERS_MIB, "MiB")


async def _grown(calls: int, folder: Path) -> int:
    """Blocks of memory that the calls left behind, one order among ten tickers, once all windows were full."""
    async with Client(config("http://127.0.0.1:1", folder), transport=Instant()) as client:
        bitcoin = await client.instrument("BTC/USDT")

        async def some(count: int) -> int:
            for number in range(count):
                if number % 10:
                    await client.ticker(bitcoin)
                else:
                    await client.place_order(bitcoin, "buy", quantity="0.001", price="50000")
            gc.collect()
            return sys.getallocatedblocks()

        began, before = time.monotonic(), 0
        while time.monotonic() < began + WINDOW_SECONDS + 2:  # what is kept for a while is kept in full by then
            before = await some(3000)
        return await some(calls) - before


def _growth(effort: Effort) -> Row:
    with TemporaryDirectory() as folder:
        blocks = asyncio.run(_grown(effort.calls, Path(folder)))
    return Row(
        table="footprint",
        what=f"growth over {effort.calls:,} calls",
        bar="none: under one block of memory in a thousand calls",
        measured=f"{blocks:,} blocks",
        holds=blocks < effort.calls / 1000,
        numbers={"value": blocks, "calls": effort.calls},
    )


# --- the listing


class Listed(Instant):
    """Answers with a whole listing."""

    def __init__(self) -> None:
        super().__init__()
        self._pages["/api/v3/exchangeInfo"] = answers.listing()


async def _longest_stall(folder: Path) -> tuple[float, float]:
    """Milliseconds: the longest time in which the loop did nothing else while the listing was loaded, and in all.

    The first is CPU time of this process, threads included: what else the machine does keeps every loop waiting.
    """
    stalls: list[float] = []

    async def tick() -> None:
        last = time.process_time()
        while True:
            await asyncio.sleep(0)
            now = time.process_time()
            stalls.append(now - last)
            last = now

    async with Client(_keeping(folder), transport=Listed()) as client:
        ticking = asyncio.create_task(tick())
        await asyncio.sleep(0.05)
        stalls.clear()
        began = time.perf_counter()
        found = await client.instruments()
        took = time.perf_counter() - began
        await asyncio.sleep(0)
        ticking.cancel()
        assert len(found) == answers.LISTED
        return max(stalls) * 1e3, took * 1e3


def _keeping(folder: Path) -> ClientConfig:
    return evolve(config("http://127.0.0.1:1", folder), instruments=InstrumentSettings(cache=str(folder)))


async def _restored(folder: Path) -> float:
    """Milliseconds of CPU until a new client has an instrument of the listing that another one kept."""
    async with Client(_keeping(folder), transport=Instant()) as client:
        gc.collect()
        began = time.process_time()
        await client.instrument(f"C{answers.LISTED - 1:04d}/USDT")
        return (time.process_time() - began) * 1e3


def _listing(effort: Effort) -> Iterator[Row]:
    gc.collect()
    gc.freeze()  # as in the other comparisons
    with TemporaryDirectory() as folder:
        loaded = [asyncio.run(_longest_stall(Path(folder))) for _ in range(effort.starts) if _emptied(folder)]
        restored = [float(_fresh("-m", __name__, folder)) for _ in range(effort.starts)]
    gc.unfreeze()
    stall, took, again = median(one for one, _ in loaded), median(one for _, one in loaded), median(restored)
    about = f"{answers.LISTED:,} instruments loaded: longest stall of the loop"
    yield bounded("footprint", about, stall, STALL_MS, "ms", beside=f" (loaded in {took:.0f} ms)")
    yield bounded("footprint", f"{answers.LISTED:,} instruments from a cache file", again, RESTORE_MS, "ms")


def _emptied(folder: str) -> bool:
    """Whether nothing is kept any more, so that the listing has to come from the venue."""
    for kept in Path(folder).glob("*.listing"):
        kept.unlink()
    return True


if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    print(asyncio.run(_restored(Path(sys.argv[1]))))
