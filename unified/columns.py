"""Values that are alike, read together: the columns of a list of rows, the numbers of one row.

Several times faster than one by one, and as strict: they are checked as a whole, and where something is wrong they are
read one by one, as `wire.py` reads them, and the first that does not fit is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeVar

from unified import exact
from unified.wire import (
    USUAL_UNTIL_MS,
    Json,
    choice,
    decimal_or_none,
    malformed,
    to_decimal,
    to_flag,
    to_integer,
    to_us,
)

T = TypeVar("T")
N = TypeVar("N", bound=tuple[Any, ...])

Key = str | int
"""Where a value stands in every row: a name in objects, a place in lists."""


def column(rows: Sequence[Json], key: Key) -> list[Json]:
    """The same member of every row, which must be there."""
    try:
        return [row[key] for row in rows]
    except (LookupError, TypeError):
        raise malformed(f"{key}: missing in a row") from None


def decimals(rows: Sequence[Json], key: Key) -> list[Decimal]:
    """A number of every row, digit for digit."""
    values = column(rows, key)
    try:
        return exact.numbers(values)
    except ValueError:
        return _each(to_decimal, values, key)


def integers(rows: Sequence[Json], key: Key) -> list[int]:
    """A whole number of every row."""
    values = column(rows, key)
    return values if set(map(type, values)) <= {int} else _each(to_integer, values, key)


def moments_ms(rows: Sequence[Json], key: Key) -> list[int]:
    """A moment of every row, which says it in milliseconds since the epoch, in microseconds."""
    values = column(rows, key)
    if set(map(type, values)) == {int} and 0 <= min(values) <= max(values) < USUAL_UNTIL_MS:
        return [value * 1000 for value in values]
    return _each(to_us, values, key)


def flags(rows: Sequence[Json], key: Key) -> list[bool]:
    """A truth value of every row."""
    values = column(rows, key)
    return values if set(map(type, values)) <= {bool} else _each(to_flag, values, key)


def choices(table: Mapping[str, T], rows: Sequence[Json], key: Key) -> list[T]:
    """The entry of a translation table for a word of every row."""
    values = column(rows, key)
    try:
        return [table[value] for value in values]
    except (KeyError, TypeError):
        return [choice(table, value, str(key)) for value in values]


def together(kind: type[N], *columns: Iterable[Any]) -> tuple[N, ...]:
    """Named tuples, each of one row of the columns, in half the time that a call of `kind` takes for each."""
    return tuple(map(tuple.__new__, repeat(kind), zip(*columns, strict=True)))


def _each(read: Callable[[Json, str], T], values: Sequence[Json], key: Key) -> list[T]:
    """The values one by one; what does not fit raises, and its place is named."""
    return [read(value, str(key)) for value in values]


class Numbers:
    """Members of one object that are numbers, where nearly always all of them are there: a ticker's."""

    def __init__(self, *keys: str) -> None:
        """Two keys or more."""
        self._keys = keys
        self._values: Callable[[Any], tuple[Json, ...]] = itemgetter(*keys)

    def of(self, row: Mapping[str, Any]) -> Sequence[Decimal | None]:
        """In the order of the keys; None where one is missing, null or empty."""
        try:
            return exact.numbers(self._values(row))
        except (LookupError, TypeError, ValueError):
            return [decimal_or_none(row, key) for key in self._keys]
