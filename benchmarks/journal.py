"""What it costs to have an order on record before it leaves. Measures `FileJournal` alone: no client, no network.

    python -m benchmarks.journal [--folder WHERE_THE_JOURNAL_WOULD_BE]

An intent is a whole life in the journal: its record is made safe, then its outcome is noted. Alone, one waits for the
other; at once, fifty lanes do that side by side. The last row is the disk's own sync of as many bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from unified import records
from unified.errors import Outcome
from unified.instrument import Instrument, Product
from unified.journal import FileJournal
from unified.operations import PlaceOrder
from unified.order import Side
from unified.records import OrderRecord

ALONE = 1000
AT_ONCE = 50
TOGETHER = 20_000
BTC = Instrument(
    symbol="BTCUSDT",
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.00001"),
    min_quantity=Decimal("0.00001"),
    min_notional=Decimal(5),
)


def intents(count: int, name: str) -> Iterator[OrderRecord]:
    """So many wanted orders."""
    for number in range(count):
        order = PlaceOrder(
            instrument=BTC,
            side=Side.BUY,
            quantity=Decimal("0.001"),
            price=Decimal("50000.00"),
            client_order_id=f"{name}{number}",
        )
        yield OrderRecord(order=order, sends=1, fence_ms=1_800_000_002_000, first_sent_ms=1_800_000_000_000)


async def keep(journal: FileJournal, wanted: Iterator[OrderRecord]) -> list[float]:
    """Seconds that each of these had to wait before it could leave."""
    waits = []
    for record in wanted:
        began = perf_counter()
        to_wait_for = journal.sending(record)
        if to_wait_for is not None:
            await to_wait_for
        waits.append(perf_counter() - began)
        journal.ended(record.order.client_order_id, Outcome.DONE)
    return waits


async def measured(folder: Path, *, durable: bool) -> tuple[float, float, float]:
    """Median wait alone; median wait and intents per second at once."""
    journal = FileJournal(folder / f"{durable}.journal", "toy", "account", durable=durable)
    alone = await keep(journal, intents(ALONE, "a"))
    wanted = intents(TOGETHER, "t")
    began = perf_counter()
    lanes = await asyncio.gather(*(keep(journal, wanted) for _ in range(AT_ONCE)))
    took = perf_counter() - began
    await journal.aclose()
    return median(alone), median(wait for lane in lanes for wait in lane), TOGETHER / took


def bare_sync(folder: Path) -> float:
    """Median seconds to append one record and sync it, without any of our code around."""
    frame = records.framed(records.sent(next(intents(1, "bare"))))
    waits = []
    with (folder / "bare").open("ab", buffering=0) as file:
        for _ in range(ALONE):
            began = perf_counter()
            file.write(frame)
            os.fdatasync(file.fileno())
            waits.append(perf_counter() - began)
    return median(waits)


def processor() -> str:
    """The processor's name, where the system tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a durable intent costs.")
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure; else the temporary one")
    with TemporaryDirectory(dir=parser.parse_args().folder) as name:
        folder = Path(name)
        rows = {mode: asyncio.run(measured(folder, durable=mode == "durable")) for mode in ("durable", "process")}
        bare = bare_sync(folder)
    machine = f"{platform.system()} {platform.machine()}, {processor()}, {os.cpu_count()} cores"
    versions = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {versions}, unified-trading {version('unified-trading')}")
    print(f"{'mode':<10}{'alone, p50':>14}{f'{AT_ONCE} at once, p50':>20}{f'{AT_ONCE} at once':>20}")
    for mode, (alone, together, rate) in rows.items():
        print(f"{mode:<10}{alone * 1e6:>11,.0f} us{together * 1e6:>17,.0f} us{rate:>18,.0f}/s")
    print(f"{'bare sync':<10}{bare * 1e6:>11,.0f} us")


if __name__ == "__main__":
    main()
