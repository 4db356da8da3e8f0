"""A program's life: its tasks end with it, at once, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from unified.simulation.process import OWNER, Process, task_factory
from unified.testing.loop import run


def live(moments: int | None, main: Coroutine[Any, Any, None], process: Process | None = None) -> bool:
    async def story() -> bool:
        asyncio.get_running_loop().set_task_factory(task_factory)
        return await (process or Process(Random(1), moments)).run(main)

    return run(story())


def test_a_program_that_ends_has_lived() -> None:
    done: list[str] = []

    async def main() -> None:
        await asyncio.sleep(1)
        done.append("end")

    assert live(None, main())
    assert done == ["end"]


def test_a_crash_ends_every_task_of_the_program_and_none_of_the_venue() -> None:
    process, seen = Process(Random(1), 2), []

    async def child(name: str) -> None:
        try:
            await asyncio.sleep(5)
            seen.append(f"{name} ended")
        finally:
            seen.append(f"{name} stopped")

    async def main() -> None:
        own = asyncio.create_task(child("own"))
        token = OWNER.set(None)
        seen.append(type(asyncio.create_task(child("venue"), name="venue")).__name__)
        OWNER.reset(token)
        process.reached()
        process.reached()
        await own

    async def story() -> None:
        asyncio.get_running_loop().set_task_factory(task_factory)
        assert not await process.run(main())
        assert process.dead
        await asyncio.sleep(10)

    run(story())
    assert seen == ["Task", "own stopped", "venue ended", "venue stopped"]


def test_what_a_dying_program_begins_or_waits_for_does_not_go_on() -> None:
    process, seen = Process(Random(1), 1), []

    async def late() -> None:
        seen.append("ran")

    async def main() -> None:
        process.reached()
        try:
            await asyncio.sleep(5)
        finally:
            asyncio.create_task(late())  # noqa: RUF006 - the point is that nobody keeps it
            await asyncio.sleep(100)
            seen.append("tidied up")

    assert not live(None, main(), process)
    assert seen == []


def test_a_program_without_a_moment_never_crashes() -> None:
    process = Process(Random(1), None)

    async def main() -> None:
        for _ in range(100):
            process.reached()
        await asyncio.sleep(1)

    assert live(None, main(), process)
