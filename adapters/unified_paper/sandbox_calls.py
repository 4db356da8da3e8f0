"""What was asked of the simulated Paper: parameters read, refusals in Paper's words. Answers nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Incoming, RequestClass
from unified.sandbox.engine import Engine
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.wording import amount

Fields = Mapping[str, str]


class Refusal(Exception):
    """An error of the venue."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status

    @property
    def content(self) -> dict[str, str]:
        """What the client reads of it."""
        return {"code": self.code, "message": self.message}


@frozen(kw_only=True)
class Call:
    """One request with what it is about."""

    engine: Engine
    account: Account
    fields: Fields

    def instrument(self) -> Instrument:
        """The one that is named. Raises EngineRefusal."""
        return self.engine.instrument(Product.SPOT, self.fields.get("symbol", ""))

    def number(self, name: str) -> Decimal | None:
        """None where it is missing. Raises ValueError."""
        if name not in self.fields:
            return None
        number = amount(self.fields[name])
        if number is None:
            raise ValueError(f"{name} is not a number")
        return number

    def which(self) -> dict[str, Any]:
        """The order that is meant, by the venue's id where it is told."""
        if self.fields.get("id"):
            return {"order_id": int(self.fields["id"])}
        return {"client_order_id": self.fields["client_order_id"]}

    def within(self, time_us: int) -> bool:
        """Whether a moment lies in the span that was asked for."""
        start, end = int(self.fields.get("start_ms", "0")), int(self.fields.get("end_ms", str(2**62)))
        return start <= time_us // 1000 < end

    def about(self, instrument: Instrument) -> bool:
        """Whether rows of this instrument were asked for."""
        return self.fields.get("symbol") in (None, instrument.symbol)


@frozen(kw_only=True)
class Endpoint:
    """One line of the table."""

    answer: Callable[[Call], Any]
    kind: RequestClass = RequestClass.READ
    signed: bool = True
    orders: int = 0
    """What it costs of the limit on orders."""


Table = Mapping[tuple[str, str], Endpoint]
"""Method and path -> what is done."""


def carried_out(answer: Callable[[Call], Any], call: Call) -> Any:
    """What is answered. Raises Refusal."""
    try:
        return answer(call)
    except EngineRefusal as refusal:
        raise Refusal(refusal.reason.value, refusal.text) from None
    except (LookupError, ValueError) as mistake:
        raise Refusal("bad_request", f"{type(mistake).__name__}: {mistake}") from None


def fields_of(incoming: Incoming) -> Fields:
    """The query, or a body of texts. Raises Refusal."""
    if not incoming.body:
        return incoming.query_fields()
    said = incoming.json_body()
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise Refusal("bad_request", "the body must be an object of texts")
    return said
