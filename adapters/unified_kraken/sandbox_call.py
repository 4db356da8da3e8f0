"""What a client of Kraken's sandbox asked, read strictly: one call, its parameters, and the refusal of either.

Knows neither accounts nor orders. A parameter that cannot be read is refused as Kraken does it,
`EGeneral:Invalid arguments:<name>` (docs.kraken.com, guide spot-errors, 2026-05-27).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from unified.sandbox.dialect import Incoming
from unified.sandbox.wording import amount, microseconds

SECOND_US = 1_000_000


class Refused(Exception):
    """Kraken refuses the request with these words; nothing changed."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def invalid(name: str) -> Refused:
    """The refusal of one parameter, missing or malformed."""
    return Refused(f"EGeneral:Invalid arguments:{name}")


@frozen
class Fields:
    """The parameters of one call: texts of a form or a query, values of a JSON body."""

    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """As text; empty where it is missing. JSON numbers and booleans are as good as their texts."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None or isinstance(value, dict | list):
            return ""
        return str(value)

    def required(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise invalid(name)
        return text

    def number(self, name: str) -> Decimal | None:
        """A decimal number; None where it is missing."""
        text = self.text(name)
        if not text:
            return None
        value = amount(text)
        if value is None:
            raise invalid(name)
        return value

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """An integer from `low` to `high`."""
        text = self.text(name)
        if not text:
            return default
        if not text.removeprefix("-").isdecimal() or not low <= int(text) <= high:
            raise invalid(name)
        return int(text)

    def flag(self, name: str) -> bool:
        """In any case: ccxt (4.5.90, kraken.py, fetchOrder) and python-kraken-sdk (3.1.1) write Python's `True`."""
        text = self.text(name).lower()
        if text not in ("", "true", "false"):
            raise invalid(name)
        return text == "true"

    def listed(self, name: str) -> tuple[str, ...]:
        """The parts of a comma-separated text."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def rows(self, name: str) -> list[Any]:
        """A JSON list; empty where it is missing."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise invalid(name)
        return value

    def instant(self, name: str) -> int | None:
        """An RFC 3339 time, microseconds since the epoch; None where it is missing."""
        text = self.text(name)
        if not text:
            return None
        time_us = microseconds(text)
        if time_us is None:
            raise invalid(name)
        return time_us


@frozen(kw_only=True)
class Call:
    """One request whose way to its handler is known."""

    incoming: Incoming
    fields: Fields
