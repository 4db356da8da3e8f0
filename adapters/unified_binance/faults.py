"""Where code and message stand in an answer of Binance, and what counts as one. Decides no kind: errors.csv does.

Source: Binance spot REST "HTTP return codes" and errors.md (2026-07-21), USD-M error codes (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unified.catalogue import Catalogue
from unified.errors import Family, Fault, VenueError
from unified.http import HttpResponse
from unified.wire import Json, json_of, malformed


def _family(code: str) -> Family | None:
    """The families that Binance numbers by thousands (errors.md)."""
    return {"-1": Family.REQUEST, "-2": Family.ORDER, "-4": Family.ORDER, "-5": Family.ORDER}.get(code[:2])


CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"), family=_family)


def answer_of(response: HttpResponse, surface: str) -> Json:
    """The body of a success; raises VenueError for everything else."""
    if response.status == 200:
        body = json_of(response)
        if not is_refusal(body):
            return body
    raise VenueError.of(fault_of(response, surface))


def is_refusal(body: Json) -> bool:
    """Only negative codes are errors: USD-M answers `{"code":200,"msg":"success"}` when all went well."""
    return type(body) is dict and type(body.get("code")) is int and body["code"] < 0


def fault_of(response: HttpResponse, surface: str) -> Fault:
    """What a refused answer says."""
    try:
        body = json_of(response)
    except VenueError as unreadable:
        known = CATALOGUE.find("", message=_start(response), http_status=response.status, surfaces=(surface,))
        return unreadable.fault if known is None else item_fault({}, response, surface)
    if type(body) is not dict or "code" not in body:
        return malformed(f"no error code in an answer with HTTP {response.status}", response).fault
    return item_fault(body, response, surface)


def item_fault(body: Mapping[str, Any], response: HttpResponse, surface: str) -> Fault:
    """What one error object says: the whole answer, or one item of a batch."""
    return CATALOGUE.fault(
        str(body.get("code", "")),
        message=str(body.get("msg") or _start(response)),
        http_status=response.status,
        surfaces=(surface,),
        retry_after=_seconds(response.header("retry-after")),
        request_id=response.header("x-mbx-uuid"),
    )


def _start(response: HttpResponse) -> str:
    return response.body[:300].decode("utf-8", "replace")


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdecimal() and len(header) < 10 else None
