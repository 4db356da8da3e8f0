"""Bytes to values. Whatever does not fit is a `malformed_response` that names the place.

Knows JSON and numbers, no venue. A float never becomes a Decimal: where a venue writes money as JSON
numbers its adapter reads the body with `exact_json`, which keeps every digit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import orjson

from unified import exact
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpResponse

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)

Json = Any
"""What a JSON text can hold."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USUAL_UNTIL_MS = 4_000_000_000_000
"""Milliseconds from 1970 to 2096: moments between need no second look. Half a microsecond is more than a float of their
seconds is off."""
_USUAL_UNTIL_US = USUAL_UNTIL_MS * 1000


def malformed(problem: str, response: HttpResponse | None = None) -> VenueError:
    """The answer cannot be read: `problem` says what is wrong and where. The body itself is not repeated."""
    status = None if response is None else response.status
    return VenueError.of(
        Fault(
            kind=Kind.MALFORMED_RESPONSE,
            http_status=status,
            message=problem,
            hint="The answer is not what the venue documents. Check the state before repeating a write.",
        )
    )


LONG_BODY = 256 * 1024
"""Bytes of an answer that takes milliseconds to read: it is read in a thread, and others get their turn meanwhile."""


def json_of(response: HttpResponse) -> Json:
    """The body as JSON; text and integers of up to 64 bits exact, other numbers as float.

    A float is never taken for money by the functions below: where a venue writes money as numbers, use `exact_json`.
    """
    if len(response.body) >= LONG_BODY:
        return _read(response, parse_float=float)
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        raise malformed(_not_json(response), response) from None


def exact_json(response: HttpResponse) -> Json:
    """The body as JSON with every number that is not an integer as a Decimal of its text. Slower."""
    return _read(response, parse_float=_exact_number)


def _read(response: HttpResponse, parse_float: Callable[[str], Any]) -> Json:
    """The body, object by object: unlike orjson it lets other threads have their turn between two of them."""
    try:
        text_ = response.body.decode()
        found = json.loads(text_, object_hook=_taking_turns, parse_float=parse_float, parse_constant=_no_constant)
        if "\\u" in text_ and any(escape[1] for escape in _ESCAPES.finditer(text_)):
            raise ValueError("half a character cannot be logged, kept or sent")
    except (ValueError, RecursionError, InvalidOperation):
        raise malformed(_not_json(response), response) from None
    return found


_NOTHING = Decimal(0)
_NOTHINGS = (None, "0.00000000", "", "0")
"""The usual ways to write none, seen without reading a number."""
_TOO_LARGE = 10**exact.LARGEST
_ESCAPES = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\(u[dD][89a-fA-F])?.", re.DOTALL)
"""Both halves of a character, or half of one, which is kept, or any other escape."""


def _taking_turns(found: dict[str, Any]) -> dict[str, Any]:
    return found  # Python runs here: that is all that a waiting thread needs


def _exact_number(text_: str) -> Decimal:
    return Decimal(text_) if len(text_) <= exact.LONGEST else _no_constant(text_)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _not_json(response: HttpResponse) -> str:
    start = response.body[:64].lstrip().lower()
    if not start:
        return f"empty body, HTTP {response.status}"
    what = "an HTML page" if start.startswith((b"<!doctype", b"<html", b"<head")) else "no valid JSON"
    return f"the body is {what} ({len(response.body)} bytes), HTTP {response.status}"


# --- parts of a document


def obj(value: Json, where: str = "answer") -> dict[str, Any]:
    """`value` as an object."""
    if type(value) is not dict:
        raise malformed(f"{where}: expected an object, found {_kind_of(value)}")
    return value


def rows(value: Json, where: str = "answer") -> list[Any]:
    """`value` as a list."""
    if type(value) is not list:
        raise malformed(f"{where}: expected a list, found {_kind_of(value)}")
    return value


def used_up(found: list[Any], where: str) -> Iterator[dict[str, Any]]:
    """Objects of a list, each let go once it was read: freeing megabytes at once would keep other threads waiting."""
    found.reverse()
    while found:
        yield obj(found.pop(), where)


def item(container: Mapping[str, Any], key: str) -> Json:
    """A member that must be there."""
    try:
        return container[key]
    except (KeyError, TypeError):
        raise malformed(f"{key}: missing in {_kind_of(container)}") from None


def optional(container: Mapping[str, Any], key: str) -> Json:
    """A member that may be missing: None then."""
    try:
        return container.get(key)
    except AttributeError:
        raise malformed(f"{key}: expected an object around it, found {_kind_of(container)}") from None


def child(container: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A member that must be an object."""
    return obj(item(container, key), key)


def children(container: Mapping[str, Any], key: str) -> list[Any]:
    """A member that must be a list."""
    return rows(item(container, key), key)


def text(container: Mapping[str, Any], key: str) -> str:
    """A member that must be text; integers count as their digits (ids come both ways)."""
    value = container[key] if type(container) is dict and key in container else item(container, key)
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    raise malformed(f"{key}: expected text, found {_kind_of(value)}")


def text_or_none(container: Mapping[str, Any], key: str) -> str | None:
    """Text, or None where the member is missing, null or empty."""
    value = container.get(key) if type(container) is dict else optional(container, key)
    if type(value) is str:
        return value or None
    return None if value is None else text(container, key)


def integer(container: Mapping[str, Any], key: str) -> int:
    """A whole number, also when it is written as text."""
    return to_integer(item(container, key), key)


def flag(container: Mapping[str, Any], key: str, default: bool | None = None) -> bool:
    """A truth value, also when it is written as text; `default` where it is missing or null."""
    value = optional(container, key)
    return default if value is None and default is not None else to_flag(value, key)


def decimal(container: Mapping[str, Any], key: str) -> Decimal:
    """A number, digit for digit."""
    try:
        return exact.number(container[key])
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return to_decimal(item(container, key), key)  # says what is wrong


def decimal_or_none(container: Mapping[str, Any], key: str) -> Decimal | None:
    """A number, or None where the member is missing, null or empty."""
    value = container.get(key) if type(container) is dict else optional(container, key)
    if value is None or value == "":
        return None
    try:
        return exact.number(value)
    except (ValueError, ArithmeticError):
        return to_decimal(value, key)  # says what is wrong


def positive_or_none(container: Mapping[str, Any], key: str) -> Decimal | None:
    """A number above zero, or None where it is missing, empty or zero (venues write 0 for 'none')."""
    value = container.get(key) if type(container) is dict else optional(container, key)
    if value in _NOTHINGS:
        return None
    try:
        made = exact.number(value)
    except ValueError:
        made = to_decimal(value, key)  # says what is wrong
    return made if made > _NOTHING else None


def at_ms(container: Mapping[str, Any], key: str) -> datetime:
    """A moment given in milliseconds since the epoch."""
    return moment(to_integer(item(container, key), key) * 1000, key)


def ms_as_us(container: Mapping[str, Any], key: str) -> int:
    """A moment given in milliseconds since the epoch, in microseconds; as strict as `at_ms`, and makes no datetime."""
    return to_us(item(container, key), key)


def at_ms_or_none(container: Mapping[str, Any], key: str) -> datetime | None:
    """A moment in milliseconds, or None where it is missing, empty or zero."""
    value = container.get(key) if type(container) is dict else optional(container, key)
    if value is None or value in ("", 0, "0"):
        return None
    return moment(to_integer(value, key) * 1000, key)


# --- single values


def to_decimal(value: Json, where: str) -> Decimal:
    """`value` as an exact, finite Decimal."""
    try:
        return exact.number(value)
    except ValueError as problem:
        is_text = type(value) in (str, int, Decimal)
        found = f"{_short(value)} is {problem}" if is_text else f"expected a number as text, found {_kind_of(value)}"
        raise malformed(f"{where}: {found}") from None


def to_integer(value: Json, where: str) -> int:
    """`value` as a whole number."""
    if type(value) is int and -_TOO_LARGE < value < _TOO_LARGE:
        return value
    if type(value) is str and len(value) <= exact.LARGEST and value.isascii() and value.removeprefix("-").isdecimal():
        return int(value)
    raise malformed(f"{where}: expected a whole number, found {_short(value)}")


def to_us(value: Json, where: str) -> int:
    """Milliseconds since the epoch as microseconds."""
    found = to_integer(value, where)
    if not 0 <= found < USUAL_UNTIL_MS:
        moment(found * 1000, where)  # says what is wrong
    return found * 1000


def to_flag(value: Json, where: str) -> bool:
    """`value` as a truth value."""
    if type(value) is bool:
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise malformed(f"{where}: expected true or false, found {_kind_of(value)}")


def moment(microseconds: int, where: str) -> datetime:
    """A moment since the epoch, in UTC."""
    try:
        # A float holds every microsecond of the years that venues tell of; its rounding is undone by the conversion.
        if 0 <= microseconds < _USUAL_UNTIL_US:
            return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise malformed(f"{where}: {microseconds} us is no moment") from None


def sent_ms(value: Json) -> datetime | None:
    """When a frame was sent, told in milliseconds since the epoch; None where it does not tell."""
    return None if value is None else moment(to_integer(value, "time") * 1000, "time")


def sent_text(value: Json) -> datetime | None:
    """When a frame was sent, told in RFC 3339; None where it does not tell."""
    return None if value is None else to_moment(value, "time")


def microseconds(when: datetime) -> int:
    """Microseconds since the epoch. `when` must be aware."""
    return (when - _EPOCH) // timedelta(microseconds=1)


def milliseconds(when: datetime) -> int:
    """Milliseconds since the epoch, cut off. `when` must be aware."""
    return microseconds(when) // 1000


def ceil_milliseconds(when: datetime) -> int:
    """The first whole millisecond since the epoch that is not before `when`, which must be aware."""
    return -(-microseconds(when) // 1000)


def is_digits(text_: str, most: int) -> bool:
    """Whether it is a number of up to `most` plain digits."""
    return text_.isascii() and text_.isdecimal() and len(text_) <= most


def to_moment(value: Json, where: str) -> datetime:
    """A moment in RFC 3339 text; digits beyond the microsecond are cut off."""
    try:
        return _rfc3339(value)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise malformed(f"{where}: {_short(value)} is no RFC 3339 time") from None


def _rfc3339(value: str) -> datetime:
    head, point, rest = value.partition(".")
    if point:
        digits = rest.rstrip("Zz+-:0123456789")
        if digits:
            raise ValueError(value)
        end = next((i for i, c in enumerate(rest) if not c.isdigit()), len(rest))
        value = f"{head}.{rest[:end][:6].ljust(6, '0')}{rest[end:]}"
    when = datetime.fromisoformat(value.upper())
    if when.tzinfo is None:
        raise ValueError(value)
    return when.astimezone(UTC)


def choice(table: Mapping[str, T], value: str, where: str) -> T:
    """The entry of a translation table; a word that is not in it is malformed."""
    try:
        return table[value]
    except (KeyError, TypeError):
        raise malformed(f"{where}: unknown word {_short(value)}") from None


def entry_of(table: Mapping[str, T], container: Mapping[str, Any], key: str) -> T:
    """The entry of a translation table for a member that must be there."""
    try:
        return table[container[key]]
    except (KeyError, TypeError):
        return choice(table, text(container, key), key)  # says what is wrong


def member(words: type[W], value: str, where: str) -> W:
    """The member of a word list of ours, for venues that speak our words; another word is malformed."""
    try:
        return words(value)
    except ValueError:
        raise malformed(f"{where}: unknown word {_short(value)}") from None


_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")


def query(parameters: Mapping[str, str]) -> str:
    """Parameters as a query: UTF-8, percent-encoded, a blank as %20."""
    if _UNRESERVED.fullmatch("".join(parameters) + "".join(parameters.values())):
        return "&".join([f"{name}={value}" for name, value in parameters.items()])
    return urlencode(parameters, quote_via=quote, safe="")


def plain(number: Decimal) -> str:
    """A number as venues want it: plain digits, no exponent."""
    return f"{number:f}"


def _short(value: Json) -> str:
    if type(value) is not str and (type(value) is not int or abs(value) >= 10**exact.LARGEST):
        return _kind_of(value)
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."


def _kind_of(value: Json) -> str:
    return "nothing" if value is None else type(value).__name__
