"""Where code and message stand in any of Bitzoom's envelopes, and what counts as a success. Decides no kind.

Three envelopes are documented: `code` and `msg`, `errorCode` and `success`, and `success` alone.

Source: bitzoom-futures/futures.doc, docs/errors.md and examples/bitzoom.gateway.json at 42521de (2026-02-13).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from unified.catalogue import Catalogue
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpResponse
from unified.wire import Json, exact_json, malformed, obj

CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"))
SURFACES = ("rest",)

_FINE = ("0", "200", "")
_BAN_SECONDS = 60.0
"""What the venue's own sample waits after -1003; the length of the ban is not documented."""


def answer_of(response: HttpResponse) -> Json:
    """What a success carries; raises VenueError for everything else."""
    found = faults_of(response)
    if found:
        raise VenueError.of(found[0])
    body = obj(exact_json(response))
    return body.get("data", body.get("result"))


def faults_of(response: HttpResponse) -> tuple[Fault, ...]:
    """What a refused answer says; empty for a success."""
    try:
        body = obj(exact_json(response))
    except VenueError as unreadable:
        return (_without_body(response, unreadable.fault),)
    if not {"code", "errorCode", "success"} & set(body):
        strange = malformed("neither code nor success in the answer", response).fault
        return (strange if response.status < 400 else _without_body(response, strange),)
    if _succeeded(body, response):
        return ()
    return (_fault(body, response),)


def fault_of_frame(channel: str, data: Json) -> Fault:
    """What an error in a frame says: mostly nothing but where it belongs."""
    said = data if type(data) is dict else {}
    code = next((word for name in ("code", "errorCode") if (word := _word(said, name)) not in _FINE), "")
    message = str(said.get("msg") or said.get("errorMessage") or said.get("message") or "")
    return CATALOGUE.fault(code, message=f"{channel}: {message}" if message else channel, surfaces=("ws", *SURFACES))


def _succeeded(body: Mapping[str, Any], response: HttpResponse) -> bool:
    """Nothing in the answer may speak against it: a refusal also comes with HTTP 200."""
    is_fine = _word(body, "code") in ("0", "") and _word(body, "errorCode") in _FINE
    return response.status < 400 and is_fine and body.get("success", True) is True


def _fault(body: Mapping[str, Any], response: HttpResponse) -> Fault:
    code = next((word for name in ("code", "errorCode") if (word := _word(body, name)) not in _FINE), "")
    message = str(body.get("msg") or body.get("errorMessage") or body.get("message") or "")
    status = response.status
    if code.isdecimal() and 400 <= int(code[:4]) < 600:
        # The gateway may write an HTTP status where a code belongs, inside an answer that says 200.
        code, status = "", int(code)
    refused = body.get("success") is False and not code
    fault = CATALOGUE.fault(
        code,
        message=f"success=false {message}" if refused and status < 400 else message,
        http_status=status,
        surfaces=SURFACES,
        request_id=str(body["traceid"]) if body.get("traceid") else None,
    )
    return _with_wait(fault, response)


def _without_body(response: HttpResponse, unreadable: Fault) -> Fault:
    start = response.body[:300].decode("utf-8", "replace")
    row = CATALOGUE.find("", message=start, http_status=response.status, surfaces=SURFACES)
    if row is None:
        return unreadable
    return _with_wait(CATALOGUE.fault("", message=start, http_status=response.status, surfaces=SURFACES), response)


def _with_wait(fault: Fault, response: HttpResponse) -> Fault:
    """No Retry-After is documented, but one is believed where it comes."""
    wait = response.retry_after
    if wait is None and fault.kind is Kind.RATE_LIMITED:
        wait = _BAN_SECONDS
    return evolve(fault, retry_after=wait)


def _word(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return str(value) if type(value) in (int, str) else ""
