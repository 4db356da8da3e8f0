"""One request to the simulated OKX: who sent it, its parameters, and the venue that answers. Decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.clock import Moment
from unified.sandbox.dialect import Incoming, Outgoing, json_answer
from unified.sandbox.engine import Engine
from unified.sandbox.limits import LimitKeeper, Use
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.wording import amount
from unified_okx.sandbox_keys import Holder
from unified_okx.sandbox_sayings import Refusal

Row = dict[str, Any]
T = TypeVar("T")

TYPES = {"SPOT": Product.SPOT, "SWAP": Product.LINEAR}
TYPE_OF = {product: word for word, product in TYPES.items()}
_OTHER_TYPES = ("MARGIN", "FUTURES", "OPTION", "EVENTS")
"""Types of the venue that have no instruments here."""
_LONGEST_NUMBER = 19


class Fields:
    """Parameters of one request or of one item of a batch. A missing and an empty one are the same."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The value as text: JSON numbers and booleans as they are written; empty where it was not sent."""
        value = self._values.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        return value if isinstance(value, str) else ""

    def need(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise Refusal("50014", name)
        return found

    def has_items(self, name: str) -> bool:
        """Whether a list with something in it was sent."""
        return bool(self._values.get(name)) and isinstance(self._values[name], list)

    def number(self, name: str) -> Decimal | None:
        """None where it was not sent."""
        text = self.text(name)
        if not text:
            return None
        found = amount(text)
        if found is None:
            raise Refusal("51000", name)
        return found

    def whole(self, name: str) -> int | None:
        """None where it was not sent."""
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
            raise Refusal("51000", name)
        return int(text)

    def limit(self, default: int, most: int) -> int:
        found = self.whole("limit")
        if found is not None and not 1 <= found <= most:
            raise Refusal("51000", "limit")
        return default if found is None else found

    def flag(self, name: str) -> bool:
        """Sent as JSON boolean or as text; false where it was not sent."""
        text = self.text(name).lower()
        if text not in ("", "true", "false"):
            raise Refusal("51000", name)
        return text == "true"

    def word(self, name: str, meanings: Mapping[str, T], default: str = "") -> T:
        """What a word of the venue means."""
        text = self.text(name) or default
        if not text:
            raise Refusal("50014", name)
        if text not in meanings:
            raise Refusal("51000", name)
        return meanings[text]

    def product(self, *, required: bool) -> Product | None:
        """The product of `instType`; None where it was not sent. Types without instruments here raise `NothingHere`."""
        text = self.need("instType") if required else self.text("instType")
        if text in _OTHER_TYPES:
            raise NothingHereError
        if text and text not in TYPES:
            raise Refusal("51000", "instType")
        return TYPES.get(text)


class NothingHereError(Exception):
    """A type of instrument that the venue knows and this sandbox has nothing of: the answer is an empty list."""


@frozen(kw_only=True)
class Call:
    """One request that has been let in, and everything that answers it."""

    incoming: Incoming
    engine: Engine
    keeper: LimitKeeper
    moment: Moment
    fields: Fields
    items: Sequence[Any] = ()
    """Of a batch: the top-level list of its body."""
    owner: Holder | None = None
    """None for unsigned requests."""

    @property
    def account(self) -> Account:
        return self.engine.accounts[self.holder.name]

    @property
    def holder(self) -> Holder:
        if self.owner is None:
            raise LookupError(f"{self.incoming.path} is not signed")
        return self.owner

    @property
    def now_us(self) -> int:
        return self.moment.shown_us

    def instrument(self, symbol: str) -> Instrument:
        for product in TYPE_OF:
            try:
                return self.engine.instrument(product, symbol)
            except EngineRefusal:
                continue
        raise Refusal("51001")

    def chosen(self) -> tuple[Product | None, Instrument | None]:
        """The filters `instType` and `instId` of a list."""
        symbol = self.fields.text("instId")
        product = self.fields.product(required=False)
        return product, self.instrument(symbol) if symbol else None

    def spend(self, *uses: Use) -> Use | None:
        """Charge the request to its limits; the one that is full, where one is."""
        breach = self.keeper.admit(uses, self.moment)
        return None if breach is None else breach.use


Answer = Callable[[Call], Outgoing]
"""An endpoint. Raises `Refusal` or `NothingHereError`."""


def rows(found: Iterable[Row]) -> Outgoing:
    return json_answer({"code": "0", "msg": "", "data": list(found)})


def ms(time_us: int) -> str:
    """Milliseconds as text, as the venue writes every time."""
    return str(time_us // 1000)
