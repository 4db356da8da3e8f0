"""Moments as Kraken writes them: Unix seconds with a fraction, as a JSON number or text. Never through a float."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from unified.wire import Json, decimal_or_none, malformed, microseconds, moment, to_decimal

_MICROSECONDS = 1_000_000


def to_seconds(value: Json, where: str) -> datetime:
    """A moment; digits beyond the microsecond are cut off."""
    return moment(int(to_decimal(value, where) * _MICROSECONDS), where)


def at_seconds(row: Mapping[str, Any], key: str) -> datetime:
    """A member that must be a moment."""
    when = at_seconds_or_none(row, key)
    if when is None:
        raise malformed(f"{key}: expected a moment")
    return when


def at_seconds_or_none(row: Mapping[str, Any], key: str) -> datetime | None:
    """A moment, or None where it is missing, empty or zero."""
    seconds = decimal_or_none(row, key)
    return to_seconds(seconds, key) if seconds else None


def whole_before(when: datetime) -> int:
    """The whole second at or before a moment."""
    return microseconds(when) // _MICROSECONDS


def whole_after(when: datetime) -> int:
    """The whole second at or after a moment."""
    return -(-microseconds(when) // _MICROSECONDS)
