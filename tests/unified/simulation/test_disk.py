"""The disk of a simulated program: a crash keeps what was synced, and of the rest what chance leaves."""

from __future__ import annotations

from random import Random

from unified.disk import Disk
from unified.simulation.disk import MemoryDisk
from unified.testing.loop import run


def disk(content: bytes = b"", seed: int = 1) -> MemoryDisk:
    return MemoryDisk(content, Random(seed), lambda: None)


def test_a_crash_keeps_what_was_synced_and_perhaps_some_of_the_rest() -> None:
    left = set()
    for seed in range(60):
        made = disk(b"old|", seed)
        run(made.store(b"safe|"))
        made.append(b"tail")
        left.add(made.crash())
    assert left == {b"old|safe|" + b"tail"[:length] for length in range(5)}


def test_a_dead_program_writes_nothing_more() -> None:
    made = disk()
    made.append(b"before")
    made.crash()
    made.append(b"after")
    made.replace(b"other")
    assert made.read() == b"before"


def test_a_replaced_content_is_safe_and_a_cut_end_is_gone() -> None:
    made: Disk = disk(b"long content")
    made.cut(4)
    assert (made.read(), made.size) == (b"long", 4)
    made.replace(b"new")
    made.close()
    assert isinstance(made, MemoryDisk)
    assert made.crash() == b"new"


def test_before_and_after_a_sync_a_crash_may_come() -> None:
    moments: list[bytes] = []
    made = MemoryDisk(b"", Random(1), lambda: moments.append(made.read()))
    run(made.store(b"frame"))
    assert moments == [b"frame", b"frame"]
