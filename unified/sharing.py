"""What clients share in a process: of one venue limits, bans, clocks and breakers; of one account nonces and a budget.

Clients of the same venue and hosts come together here without being told to, since the venue counts them together.
Decides nothing. What one client does with it stands in `services.py`, how it stands to time in `stamping.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from unified.adapter import Adapter
from unified.admission import Admission
from unified.carryover import Carryover
from unified.door_clocks import DoorClocks
from unified.guards import Guards
from unified.limiter import Limiter
from unified.nonce import NonceSource
from unified.retry import RetryBudget
from unified.timekeeper import Timekeeper
from unified.world import World


class Services:
    """Everything that clients of one venue environment share."""

    def __init__(self, adapter: Adapter, share: float, chance: Callable[[], float], connections: int) -> None:
        self.users = 0
        self.share = share
        self.timekeeper = Timekeeper(adapter.venue, tuple(adapter.environment.hosts))
        self.limiter = Limiter(adapter.limits, share=share)
        self.admission = Admission(self.limiter, DoorClocks(self.timekeeper.clocks), venue=adapter.venue)
        self.guards = Guards(self.admission, chance, connections)
        self.nonces: dict[str, NonceSource] = {}
        self.budgets: dict[str, RetryBudget] = {}


_SHARED: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[Any, ...], Services]] = WeakKeyDictionary()


def forget_shared() -> None:
    """Forget what clients of the running loop share, as the end of a process does: simulations crash their clients."""
    _SHARED.pop(asyncio.get_running_loop(), None)


def _key(adapter: Adapter) -> tuple[Any, ...]:
    return adapter.venue, tuple(sorted(adapter.environment.hosts.items()))


class Membership:
    """One client's part in what is shared: joined at the first use, on the loop that runs then, left by `leave`."""

    def __init__(
        self, adapter: Adapter, world: World, share: float, connections: int, carryover: Carryover | None
    ) -> None:
        """`share` and `connections` are those of the first who joins; `carryover` tells what earlier processes left."""
        self._adapter = adapter
        self._world = world
        self._share = share
        self._connections = connections
        self._carryover = carryover

    @cached_property
    def services(self) -> Services:
        """The services of this venue on the running loop."""
        known = _SHARED.setdefault(asyncio.get_running_loop(), {})
        key = _key(self._adapter)
        if key not in known:
            known[key] = Services(self._adapter, self._share, self._world.chance.random, self._connections)
        known[key].users += 1
        if self._carryover is not None:
            self._carryover.inherit(known[key].limiter, self._adapter.account)
        return known[key]

    @cached_property
    def budget(self) -> RetryBudget:
        """The tokens that retries of this account take."""
        return self.services.budgets.setdefault(self._adapter.account, RetryBudget())

    @cached_property
    def nonces(self) -> NonceSource:
        """The numbers that requests of this account carry."""
        return self.services.nonces.setdefault(self._adapter.account, NonceSource())

    async def leave(self) -> None:
        """Have no part any more; the last one to leave stops what runs. May be said twice."""
        held = vars(self)
        services = held.pop("services", None)
        if services is None:
            return
        held.pop("budget", None)
        held.pop("nonces", None)
        services.users -= 1
        if not services.users:
            _SHARED.get(asyncio.get_running_loop(), {}).pop(_key(self._adapter), None)
            await services.timekeeper.aclose()
