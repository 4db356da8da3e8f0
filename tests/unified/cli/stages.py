"""A venue of the demo whose run is over, with the figures that a test wants."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from attrs import evolve

from unified.client import Client
from unified.demo.run import Plan, Stage
from unified.sandbox.dialect import Setting
from unified.sandbox.faults import Profile
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer

PLAN = Plan(venues=("paper",), seconds=20.0, seed=7, faults=Profile.MILD)


@asynccontextmanager
async def stage(**verdict: Any) -> AsyncIterator[Stage]:
    """A stage that was judged so; what is not said is zero."""
    server = SandboxServer(sandbox_class("paper")(Setting(now=lambda: 0.0)))
    async with Client("paper", endpoint="http://127.0.0.1:9") as client:
        made = Stage("paper", server, client)
        made.verdict = evolve(server.ledger.verdict(intents=(), attempts=()), **verdict)
        yield made
