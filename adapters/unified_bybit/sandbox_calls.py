"""The simulated Bybit's words for one request: its parameters, its account, its refusal. Answers nothing itself.

Types of parameters: Bybit V5 guide (2026-07-24): texts for prices and quantities, real booleans and integers in a body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from attrs import define, field, frozen

from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import RequestClass
from unified.sandbox.engine import Engine
from unified.sandbox.orders import VenueOrder
from unified.sandbox.wording import amount
from unified_bybit.sandbox_keys import Holder

T = TypeVar("T")
Row = dict[str, Any]

CATEGORIES = {"spot": Product.SPOT, "linear": Product.LINEAR}
"""Those that are simulated: the venue has `inverse` and `option` too."""
_CURSOR = "page_token={}&"


class Refusal(Exception):
    """An error of the venue, as its envelope shows it."""

    def __init__(self, code: int, message: str, *, result: Row | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.result = result or {}


def wrong(text: str) -> Refusal:
    """A parameter that is missing or malformed."""
    return Refusal(10001, f"params error: {text}")


@frozen(kw_only=True)
class Answer:
    """A success, as its envelope shows it."""

    result: Row = field(factory=dict)
    extra: Row = field(factory=dict)
    """`retExtInfo`: the codes of a batch."""
    message: str = "OK"


class Fields:
    """The parameters of one request, decoded. Every reading refuses as the venue does; null and "" are absent."""

    def __init__(self, values: Mapping[str, Any], *, typed: bool) -> None:
        """`typed`: from a JSON body, whose integers and booleans are real ones."""
        self._values = {name: value for name, value in values.items() if value not in (None, "")}
        self._typed = typed

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self.get(name)
        if not found:
            raise wrong(f"{name} is required")
        return found

    def get(self, name: str, default: str = "") -> str:
        """A text; `default` where it was not sent."""
        found = self._values.get(name, default)
        if not isinstance(found, str):
            raise wrong(f"{name} must be a string")
        return found

    def number(self, name: str) -> Decimal | None:
        """A decimal text; None where it was not sent."""
        if name not in self._values:
            return None
        found = amount(self.get(name))
        if found is None:
            raise wrong(f"{name} is not a number")
        return found

    def whole(self, name: str) -> int | None:
        """An integer; None where it was not sent."""
        found = self._values.get(name)
        if not self._typed and isinstance(found, str) and found.removeprefix("-").isdecimal():
            return int(found)
        if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
            raise wrong(f"{name} must be an integer")
        return found

    def flag(self, name: str) -> bool:
        """A real boolean; false where it was not sent."""
        found = self._values.get(name, False)
        if not isinstance(found, bool):
            raise wrong(f"{name} must be a boolean")
        return found

    def word(self, name: str, meanings: Mapping[str, T], default: str = "") -> T:
        """What a word of the venue means; that of the default where it was not sent."""
        said = self.get(name, default)
        if said not in meanings:
            raise wrong(f"{name} invalid")
        return meanings[said]

    def items(self, name: str) -> list[Fields]:
        """A list of objects that must be there."""
        found = self._values.get(name)
        if not isinstance(found, list) or not found or not all(isinstance(item, dict) for item in found):
            raise wrong(f"{name} must be a list of objects")
        return [Fields(item, typed=self._typed) for item in found]

    def limit(self, default: int, most: int) -> int:
        """The size of a page."""
        asked = self.whole("limit")
        if asked is not None and not 1 <= asked <= most:
            raise wrong(f"limit must be 1 to {most}")
        return asked or default


@define
class Records:
    """What the venue keeps beside its engine."""

    orders: dict[str, VenueOrder] = field(factory=dict)
    """By their id at this venue."""
    margin_modes: dict[str, str] = field(factory=dict)
    """By account, where it is not cross margin."""
    kept_prices: dict[tuple[str, Product], bool] = field(factory=dict)
    """Whether a price beyond the limit is refused: by account and product, where it was set."""
    announcements: list[Announcement] = field(factory=list)
    """Maintenance, oldest first."""


@frozen(kw_only=True)
class Announcement:
    """A maintenance that the status page tells of."""

    title: str
    begin_us: int
    end_us: int


@frozen(kw_only=True)
class Call:
    """One request that has been let in."""

    engine: Engine
    records: Records
    fields: Fields
    holder: Holder | None
    admit: Callable[[], bool]
    """Counts one order of a batch; whether it still fits under the limit."""

    @property
    def account(self) -> Account:
        return self.engine.accounts[self.key.name]

    @property
    def key(self) -> Holder:
        if self.holder is None:
            raise LookupError("an endpoint without a signature has no account")
        return self.holder

    @property
    def now_ms(self) -> int:
        return self.engine.now_us // 1000

    @property
    def product(self) -> Product:
        """That of `category`, which must be there."""
        said = self.fields.text("category")
        if said not in CATEGORIES:
            raise Refusal(10001, "Illegal category")
        return CATEGORIES[said]

    @property
    def instrument(self) -> Instrument:
        """The instrument of `symbol`, which must be there."""
        return self.engine.instrument(self.product, self.fields.text("symbol"))

    def listed(self) -> list[Instrument]:
        """Those of the category, narrowed down by `symbol`, `baseCoin` or `settleCoin`, the first that was sent."""
        found = [item for item in self.engine.instruments if item.product is self.product]
        if "symbol" in self.fields:
            return [self.instrument]
        if "baseCoin" in self.fields:
            return [item for item in found if item.base == self.fields.get("baseCoin")]
        if "settleCoin" in self.fields:
            return [item for item in found if item.settle == self.fields.get("settleCoin")]
        return found

    def span_us(self, days: int) -> tuple[int, int | None]:
        """Begin and end of a history: at most so many days, the last ones where nothing was sent."""
        start, end = self.fields.whole("startTime"), self.fields.whole("endTime")
        longest = days * 86_400_000
        if start is not None and end is not None and not 0 <= end - start <= longest:
            raise wrong(f"the time range must not exceed {days} days")
        if start is not None:
            return start * 1000, (start + longest if end is None else end) * 1000
        if end is not None:
            return (end - longest) * 1000, end * 1000
        return (self.now_ms - longest) * 1000, None


class Right(StrEnum):
    """What a key must be allowed for an endpoint."""

    NONE = "none"
    READ = "read"
    TRADE = "trade"


@frozen(kw_only=True)
class Endpoint:
    """One line of the venue's table."""

    method: str
    path: str
    answer: Callable[[Call], Answer]
    """Refuses by raising `Refusal` or the engine's refusal."""
    kind: RequestClass = RequestClass.READ
    right: Right = Right.NONE
    rate: int = 0
    """Requests a second and account; zero where only the address counts."""
    spot_rate: int = 0
    """The same for spot, where it is counted apart."""
    by_order: bool = False
    """Counted in orders."""
    defaults: Mapping[str, str] = field(factory=dict)
    """Of parameters that may be missing, where the venue has one."""


@frozen
class Paged(Generic[T]):
    """One row of a list that is paged, under a number that falls from row to row."""

    number: int
    row: T


def page(rows: list[Paged[T]], fields: Fields, *, default: int, most: int) -> tuple[list[T], str]:
    """The rows after the cursor, and the cursor of the next page: percent-encoded already, empty after the last."""
    size = fields.limit(default, most)
    if "cursor" in fields:
        before = _position(fields.get("cursor"))
        rows = [row for row in rows if row.number < before]
    shown = rows[:size]
    further = quote(_CURSOR.format(shown[-1].number), safe="") if len(rows) > size else ""
    return [row.row for row in shown], further


def _position(cursor: str) -> int:
    head, tail = _CURSOR.split("{}")
    number = cursor.removeprefix(head).removesuffix(tail)
    if cursor != _CURSOR.format(number) or not number.isdecimal():
        raise wrong("cursor invalid")
    return int(number)
