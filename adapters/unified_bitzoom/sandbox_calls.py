"""The simulated Bitzoom's words for one request: its parameters, its refusals, its envelopes. Answers nothing itself.

Envelopes and codes: bitzoom-futures/futures.doc at 42521de (2026-02-13), errors.md and the gateway's specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Incoming, Outgoing, RequestClass, json_answer
from unified.sandbox.engine import Engine
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import amount, uuid_of

REASONS: Mapping[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_INSTRUMENT: (-1120, "Invalid symbol"),
    Reason.MARKET_CLOSED: (-1121, "Invalid symbol status"),
    Reason.CANCEL_ONLY: (-1121, "Invalid symbol status"),
    Reason.POST_ONLY_MODE: (-1121, "Invalid symbol status"),
    Reason.BAD_ORDER: (-1128, "Invalid combination"),
    Reason.BAD_TICK: (-2019, "Invalid price"),
    Reason.PRICE_OUT_OF_RANGE: (-2019, "Invalid price"),
    Reason.BAD_LOT: (-1111, "Invalid precision"),
    Reason.BELOW_MIN_QUANTITY: (-2022, "Quantity too low"),
    Reason.ABOVE_MAX_QUANTITY: (-2018, "Invalid quantity"),
    Reason.BELOW_MIN_NOTIONAL: (-2022, "Quantity too low"),
    Reason.ABOVE_MAX_NOTIONAL: (-2018, "Invalid quantity"),
    Reason.INSUFFICIENT_FUNDS: (-2010, "Insufficient balance"),
    Reason.WOULD_TAKE: (-2019, "Invalid price"),
    Reason.WOULD_TRIGGER: (-2021, "Order would trigger immediately"),
    Reason.REDUCE_ONLY: (-2023, "Reduce only rejected"),
    Reason.TOO_MANY_OPEN_ORDERS: (-2018, "Invalid quantity"),
    Reason.POSITION_LIMIT: (-2018, "Invalid quantity"),
    Reason.LEVERAGE: (-2104, "Leverage too high"),
    Reason.NOT_FOUND: (-2011, "Order not found"),
    Reason.ALREADY_CLOSED: (-2012, "Order cancelled"),
    Reason.NO_CHANGE: (-2100, "Position mode already set"),
    Reason.POSITION_OPEN: (-2101, "Position mode change failed"),
}
"""A reason that is missing cannot come up. Codes for a post-only order that would take and for full books of orders are
not documented."""


class Refusal(Exception):
    """An error of the venue; without a code only the status and a text tell."""

    def __init__(self, code: int | None, message: str, status: int = 400) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = status

    @property
    def answer(self) -> Outgoing:
        said = {"success": False} if self.code is None else {"code": self.code}
        return json_answer({**said, "msg": self.message}, status=self.status)


def refusal_of(refusal: EngineRefusal) -> Refusal:
    """The venue's words for a refusal of the engine."""
    code, text = REASONS[refusal.reason]
    return Refusal(code, text)


def enveloped(data: Any, number: int, *, by_guide: bool, stamped: bool = False) -> Outgoing:
    """A success: in the envelope of the guides, or in that of the gateway's own specification."""
    if by_guide:
        return json_answer({"code": 0, "msg": "success", "data": data}, stamped=stamped)
    content = {
        "traceid": uuid_of(number, "trace"),
        "errorCode": 200,
        "errorMessage": "",
        "success": True,
        "duration": 12,
        "data": data,
        "host": "testing env",
        "showType": 0,
    }
    return json_answer(content, stamped=stamped)


def fields_of(incoming: Incoming) -> dict[str, Any]:
    """The query, and a JSON body over it. Raises Refusal."""
    found: dict[str, Any] = dict(incoming.query_fields())
    if incoming.body:
        if "application/json" not in incoming.header("content-type"):
            raise Refusal(-1005, "Invalid content type")
        body = incoming.json_body()
        if not isinstance(body, dict):
            raise Refusal(-1130, "Invalid data")
        found |= body
    return found


@frozen(kw_only=True)
class Call:
    """One request that has been let in."""

    engine: Engine
    fields: Mapping[str, Any]
    holder: Account | None

    @property
    def account(self) -> Account:
        if self.holder is None:
            raise LookupError("an endpoint without a key has no account")
        return self.holder

    @property
    def instrument(self) -> Instrument:
        return self.engine.instrument(Product.LINEAR, self.text("symbol"))

    @property
    def instrument_if_any(self) -> Instrument | None:
        return self.instrument if self.fields.get("symbol") else None

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self.fields.get(name)
        if found in (None, ""):
            raise Refusal(-1102, f"Mandatory parameter '{name}' missing")
        return str(found)

    def number(self, name: str) -> Decimal | None:
        """None where it was not sent."""
        if name not in self.fields:
            return None
        found = amount(str(self.fields[name]))
        if found is None:
            raise Refusal(-1100, f"Illegal characters in '{name}'")
        return found

    def whole(self, name: str, default: int) -> int:
        found = str(self.fields.get(name, default))
        if not found.isdecimal() or len(found) > 15:
            raise Refusal(-1130, f"Invalid data in '{name}'")
        return int(found)

    def word(self, name: str, meanings: Mapping[str, Any], code: int, default: Any = None) -> Any:
        """What a word of the venue means. Raises Refusal with the code where it means nothing."""
        if name not in self.fields and default is not None:
            return default
        found = meanings.get(str(self.fields.get(name)))
        if found is None:
            raise Refusal(code, f"Invalid {name}")
        return found


@frozen(kw_only=True)
class Endpoint:
    """One line of the venue's table."""

    method: str
    path: str
    answer: Callable[[Call], Any]
    kind: RequestClass = RequestClass.READ
    signed: bool = False
    changes: bool = False
    """It needs a key that may trade. Some that do are GETs."""
    by_guide: bool = False
    """It stands in the guides only and answers in their envelope."""
