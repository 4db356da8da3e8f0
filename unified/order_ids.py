"""Client order ids of our own, never the same twice, also across restarts; and the check of a user's own.

Keeps nothing and draws nothing: the run number arrives as an argument. Two runs that may meet on one account
must not have the same one. A journal counts them for the programs that share it; programs that do not share one
draw `RUN_BITS` random bits, of which a thousand runs repeat one once in four million times.
"""

from __future__ import annotations

import re
from typing import NoReturn

from unified.adapter import ClientIdRule
from unified.errors import Fault, Kind, Outcome, VenueError

RUN_BITS = 41
"""Random bits that make a run number."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_RUN_WIDTH = 8
"""Fixed, so that run 1 with order 23 is not run 12 with order 3."""
_RUNS = 36**_RUN_WIDTH
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class OrderIds:
    """The ids of one run: its number and a counter, at most 18 characters of a-z and 0-9."""

    def __init__(self, run: int) -> None:
        if not 0 <= run < _RUNS:
            raise ValueError(f"run: {run} is not from 0 to {_RUNS - 1}")
        self._run = run
        self._start = _base36(run).rjust(_RUN_WIDTH, "0")
        self._count = 0
        self._fit: tuple[ClientIdRule, int] | None = None
        """What the ids are known to fit, and in which length: they differ in nothing but digits of one alphabet."""

    def next(self, rule: ClientIdRule) -> str:
        """An id that was never given out before, in the form that the venue takes.

        Raises VenueError (`invalid_request`, not_sent) where the rule leaves no room for such ids.
        """
        self._count += 1
        made = _uuid(self._run, self._count) if rule.uuid else self._start + _base36(self._count)
        fits = rule, len(made)
        if self._fit is None or self._fit[1] != fits[1] or self._fit[0] is not rule:
            check(made, rule)
            self._fit = fits
        return made


def check(client_order_id: str, rule: ClientIdRule) -> None:
    """Raise VenueError (`invalid_request`, not_sent) if the venue cannot take this id."""
    if rule.uuid and not _UUID.fullmatch(client_order_id):
        _refuse(client_order_id, "a UUID, written 8-4-4-4-12 in hexadecimal digits")
    if len(client_order_id) > rule.max_length or not re.fullmatch(rule.pattern, client_order_id):
        _refuse(client_order_id, f"at most {rule.max_length} characters, all of it matching {rule.pattern}")


def _refuse(client_order_id: str, allowed: str) -> NoReturn:
    hint = f"The client order id {client_order_id!r} cannot be sent to this venue; allowed is {allowed}."
    raise VenueError.of(Fault(kind=Kind.INVALID_REQUEST, outcome=Outcome.NOT_SENT, hint=hint))


def _uuid(run: int, number: int) -> str:
    # Version 4, although nothing here is random: venues that look at the version know no later one.
    digits = f"{run:012x}40008{number:015x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if number == 0:
            return digits
