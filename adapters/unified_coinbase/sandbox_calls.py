"""One request to the simulated Coinbase: who sent it, its parameters, and the venue that answers. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.clock import Moment
from unified.sandbox.dialect import Incoming, Outgoing, json_answer
from unified.sandbox.engine import Engine
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.wording import amount, microseconds
from unified_coinbase.sandbox_keys import Holder
from unified_coinbase.sandbox_memory import Memory

Row = dict[str, Any]
_LONGEST_NUMBER = 18


class ApiError(Exception):
    """The venue's own error of HTTP 4xx, in the form that its answers have in practice."""

    def __init__(self, status: int, error: str, details: str) -> None:
        super().__init__(f"{status} {error}: {details}")
        self.status = status
        self.error = error
        self.details = details

    def answer(self) -> Outgoing:
        content = {"error": self.error, "error_details": self.details, "message": self.details}
        return json_answer(content, status=self.status)


def invalid(details: str) -> ApiError:
    """A parameter that is missing or makes no sense."""
    return ApiError(400, "INVALID_ARGUMENT", details)


def unparsed(name: str, text: str) -> ApiError:
    """A parameter that is no value of its type."""
    return ApiError(400, "unknown", f'parsing field "{name}": "{text}" is not a valid value')


def not_found(details: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", details)


class Query:
    """Parameters of the query; those that are lists repeat their name. A missing and an empty one are the same."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            if value:
                self._values.setdefault(name, []).append(value)

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def text(self, name: str) -> str:
        return self._values.get(name, [""])[-1]

    def need(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise invalid(f"{name} is required")
        return found

    def whole(self, name: str) -> int | None:
        """None where it was not sent."""
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
            raise unparsed(name, text)
        return int(text)

    def moment_us(self, name: str) -> int | None:
        """An RFC 3339 time; None where it was not sent."""
        text = self.text(name)
        found = microseconds(text) if text else None
        if text and found is None:
            raise unparsed(name, text)
        return found

    def flag(self, name: str) -> bool:
        text = self.text(name)
        if text not in ("", "true", "false"):
            raise unparsed(name, text)
        return text == "true"

    def words(self, name: str, known: Iterable[str]) -> list[str]:
        """Values of an enumeration."""
        found = self.all(name)
        for text in found:
            if text not in known:
                raise unparsed(name, text)
        return found

    def word(self, name: str, known: Iterable[str], default: str = "") -> str:
        return (self.words(name, known) or [default])[-1]


class Body:
    """Fields of a JSON body or of an object in it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """Empty where it was not sent."""
        value = self.values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> Decimal | None:
        """None where it was not sent or is no number."""
        return amount(self.text(name))

    def flag(self, name: str) -> bool:
        return self.values.get(name) is True

    def part(self, name: str) -> Body | None:
        """An object inside; None where there is none."""
        value = self.values.get(name)
        return Body(value) if isinstance(value, dict) else None

    def texts(self, name: str) -> list[str] | None:
        """A list of texts; None for anything else."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return None
        return value


@frozen(kw_only=True)
class Call:
    """One request that has been let in, and everything that answers it."""

    incoming: Incoming
    engine: Engine
    moment: Moment
    memory: Memory
    names: Mapping[str, str]
    """From the path."""
    query: Query
    body: Body
    owner: Holder | None = None
    """None for requests without a key."""

    @property
    def holder(self) -> Holder:
        if self.owner is None:
            raise LookupError(f"{self.incoming.path} needs no key")
        return self.owner

    @property
    def account(self) -> Account:
        return self.engine.accounts[self.holder.name]

    @property
    def now_us(self) -> int:
        return self.moment.shown_us

    def product(self, symbol: str) -> Instrument | None:
        try:
            return self.engine.instrument(Product.SPOT, symbol)
        except EngineRefusal:
            return None

    def need_product(self, symbol: str) -> Instrument:
        found = self.product(symbol)
        if found is None:
            raise not_found("valid product_id is required")
        return found


Answer = Callable[[Call], Outgoing]
"""An endpoint. Raises `ApiError`."""
