"""Durable records of wanted orders, and of used limits, as bytes and back: what a later process must know.

Reads and writes no file (`journal.py` does). A record is a JSON text in a frame of length and CRC32C, so that a
frame that was torn by a crash is told from one that was damaged. No secret ever stands in a record.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, cast

import orjson
from attrs import Attribute, asdict, fields

from unified.account import MarginMode
from unified.errors import Outcome, Scope, VenueError
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.operations import PlaceOrder
from unified.order import OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.values import frozen
from unified.wire import to_decimal, to_moment

VERSION = 1
LARGEST = 1 << 20
"""Bytes of one record; a length beyond it is damage, not data."""
_FRAME = struct.Struct("<II")


class Step(StrEnum):
    """What a record says."""

    OPENED = "opened"
    """First of a file: whose orders it is about."""
    SENT = "sent"
    """A copy of an order is about to leave. The first one carries the whole order."""
    ENDED = "ended"
    """The outcome of an order is known."""
    SPENT = "spent"
    """How much of one of the venue's limits may be used."""
    SHUT = "shut"
    """The venue asked to be left alone until some time."""


@frozen(kw_only=True)
class OrderRecord:
    """One wanted order, as far as it has come."""

    order: PlaceOrder
    sends: int
    fence_ms: int | None
    """Venue time after which no copy can be accepted; None where nothing limits it."""
    first_sent_ms: int
    """Venue time of the first copy."""


@frozen(kw_only=True)
class SpentRecord:
    """How much of one limit may be used. The last one of a limit counts."""

    bucket: str
    key: str
    rule: str
    """Which of the windows of that limit, as its bucket calls it."""
    door: str
    used: float
    under_way: float
    """The part of it that was not answered yet."""
    until_ms: int
    """Wall-clock time after which what was counted by now is free again."""
    arrives_ms: int
    """Wall-clock time by which what was under way has arrived."""

    @property
    def about(self) -> tuple[str, ...]:
        """What it is about: a later record of the same takes its place."""
        return Step.SPENT, self.bucket, self.key, self.rule


@frozen(kw_only=True)
class ShutRecord:
    """A part of the venue that asked to be left alone. The last one of a part counts."""

    scope: Scope
    key: str
    banned: bool
    until_ms: int
    """Wall-clock time at which it may be asked again."""

    @property
    def about(self) -> tuple[str, ...]:
        """What it is about: a later record of the same takes its place."""
        return Step.SHUT, self.scope, self.key


LimitRecord = SpentRecord | ShutRecord


# --- frames


@cache
def _crc32c() -> Callable[[bytes], int]:
    """The checksum. Imported when the first journal is opened: it brings more modules along than it has itself."""
    import google_crc32c

    return cast("Callable[[bytes], int]", google_crc32c.value)


def framed(payload: bytes) -> bytes:
    """A record as it stands in the file."""
    return _FRAME.pack(len(payload), _crc32c()(payload)) + payload


def unframed(data: bytes) -> tuple[list[bytes], int]:
    """Payloads of all whole frames from the start, and where the first that is not whole begins."""
    found, at = [], 0
    while (payload := _frame_at(data, at)) is not None:
        found.append(payload)
        at += _FRAME.size + len(payload)
    return found, at


def is_torn(data: bytes, at: int) -> bool:
    """Whether what follows `at` is the end that a crash tore, rather than damage in the middle of good data."""
    return not any(_frame_at(data, later) for later in range(at + 1, len(data) - _FRAME.size))


def _frame_at(data: bytes, at: int) -> bytes | None:
    if at + _FRAME.size > len(data):
        return None
    length, checksum = _FRAME.unpack_from(data, at)
    end = at + _FRAME.size + length
    if not 0 < length <= LARGEST or end > len(data):
        return None
    payload = data[at + _FRAME.size : end]
    return payload if _crc32c()(payload) == checksum else None


# --- records


def opened(venue: str, account: str) -> bytes:
    """The first record of a file: whose orders it is about."""
    return orjson.dumps({"step": Step.OPENED, "version": VERSION, "venue": venue, "account": account})


def sent(record: OrderRecord, *, whole: bool = False) -> bytes:
    """A copy is about to leave. The first one carries the order's terms, as does a record that stands alone."""
    said: dict[str, Any] = {
        "step": Step.SENT,
        "id": record.order.client_order_id,
        "sends": record.sends,
        "fence_ms": record.fence_ms,
        "first_sent_ms": record.first_sent_ms,
    }
    if whole or record.sends == 1:
        said["order"] = _told(record.order)
    return orjson.dumps(said)


def ended(client_order_id: str, outcome: Outcome) -> bytes:
    """The outcome of an order is known."""
    return orjson.dumps({"step": Step.ENDED, "id": client_order_id, "outcome": outcome})


def limited(record: LimitRecord) -> bytes:
    """What must be known of a limit."""
    return orjson.dumps({"step": record.about[0], **asdict(record)})


@frozen(kw_only=True)
class History:
    """What a journal says, read from its start to its end."""

    venue: str
    account: str
    open: Mapping[str, OrderRecord]
    """Orders whose outcome is not known, by client order id."""
    ended: int
    """Orders whose outcome became known."""
    limits: Mapping[tuple[str, ...], LimitRecord]
    """The last word about each limit, by what it is about."""


def history(payloads: Iterable[bytes]) -> History:
    """What the records say together. Raises ValueError for a record that makes no sense, with its number."""
    venue, account, ended_count = "", "", 0
    still_open: dict[str, OrderRecord] = {}
    limits: dict[tuple[str, ...], LimitRecord] = {}
    for number, said in enumerate(_read(payloads), 1):
        try:
            if number == 1 and said["step"] != Step.OPENED:
                raise ValueError("the first one does not say whose orders these are")
            match said["step"]:
                case Step.OPENED:
                    venue, account = str(said["venue"]), str(said["account"])
                    if said["version"] != VERSION:
                        raise ValueError(f"version {said['version']}, this library reads {VERSION}")
                case Step.SENT:
                    still_open[said["id"]] = _sent_again(still_open.get(said["id"]), said)
                case Step.ENDED:
                    ended_count += still_open.pop(said["id"], None) is not None
                case Step.SPENT | Step.SHUT:
                    record = _limit(said)
                    limits[record.about] = record
                case other:
                    raise ValueError(f"unknown step {other!r}")
        except (KeyError, TypeError, ValueError, AttributeError, VenueError) as cause:
            raise ValueError(f"record {number}: {str(cause) or type(cause).__name__}") from cause
    return History(venue=venue, account=account, open=still_open, ended=ended_count, limits=limits)


def _read(payloads: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for number, payload in enumerate(payloads, 1):
        try:
            said = orjson.loads(payload)
        except orjson.JSONDecodeError as cause:
            raise ValueError(f"record {number}: not JSON") from cause
        if not isinstance(said, dict):
            raise ValueError(f"record {number}: not an object")
        yield said


def _sent_again(before: OrderRecord | None, said: Mapping[str, Any]) -> OrderRecord:
    order = _order(said["order"]) if before is None or "order" in said else before.order
    for name in ("sends", "fence_ms", "first_sent_ms"):
        if type(said[name]) is not int and not (name == "fence_ms" and said[name] is None):
            raise ValueError(f"{name}: {said[name]!r} is no whole number")
    if order.client_order_id != said["id"]:
        raise ValueError(f"the order of another id, {order.client_order_id!r}")
    return OrderRecord(order=order, sends=said["sends"], fence_ms=said["fence_ms"], first_sent_ms=said["first_sent_ms"])


def _limit(said: Mapping[str, Any]) -> LimitRecord:
    if said["step"] == Step.SHUT:
        return ShutRecord(
            scope=Scope(said["scope"]),
            key=str(said["key"]),
            banned=bool(said["banned"]),
            until_ms=_whole(said, "until_ms"),
        )
    return SpentRecord(
        bucket=str(said["bucket"]),
        key=str(said["key"]),
        rule=str(said["rule"]),
        door=str(said["door"]),
        used=float(said["used"]),
        under_way=float(said["under_way"]),
        until_ms=_whole(said, "until_ms"),
        arrives_ms=_whole(said, "arrives_ms"),
    )


def _whole(said: Mapping[str, Any], name: str) -> int:
    number = said[name]
    if type(number) is not int:
        raise ValueError(f"{name}: {number!r} is no whole number")
    return number


# --- orders as JSON


_WORDS: Mapping[str, type[StrEnum]] = {
    word.__name__: word
    for word in (
        Side,
        OrderType,
        TimeInForce,
        Trigger,
        PositionSide,
        MarginMode,
        Product,
        InstrumentStatus,
    )
}


_TERMS = tuple(
    (known.name, known.default) for known in fields(PlaceOrder) if known.name not in ("instrument", "product")
)
_RULES = tuple((known.name, known.default) for known in fields(Instrument) if known.name != "name")


def _told(order: PlaceOrder) -> dict[str, Any]:
    return {"instrument": _instrument_told(order.instrument), **_changed(order, _TERMS)}


_instruments_told: dict[int, tuple[Instrument, orjson.Fragment]] = {}
_TOLD_MAX = 1000


def _instrument_told(instrument: Instrument) -> orjson.Fragment:
    """An instrument as JSON. Made once for each: its rules stand in every record and hardly ever change."""
    known = _instruments_told.get(id(instrument))
    if known is None:
        if len(_instruments_told) >= _TOLD_MAX:
            _instruments_told.clear()
        # Kept with the instrument itself, so that no other one can come to have its id.
        known = instrument, orjson.Fragment(orjson.dumps(_changed(instrument, _RULES)))
        _instruments_told[id(instrument)] = known
    return known[1]


def _changed(item: Any, known: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    said = {}
    for name, default in known:
        value = getattr(item, name)
        if value is not default:
            said[name] = f"{value:f}" if type(value) is Decimal else value
    return said


def _order(said: Mapping[str, Any]) -> PlaceOrder:
    instrument = Instrument(**_typed(Instrument, said["instrument"]))
    return PlaceOrder(instrument=instrument, **_typed(PlaceOrder, {**said, "instrument": None}))


def _typed(kind: type[Any], said: Mapping[str, Any]) -> dict[str, Any]:
    known = {attribute.name: attribute for attribute in fields(kind)}
    return {name: _value(known[name], value) for name, value in said.items() if value is not None}


def _value(attribute: Attribute[Any], value: Any) -> Any:
    """The value that a field's annotation asks for."""
    wanted = str(attribute.type).removesuffix(" | None")
    if wanted == "tuple[str, ...]":
        return tuple(map(str, value))
    if wanted == "bool" and isinstance(value, bool):
        return value
    if wanted == "bool" or not isinstance(value, str):
        raise ValueError(f"{attribute.name}: {value!r} is no {wanted}")
    if wanted == "Decimal":
        return to_decimal(value, attribute.name)
    if wanted == "datetime":
        return to_moment(value, attribute.name)
    return _WORDS[wanted](value) if wanted in _WORDS else value
