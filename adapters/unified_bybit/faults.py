"""Where code and message stand in an answer of Bybit, and what counts as one. Decides no kind: errors.csv does.

The order is: shape, then the code of a batch's item, then `retCode`, then the HTTP status. Nearly all refusals
come with HTTP 200; what comes without a code is a page of the network in front of Bybit.

Source: Bybit V5 docs, error.mdx (2026-07-20), rate-limit.mdx (2026-05-22), order/batch-place.mdx.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from unified.catalogue import Catalogue
from unified.errors import Family, Fault, Kind, VenueError
from unified.http import HttpResponse
from unified.values import frozen
from unified.wire import Json, children, is_digits, json_of, malformed, obj, text

REST = ("rest",)
"""The catalogue's word for every door of this adapter; order calls put their product behind it."""
ORDER_STREAM = ("order_stream",)
"""The catalogue's word for what the engine says of an order later: `rejectReason` and `cancelType`."""

THROTTLED_SECONDS = 1.0
"""Endpoint limits are counted over one second, and the reset header may be missing (rate-limit.mdx, 2026-05-22)."""
BANNED_SECONDS = 600.0
"""HTTP 403 "access too frequent" is lifted by itself after ten minutes (rate-limit.mdx, 2026-05-22)."""
_LONGEST_RESET_MS = 60_000

Item = dict[str, Any] | Fault
"""One row of a batch's answer, or why that item was refused."""


@frozen(kw_only=True)
class Answer:
    """A success: its `result`, and the venue's time in it."""

    result: Mapping[str, Any]
    time_ms: int | None


_FAMILIES = (("110", 6, Family.ORDER), ("170", 6, Family.ORDER), ("10", 5, Family.REQUEST), ("20", 5, Family.STREAM))


def _family(code: str) -> Family | None:
    """The families that Bybit numbers: 110xxx derivatives, 170xxx spot, 10xxx requests, 20xxx sockets (error.mdx)."""
    return next((family for start, length, family in _FAMILIES if code.startswith(start) and len(code) == length), None)


CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"), family=_family)


def answer_of(response: HttpResponse, surfaces: Sequence[str]) -> Answer:
    """What a success says; raises VenueError for everything else."""
    body = _success(response, surfaces)
    time = body.get("time")
    return Answer(result=obj(body.get("result"), "result"), time_ms=time if type(time) is int else None)


def items_of(response: HttpResponse, surfaces: Sequence[str]) -> list[Item]:
    """One entry per item of a batch: rows in `result.list`, verdicts in `retExtInfo.list`, in the same order.

    Raises VenueError where the whole call was refused. The outer code says nothing about the items.
    """
    body = _success(response, surfaces)
    verdicts = children(obj(body.get("retExtInfo"), "retExtInfo"), "list")
    rows = children(obj(body.get("result"), "result"), "list")
    if len(rows) != len(verdicts):
        raise malformed(f"retExtInfo.list: {len(verdicts)} verdicts on {len(rows)} items", response)
    return [
        _judged(obj(verdict, "retExtInfo.list[]"), body, response, surfaces) or obj(row, "result.list[]")
        for row, verdict in zip(rows, verdicts, strict=True)
    ]


def faults_in(response: HttpResponse, surfaces: Sequence[str]) -> tuple[Fault, ...]:
    """Every fault that an answer holds, batch items included; empty for a success."""
    try:
        body = _success(response, surfaces)
        extra = body.get("retExtInfo")
        if type(extra) is not dict or type(extra.get("list")) is not list:
            return ()
        judged = (_judged(obj(verdict, "retExtInfo.list[]"), body, response, surfaces) for verdict in extra["list"])
        return tuple(fault for fault in judged if fault is not None)
    except VenueError as refused:
        return (refused.fault,)


def fault_of_code(code: str, message: str, http_status: int | None, surfaces: Sequence[str]) -> Fault:
    """What a code means, with the wait that Bybit documents for its kind."""
    fault = CATALOGUE.fault(code, message=message, http_status=http_status, surfaces=surfaces)
    return evolve(fault, retry_after=_usual_wait(fault))


def _usual_wait(fault: Fault) -> float | None:
    if fault.kind is Kind.BANNED:
        return BANNED_SECONDS
    return THROTTLED_SECONDS if fault.kind in (Kind.RATE_LIMITED, Kind.ORDER_RATE_LIMITED) else None


# --- the envelope


def _success(response: HttpResponse, surfaces: Sequence[str]) -> Mapping[str, Any]:
    """The envelope of a call that was taken. Raises VenueError for a refusal and for what is no envelope."""
    try:
        body = obj(json_of(response))
        code = text(body, "retCode" if "retCode" in body else "ret_code")
    except VenueError as unreadable:
        raise VenueError.of(_without_code(response, unreadable.fault, surfaces)) from None
    if code != "0":
        raise VenueError.of(_timed(fault_of_code(code, _message(body), response.status, surfaces), body, response))
    if response.status >= 300:
        problem = malformed(f"retCode 0 with HTTP {response.status}", response).fault
        raise VenueError.of(_without_code(response, problem, surfaces))
    return body


def _without_code(response: HttpResponse, unreadable: Fault, surfaces: Sequence[str]) -> Fault:
    """A page of the network in front, plain text, an empty or a cut body: here status and text speak."""
    start = response.body[:1000].decode("utf-8", "replace")
    doors = (*surfaces, *REST)
    if CATALOGUE.find("", message=start, http_status=response.status, surfaces=doors) is None:
        return unreadable
    return _timed(fault_of_code("", start[:300], response.status, doors), {}, response)


def _judged(
    verdict: Mapping[str, Any], body: Mapping[str, Any], response: HttpResponse, surfaces: Sequence[str]
) -> Fault | None:
    """Why one item was refused; None for one that was taken."""
    code = text(verdict, "code")
    if code == "0":
        return None
    return _timed(fault_of_code(code, _words(verdict.get("msg")), response.status, surfaces), body, response)


def _timed(fault: Fault, body: Mapping[str, Any], response: HttpResponse) -> Fault:
    """What this answer adds: its request id, and when the limit is free again."""
    wait = fault.retry_after
    if fault.kind in (Kind.RATE_LIMITED, Kind.ORDER_RATE_LIMITED):
        wait = _until_reset(body.get("time"), response) or wait
    # Retry-After is not documented, but believed where it comes.
    told = response.retry_after
    return evolve(fault, retry_after=wait if told is None else told, request_id=response.header("traceid"))


def _until_reset(now_ms: Json, response: HttpResponse) -> float | None:
    """Seconds from the answer's own time to the header's. The header is about now where nothing was exceeded."""
    told = response.header("x-bapi-limit-reset-timestamp") or ""
    if type(now_ms) is not int or not is_digits(told, 15):
        return None
    left_ms = int(told) - now_ms
    return left_ms / 1000 if 0 < left_ms <= _LONGEST_RESET_MS else None


_ORIGIN = re.compile(r"origin_string\[.*?(\]|$)", re.DOTALL)


def _message(body: Mapping[str, Any]) -> str:
    """The venue's words with the reasons that a refused margin mode carries."""
    said = _words(body.get("retMsg", body.get("ret_msg")))
    result = body.get("result")
    reasons: Json = result.get("reasons") if type(result) is dict else None
    rows = reasons if type(reasons) is list else []
    found = [_words(row.get("reasonMsg")) for row in rows if type(row) is dict]
    return ": ".join([said, "; ".join(found)]) if any(found) else said


def _words(value: Json) -> str:
    """A bad signature is answered with the signed text, which begins with the key: that part is left out."""
    return _ORIGIN.sub("origin_string[...]", str(value)) if type(value) in (str, int) else ""
