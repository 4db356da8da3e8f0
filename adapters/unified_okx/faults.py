"""Where code and message stand in an answer of OKX, and what counts as one. Decides no kind: errors.csv does.

The order is: shape, then the item's `sCode` with its `subCode`, then the answer's `code`, then the HTTP status.
OKX answers refused orders with HTTP 200, and some undecided requests (50004) with 400: the status tells last.

Source: OKX API v5 docs, #error-code-rest-api (2026-07-13) and #order-book-trading-trade (2026-06-30).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from unified.catalogue import Catalogue
from unified.errors import Family, Fault, Kind, Scope, VenueError
from unified.http import HttpResponse
from unified.wire import Json, json_of, malformed, obj, rows, text

REST = ("rest",)
TRADE = ("trade", "rest")
"""Surfaces of the catalogue: calls that write orders, and all others."""

WINDOW_SECONDS = 2.0
"""OKX sends no Retry-After; nearly every limit is counted over two seconds (#overview, 2026-07-06)."""
GATEWAY_SECONDS = 60.0
"""A 429 without a code comes from the network in front of OKX, which wants minutes rather than seconds."""

Item = dict[str, Any] | Fault
"""One row of a batch's answer, or why that item was refused."""

_FAMILIES = (
    ("501", Family.AUTH),
    ("50", Family.REQUEST),
    ("51", Family.ORDER),
    ("54", Family.ORDER),
    ("58", Family.REQUEST),
    ("59", Family.POSITION),
    ("6", Family.STREAM),
)


def _family(code: str) -> Family | None:
    """The families that OKX numbers by thousands (#error-code, 2026-07-13)."""
    return next((family for start, family in _FAMILIES if code.startswith(start) and len(code) >= 5), None)


CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"), family=_family)


def rows_of(response: HttpResponse, surfaces: Sequence[str]) -> list[Json]:
    """The rows of a success; raises VenueError for everything else, the first refused item included."""
    found = _items(response, surfaces)
    for item in found:
        if isinstance(item, Fault):
            raise VenueError.of(item)
    return found


def items_of(response: HttpResponse, surfaces: Sequence[str]) -> list[Item]:
    """One entry per item of a batch. Raises VenueError where the whole call was refused."""
    return [item if isinstance(item, Fault) else obj(item, "data[]") for item in _items(response, surfaces)]


def faults_in(response: HttpResponse, surfaces: Sequence[str]) -> tuple[Fault, ...]:
    """Every fault that an answer holds; empty for a success."""
    try:
        return tuple(item for item in _items(response, surfaces) if isinstance(item, Fault))
    except VenueError as refused:
        return (refused.fault,)


def fault_of_code(code: str, message: str, http_status: int | None, surfaces: Sequence[str]) -> Fault:
    """What a code means. The docs write a sub-code after its code: 51008_1000."""
    broader = (code.partition("_")[0],) if "_" in code else ()
    fault = CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=surfaces, broader=broader)
    throttled = fault.kind in (Kind.RATE_LIMITED, Kind.ORDER_RATE_LIMITED)
    return evolve(fault, retry_after=WINDOW_SECONDS) if throttled and code else fault


def no_such_order(response_rows: Sequence[Json]) -> VenueError:
    """A query for one order that answered with an empty list instead of code 51603."""
    text_ = f"the answer holds {len(response_rows)} orders"
    return VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, http_status=200, message=text_))


def _items(response: HttpResponse, surfaces: Sequence[str]) -> list[Any]:
    body = _body(response, surfaces)
    code, data = text(body, "code"), body.get("data")
    if type(data) is list and any(type(row) is dict and "sCode" in row for row in data):
        # The docs' rule: where an item has its own code, that one decides and not the answer's.
        return [_judged(row, response, surfaces) for row in data]
    if code != "0":
        raise VenueError.of(_with_header(fault_of_code(code, _words(body, "msg"), response.status, surfaces), response))
    return rows(data, "data")


def _body(response: HttpResponse, surfaces: Sequence[str]) -> Mapping[str, Any]:
    """The envelope. Raises VenueError for an answer without a readable code: there the HTTP status speaks."""
    try:
        body = obj(json_of(response))
        code = text(body, "code")
    except VenueError as unreadable:
        raise VenueError.of(_without_code(response, unreadable.fault, surfaces)) from None
    if code == "0" and response.status >= 300:
        problem = malformed(f"code 0 with HTTP {response.status}", response).fault
        raise VenueError.of(_without_code(response, problem, surfaces))
    return body


def _without_code(response: HttpResponse, unreadable: Fault, surfaces: Sequence[str]) -> Fault:
    start = response.body[:300].decode("utf-8", "replace")
    if CATALOGUE.find("", message=start, http_status=response.status, surfaces=surfaces) is None:
        return unreadable
    fault = CATALOGUE.fault("", message=start, http_status=response.status, surfaces=surfaces)
    throttled = fault.kind is Kind.RATE_LIMITED
    return _with_header(evolve(fault, retry_after=GATEWAY_SECONDS) if throttled else fault, response)


def _judged(row: Json, response: HttpResponse, surfaces: Sequence[str]) -> Item:
    item = obj(row, "data[]")
    code = text(item, "sCode") if "sCode" in item else "0"
    if code == "0":
        return item
    detail = _words(item, "subCode")
    fault = fault_of_code(f"{code}_{detail}" if detail else code, _words(item, "sMsg"), response.status, surfaces)
    return _with_header(fault, response)


def _with_header(fault: Fault, response: HttpResponse) -> Fault:
    """A Retry-After is not documented, but believed where one comes."""
    told = response.retry_after
    return fault if told is None else evolve(fault, retry_after=told)


def _words(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return str(value) if type(value) in (str, int) else ""
