"""The words of a simulated venue for one request: its door, its parameters, its refusal. Answers nothing itself.

Parameter checks and their texts: Binance spot `errors.md` (2026-07-21) and the USD-M page "Error Codes" (2026-05-28).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

import orjson
from attrs import field, frozen

from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import RequestClass
from unified.sandbox.engine import Engine
from unified.sandbox.orders import VenueOrder
from unified.sandbox.refusal import Reason

T = TypeVar("T")

NUMBER = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
WHOLE = r"^[0-9]{1,20}$"


class Refusal(Exception):
    """An error of the venue, as its envelope shows it."""

    def __init__(self, code: int, message: str, status: int = 400, *, data: Any = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status
        self.data = data

    @property
    def content(self) -> dict[str, Any]:
        told = {"code": self.code, "msg": self.message}
        return told if self.data is None else {**told, "data": self.data}


Error = Callable[[], Refusal]
"""Makes a refusal that needs no details: a fresh one each time, for exceptions remember where they were raised."""


def error(code: int, message: str, status: int = 400) -> Error:
    return partial(Refusal, code, message, status)


def missing(name: str) -> Refusal:
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def not_required(name: str) -> Refusal:
    return Refusal(-1106, f"Parameter '{name}' sent when not required.")


def not_valid(name: str) -> Refusal:
    return Refusal(-1130, f"Data sent for parameter '{name}' is not valid.")


def illegal(name: str, legal: str) -> Refusal:
    return Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


class Fields:
    """The parameters of one request, decoded. Every reading refuses as the venue does."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, name: str, default: str = "") -> str:
        """The text; `default` where it was not sent."""
        return self._values.get(name, default)

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self._values.get(name, "")
        if not found:
            raise missing(name)
        return found

    def number(self, name: str) -> Decimal | None:
        """None where it was not sent."""
        text = self._values.get(name)
        if text is None:
            return None
        if re.fullmatch(NUMBER, text) is None:
            raise illegal(name, NUMBER)
        return Decimal(text)

    def whole(self, name: str) -> int | None:
        """None where it was not sent."""
        text = self._values.get(name)
        if text is None:
            return None
        if re.fullmatch(WHOLE, text) is None:
            raise illegal(name, WHOLE)
        return int(text)

    def flag(self, name: str, *, default: bool = False) -> bool:
        text = self._values.get(name)
        if text is None:
            return default
        if text.lower() not in ("true", "false"):
            raise not_valid(name)
        return text.lower() == "true"

    def word(self, name: str, meanings: Mapping[str, T], default: T | None = None, *, else_: Error | None = None) -> T:
        """What a word of the venue means; the default where it was not sent."""
        if name not in self._values and default is not None:
            return default
        found = meanings.get(self.text(name))
        if found is None:
            raise not_valid(name) if else_ is None else else_()
        return found

    def array(self, name: str) -> list[Any]:
        """A JSON list inside one parameter; empty where it was not sent."""
        if name not in self._values:
            return []
        try:
            found = orjson.loads(self._values[name])
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, list):
            raise not_valid(name)
        return found

    def limit(self, default: int, most: int) -> int:
        """The size of a page. More than the most is cut to it, as the venue does."""
        asked = self.whole("limit")
        if asked == 0:
            raise not_valid("limit")
        return min(default if asked is None else asked, most)


@frozen(kw_only=True)
class Door:
    """One system of a venue: its clock, its checks, its counts and its words."""

    name: str
    product: Product
    ahead_us: int = 0
    """By how much its clock runs ahead of the sandbox's."""
    reads_all: bool = True
    """It refuses parameters that it does not read."""
    microseconds: bool = False
    """It takes stamps and windows finer than a millisecond, and answers in microseconds where asked to."""
    judges_twice: bool = True
    """The timestamp is looked at again before the engine."""
    late_code: int = -1021
    """What an order is refused with that is too late for the engine."""
    signature_last: bool = False
    """The signature must stand at the very end."""
    window_refusal: Error | None = None
    """What it says to a recvWindow of more than a minute; None where it takes one."""
    rates: tuple[tuple[str, str, int, int], ...] = ()
    """Its published limits: type, interval, number of intervals, limit."""
    counts: tuple[str, ...] = ()
    """Limits that every request counts in once, beside its weight."""
    order_periods: tuple[str, ...] = ()
    """The windows of its order counts, as headers name them; each is the limit `NAME orders N`."""
    unfilled_only: bool = False
    """It counts unfilled orders only: what trades or is refused is taken off again."""
    depths: Collection[int] = ()
    """The only depths of a book that it takes; empty where it takes any."""
    seconds: bool = True
    """It has candles of a second."""
    band: str = ""
    """The name of its filter of prices far from the market."""
    refusals: Mapping[Reason, tuple[int, str]] = field(factory=dict)
    """The engine's reasons in its words. A reason that is missing cannot come up here."""
    too_much: str = ""
    """What it says over the weight limit."""
    banned: str = ""
    """What it says to a banned address, with places for `peer` and `until`."""


class ListenKeys:
    """Keys to the streams of accounts, each for an hour unless it is extended."""

    LIFE_US = 3600 * 1_000_000

    def __init__(self) -> None:
        self._by_account: dict[str, str] = {}
        self._ends: dict[str, int] = {}

    def start(self, account: str, now_us: int, mint: Callable[[], str]) -> str:
        """The account's key, extended; a new one where it has none any more."""
        key = self._by_account.get(account)
        if key is None or not self.lives(key, now_us):
            key = self._by_account[account] = mint()
        self._ends[key] = now_us + self.LIFE_US
        return key

    def extend(self, account: str, now_us: int) -> str | None:
        """The account's key, extended; None where it is over."""
        key = self._by_account.get(account)
        return self.start(account, now_us, str) if key is not None and self.lives(key, now_us) else None

    def end(self, account: str) -> None:
        """Close the account's key."""
        self._ends.pop(self._by_account.pop(account, ""), None)

    def lives(self, key: str, now_us: int) -> bool:
        return now_us < self._ends.get(key, 0)

    def owner(self, key: str) -> str | None:
        """Whose it is."""
        return next((account for account, known in self._by_account.items() if known == key), None)


class Security(StrEnum):
    NONE = "none"
    KEY = "key"
    """A known key in the header, and no signature."""
    READ = "read"
    TRADE = "trade"


@frozen(kw_only=True)
class Call:
    """One request that has been let in."""

    engine: Engine
    door: Door
    fields: Fields
    holder: Account | None
    unit_us: int = 1000
    """Of the times in the answer: milliseconds, or microseconds where the client asked for them."""
    mint: Callable[[], str]
    """Makes a client id, where the client gave none."""
    counts: Callable[[], tuple[int, ...]]
    """The order counts of the account."""
    may_trade: bool = False
    listen_keys: ListenKeys = field(factory=ListenKeys, repr=False)
    """Those of the venue."""

    @property
    def account(self) -> Account:
        if self.holder is None:
            raise LookupError("an endpoint without a signature has no account")
        return self.holder

    @property
    def now_us(self) -> int:
        return self.engine.now_us + self.door.ahead_us

    def time(self, shown_us: int) -> int:
        """A time of the engine as this door writes it."""
        return (shown_us + self.door.ahead_us) // self.unit_us

    def shown_us(self, time_ms: int) -> int:
        """The reverse, for a time that a client sent."""
        return time_ms * 1000 - self.door.ahead_us

    @property
    def instrument(self) -> Instrument:
        """The instrument of `symbol`, which must be there."""
        return self.engine.instrument(self.door.product, self.fields.text("symbol"))

    @property
    def instrument_if_any(self) -> Instrument | None:
        return self.instrument if "symbol" in self.fields else None

    @property
    def instruments(self) -> list[Instrument]:
        """All instruments of this door."""
        return [item for item in self.engine.instruments if item.product is self.door.product]

    def named(self, client_order_id: str) -> list[VenueOrder]:
        """This door's orders that have a client id now, oldest first."""
        return [
            order
            for order in self.account.by_client_id.get(client_order_id, [])
            if order.client_order_id == client_order_id and order.instrument.product is self.door.product
        ]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@frozen(kw_only=True)
class Endpoint:
    """One line of the venue's table."""

    method: str
    path: str
    answer: Callable[[Call], Any]
    """The content of the answer; refuses by raising."""
    kind: RequestClass = RequestClass.READ
    security: Security = Security.NONE
    takes: tuple[str, ...] = field(default="", converter=_words)
    """Names of parameters; with `!` those that must be there."""
    weight: Callable[[Fields], int] | int = 1
    free_when_done: bool = False
    """Only a refusal costs the weight (Binance spot since 2026-04-02)."""
    orders: tuple[int, ...] = ()
    """What it adds to the order counts."""
    counts: tuple[str, ...] = ()
    """Other limits that it counts in."""
    misleads: bool = False
    """Its header of used weight is wrong, as the venue's own page says."""

    def cost(self, fields: Fields) -> int:
        return self.weight if isinstance(self.weight, int) else self.weight(fields)

    @property
    def must(self) -> tuple[str, ...]:
        return tuple(name[:-1] for name in self.takes if name.endswith("!"))

    @property
    def known(self) -> frozenset[str]:
        return frozenset(name.rstrip("!") for name in self.takes)


def per_symbol(one: int, every: int) -> Callable[[Fields], int]:
    """A weight for one symbol, and another for all."""
    return lambda fields: one if "symbol" in fields else every
