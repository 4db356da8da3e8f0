"""Doors that a venue shut: bans and waits it asked for. Keeps them; never waits, never reads a clock.

Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from unified.errors import Scope
from unified.values import frozen

_Where = tuple[Scope, str, str]


@frozen
class Gate:
    """A part of the venue that may not be asked anything before `until`."""

    scope: Scope
    """ip: everything; account: one owner; symbol: one key of one owner."""
    owner: str
    key: str
    until: float
    banned: bool
    reason: str


_WIDE = {Scope.IP: Scope.IP, Scope.VENUE: Scope.IP, Scope.ACCOUNT: Scope.ACCOUNT, Scope.KEY: Scope.ACCOUNT}


class Gates:
    """The gates of one venue environment."""

    __slots__ = ("_shut", "any")

    def __init__(self) -> None:
        self._shut: dict[_Where, Gate] = {}
        self.any = False
        """Whether there is anything to look up; most of the time there is not."""

    def close(
        self, scope: Scope, *, owner: str = "", key: str = "", until: float, reason: str, banned: bool = False
    ) -> Gate | None:
        """Shut a part of the venue; a gate that is shut for longer stays as it is.

        None, and nothing is shut, for scopes that reach no further than one request or connection.
        """
        wide = Scope.SYMBOL if scope is Scope.SYMBOL and key else _WIDE.get(scope)
        if wide is None:
            return None
        where = (wide, "" if wide is Scope.IP else owner, key if wide is Scope.SYMBOL else "")
        known = self._shut.get(where)
        if known is not None and known.until >= until:
            return known
        gate = self._shut[where] = Gate(*where, until, banned, reason)
        self.any = True
        return gate

    def shut(self, owner: str, keys: Iterable[str], now: float) -> Gate | None:
        """The gate that will keep such a request the longest; None if all are open."""
        wheres = [(Scope.IP, "", ""), (Scope.ACCOUNT, owner, ""), *((Scope.SYMBOL, owner, key) for key in keys if key)]
        found = [gate for gate in map(self._shut.get, wheres) if gate is not None and gate.until > now]
        return max(found, key=lambda gate: gate.until, default=None)

    def open_past(self, now: float) -> None:
        """Forget gates whose time is over."""
        self._shut = {where: gate for where, gate in self._shut.items() if gate.until > now}
        self.any = bool(self._shut)
