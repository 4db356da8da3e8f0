"""Where errors stand in an answer of Kraken, and what counts as one. Decides no kind: errors.csv does.

The order is: shape, then the strings of `error`, then the HTTP status. Nearly every error comes with HTTP 200. A
string reads `<E|W><Category>:<text>[:<detail>]`, with blanks around colons now and then; W is a warning.

Source: docs.kraken.com, guide spot-errors (2026-05-27) and general/errors (2026-10-03); support article 360001491786.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from attrs import evolve

from unified.catalogue import Catalogue
from unified.errors import Family, Fault, Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified.values import frozen
from unified.wire import Json, children, exact_json, item, malformed, obj, rows

SPOT = ("spot",)
CANCEL = ("spot_cancel", "spot")
"""Surfaces of the catalogue: calls about an order that should exist have rows of their own."""

CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"))

LOCKOUT_SECONDS = 900.0
"""`EGeneral:Temporary lockout`: about 15 minutes, told nowhere in the answer (support article 360001148023)."""
COUNTER_SECONDS = 3.0
"""What the slowest tier takes to forget one call (0.33 a second); the answer tells nothing."""
NETWORK_BAN_SECONDS = 600.0
"""Error 1015 of the content network: ten minutes (docs.kraken.com, guide spot-ws-intro, 2026-05-27)."""

_SILENT = {"EGeneral:Temporary lockout": LOCKOUT_SECONDS, "EAPI:Rate limit exceeded": COUNTER_SECONDS}
_THROTTLED = "EService:Throttled"

Load = Callable[[HttpResponse], Json]

# --- answers


def answer_of(response: HttpResponse, surfaces: Sequence[str], load: Load = exact_json) -> Json:
    """`result` of a success; raises VenueError for everything else. Warnings beside a result are none."""
    body = _body(response, surfaces, load)
    said = _errors(body)
    if said:
        raise VenueError.of(worst(fault_of(text, surfaces, response) for text in said))
    return item(body, "result")


def faults_in(response: HttpResponse, surfaces: Sequence[str]) -> tuple[Fault, ...]:
    """Every fault that an answer holds, those of batch items included; empty for a success."""
    try:
        body = _body(response, surfaces, exact_json)
        said = [*_errors(body), *_items(body)]
    except VenueError as refused:
        return (refused.fault,)
    return tuple(fault_of(text, surfaces, response) for text in said)


def worst(faults: Iterable[Fault]) -> Fault:
    """The one of several that says most of what became of the call: a doubt weighs more than any refusal."""
    return min(faults, key=_rank)


def _rank(fault: Fault) -> int:
    if fault.outcome is Outcome.UNKNOWN:
        return 0
    return {Family.THROTTLE: 1, Family.AUTH: 2}.get(fault.family, 3)


def _body(response: HttpResponse, surfaces: Sequence[str], load: Load) -> Mapping[str, Any]:
    """The envelope. Raises VenueError for an answer that is none: there text and HTTP status speak."""
    try:
        body = obj(load(response))
        said = children(body, "error")
    except VenueError as unreadable:
        raise VenueError.of(_without_code(response, unreadable.fault, surfaces)) from None
    if not said and response.status >= 300:
        problem = malformed(f"no error in an answer with HTTP {response.status}", response).fault
        raise VenueError.of(_without_code(response, problem, surfaces))
    return body


def _errors(body: Mapping[str, Any]) -> list[str]:
    said = rows(body["error"], "error")
    if not all(type(text) is str for text in said):
        raise malformed("error: expected texts")
    refusals = [text for text in said if not text.startswith("W")]
    return refusals if refusals or "result" in body else said


def _items(body: Mapping[str, Any]) -> list[str]:
    """The refusals of a batch's items."""
    result = body.get("result")
    orders = result.get("orders") if type(result) is dict else None
    found = orders if type(orders) is list else []
    return [one["error"] for one in found if type(one) is dict and type(one.get("error")) is str]


def _without_code(response: HttpResponse, unreadable: Fault, surfaces: Sequence[str]) -> Fault:
    start = response.body[:300].decode("utf-8", "replace")
    if CATALOGUE.find("", message=start, http_status=response.status, surfaces=surfaces) is None:
        return unreadable
    fault = CATALOGUE.fault("", message=start, http_status=response.status, surfaces=surfaces)
    told = response.retry_after
    if told is None and fault.kind is Kind.BANNED and response.status == 429:
        told = NETWORK_BAN_SECONDS
    return evolve(fault, retry_after=told)


# --- one string


@frozen
class _Said:
    """A string of the venue, taken apart."""

    code: str
    """Its longest start that the catalogue knows as a reason; the whole string where it knows none."""
    detail: str
    broader: tuple[str, ...]


def fault_of(text: str, surfaces: Sequence[str], response: HttpResponse | None = None) -> Fault:
    """What one string says, for example `EAccount:Invalid permissions:XMR trading restricted for PL.`"""
    said = _taken_apart(text)
    status = None if response is None else response.status
    fault = CATALOGUE.fault(said.code, message=said.detail, http_status=status, surfaces=surfaces, broader=said.broader)
    return evolve(fault, retry_after=_retry_after(said, response))


_LONGEST = 500
_ENDS = re.compile(r"[:( ]")
_AROUND_COLONS = re.compile(r" *: *")
_GRAMMAR = re.compile(r"[EW][A-Za-z]+:")


def _taken_apart(text: str) -> _Said:
    said = _AROUND_COLONS.sub(":", text[:_LONGEST].strip())
    if not _GRAMMAR.match(said):
        return _Said("", said, ())
    whole = said.rstrip(".")
    starts = [whole[: end.start()] for end in _ENDS.finditer(whole)][::-1]
    code = next((start for start in (whole, *starts) if ":" in start and CATALOGUE.holds(start)), whole)
    detail = said[len(code) :].lstrip(": ") if code != whole else ""
    return _Said(code, detail, tuple(start for start in starts if len(start) < len(code)))


def _retry_after(said: _Said, response: HttpResponse | None) -> float | None:
    told = None if response is None else response.retry_after
    if told is not None:
        return told
    if said.code == _THROTTLED and said.detail.isascii() and said.detail.isdecimal() and response is not None:
        now = _date(response)
        return None if now is None else max(0.0, float(int(said.detail[:12]) - now))
    return _SILENT.get(said.code)


def _date(response: HttpResponse) -> int | None:
    """The answer's own date in seconds: what the text says of time is venue time."""
    try:
        return int(parsedate_to_datetime(response.header("date") or "").timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
