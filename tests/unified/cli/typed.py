"""Types a command and brings what came of it; and serves a simulated venue for commands that need one."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from unified.cli.app import run
from unified.demo.sections import write_config
from unified.sandbox.dialect import Setting
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer


@frozen
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, which must be one document and nothing else."""
        return json.loads(self.out)


class Shell:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> Done:
        self._capsys.readouterr()
        status = run([str(word) for word in words])
        said = self._capsys.readouterr()
        return Done(status, said.out, said.err)


@contextmanager
def serving(*venues: str, folder: Path) -> Iterator[Path]:
    """A configuration file with a section for each of these venues, which are simulated in a thread meanwhile."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> list[SandboxServer]:
        made = [SandboxServer(sandbox_class(venue)(Setting(now=loop.time))) for venue in venues]
        return [await server.__aenter__() for server in made]

    servers = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        pairs = zip(venues, servers, strict=True)
        yield write_config(folder, {venue: (server.dialect, server.urls) for venue, server in pairs})
    finally:
        for server in servers:
            asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
