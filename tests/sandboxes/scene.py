"""Where adapter and sandbox of a venue meet: the venue in memory, a client of one of its accounts, virtual time.

What every adapter is judged by alike stands in the stories of `unified.testing.conformance`, which
tests/conformance plays with each that is installed; here stands what is one venue's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

import pytest

from tests.toy import world
from unified.client import Client
from unified.errors import VenueError
from unified.instrument import Instrument
from unified.registry import adapter_class
from unified.sandbox.dialect import ClientAccount, Dialect, Setting
from unified.sandbox.faults import FaultPlan
from unified.sandbox.network import SandboxNetwork
from unified.testing.loop import run

T = TypeVar("T")


class Scene:
    """One venue and one client."""

    dialect: ClassVar[type[Dialect]]

    def __init__(self, who: str, plan: FaultPlan | None = None, **settings: Any) -> None:
        """`who` names an account of the sandbox; `settings` are the client's."""
        self.venue: Any = self.dialect(Setting(now=asyncio.get_running_loop().time))
        self.network = SandboxNetwork(self.venue, plan)
        chosen = self.chosen(who)
        self.account = self.venue.engine.accounts[chosen.name]
        self.client = Client(
            adapter_class(self.dialect.name),
            transport=self.network.transport(),
            world=world(),
            credentials=chosen.credentials,
            endpoint=self.network.urls,
            **settings,
        )

    def chosen(self, who: str) -> ClientAccount:
        found: ClientAccount = next(account for account in self.venue.accounts if account.name == who)
        return found

    async def pause(self) -> None:
        """Let the venue finish what it has accepted."""
        await asyncio.sleep(1)
        self.venue.engine.advance(self.venue.clock.true_us())

    def move(self, native: Instrument, price: str) -> None:
        """Let the market jump."""
        self.venue.engine.advance(self.venue.clock.true_us())
        self.venue.engine.move_price(native, Decimal(price))

    @staticmethod
    async def all(rows: AsyncIterator[T], most: int = 1000) -> list[T]:
        """The first rows of what comes in pages."""
        found: list[T] = []
        async for row in rows:
            found.append(row)
            if len(found) == most:
                break
        return found


S = TypeVar("S", bound=Scene)


def play(made: Callable[[], S], story: Callable[[S], Coroutine[Any, Any, None]], *, judged: bool = True) -> None:
    """Play a story in virtual time; the client must have kept every limit and the clock."""

    async def main() -> None:
        scene = made()
        async with scene.client:
            await story(scene)
        assert scene.network.ledger.verdict().is_clean or not judged

    run(main())


async def refused(call: Coroutine[Any, Any, object]) -> VenueError:
    """What the call is refused with."""
    with pytest.raises(VenueError) as caught:
        await call
    return caught.value
