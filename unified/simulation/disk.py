"""A disk in memory that forgets what was not synced when its machine dies. Touches no file."""

from __future__ import annotations

import asyncio
from random import Random

from unified.simulation.process import Process

_SYNC_S = (0.00005, 0.001)
"""How long a sync takes."""


class MemoryDisk:
    """`unified.disk.Disk` for one life of a process."""

    def __init__(self, content: bytes, chance: Random, process: Process) -> None:
        """A dead process writes nothing more, whatever its tasks still do on their way out."""
        self._data = bytearray(content)
        self._safe = len(content)
        self._chance = chance
        self._process = process

    @property
    def name(self) -> str:
        return "in memory"

    @property
    def size(self) -> int:
        return len(self._data)

    def read(self) -> bytes:
        return bytes(self._data)

    def append(self, frames: bytes) -> None:
        if not self._process.dead:
            self._data += frames

    async def store(self, frames: bytes) -> None:
        self.append(frames)
        written = len(self._data)
        self._process.reached()
        await asyncio.sleep(self._chance.uniform(*_SYNC_S))
        self._safe = max(self._safe, min(written, len(self._data)))
        self._process.reached()

    def cut(self, size: int) -> None:
        del self._data[size:]
        self._safe = min(self._safe, size)

    def replace(self, content: bytes) -> None:
        if not self._process.dead:
            self._data = bytearray(content)
            self._safe = len(content)

    def close(self) -> None:
        """Nothing is held."""

    def end(self, *, machine_too: bool) -> bytes:
        """What the end of the process leaves: all that was written, since the system has it.

        If the machine died with it, all that was synced, and of the rest as much as chance will have it, perhaps torn.
        """
        kept = self._chance.randint(self._safe, len(self._data)) if machine_too else len(self._data)
        return bytes(self._data[:kept])
