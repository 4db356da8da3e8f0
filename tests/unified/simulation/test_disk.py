"""The disk of a simulated program: what a dead machine forgets, and that a dead process forgets nothing."""

from __future__ import annotations

import asyncio
from random import Random

from unified.disk import Disk
from unified.simulation.disk import MemoryDisk
from unified.simulation.process import Process
from unified.testing.loop import run


def disk(content: bytes = b"", seed: int = 1) -> MemoryDisk:
    return MemoryDisk(content, Random(seed), Process(Random(seed), None))


def test_a_dead_machine_keeps_what_was_synced_and_perhaps_some_of_the_rest() -> None:
    left = set()
    for seed in range(60):
        made = disk(b"old|", seed)
        run(made.store(b"safe|"))
        made.append(b"tail")
        left.add(made.end(machine_too=True))
    assert left == {b"old|safe|" + b"tail"[:length] for length in range(5)}


def test_what_was_written_survives_the_process_that_wrote_it() -> None:
    for seed in range(20):
        made = disk(seed=seed)
        made.append(b"not synced")
        assert made.end(machine_too=False) == b"not synced"


def test_a_dead_program_writes_nothing_more() -> None:
    async def story() -> None:
        process = Process(Random(1), None)
        made = MemoryDisk(b"", Random(1), process)
        made.append(b"before")
        process.kill()
        made.append(b"after")
        made.replace(b"other")
        assert made.end(machine_too=False) == b"before"

    run(story())


def test_a_replaced_content_is_safe_and_a_cut_end_is_gone() -> None:
    made: Disk = disk(b"long content")
    made.cut(4)
    assert (made.read(), made.size) == (b"long", 4)
    made.replace(b"new")
    made.close()
    assert isinstance(made, MemoryDisk)
    assert made.end(machine_too=True) == b"new"


def test_before_and_after_a_sync_a_crash_may_come() -> None:
    async def story(moments: int) -> bool:
        process = Process(Random(1), moments)
        await MemoryDisk(b"", Random(1), process).store(b"frame")
        await asyncio.sleep(1)
        return process.dead

    assert [run(story(moments)) for moments in (1, 2, 3)] == [True, True, False]
