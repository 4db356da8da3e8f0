"""Where Souk writes its codes: `{"ok": false, "fault": "E40", "text": "..."}`. Decides no kind."""

from __future__ import annotations

from pathlib import Path

from unified.account import VenueTime
from unified.adapter import Observation, Usage
from unified.catalogue import Catalogue
from unified.errors import Fault, VenueError
from unified.http import HttpResponse
from unified.wire import Json, json_of, malformed

CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"))


def answer_of(response: HttpResponse) -> Json:
    """What a success holds; everything else is raised."""
    faults = faults_of(response)
    if faults:
        raise VenueError.of(faults[0])
    return json_of(response)["goods"]


def faults_of(response: HttpResponse) -> tuple[Fault, ...]:
    """The fault of a refused answer; an answer that is neither is malformed."""
    try:
        body = json_of(response)
    except VenueError as unreadable:
        return (unreadable.fault,)
    if type(body) is dict and body.get("ok") is True and "goods" in body and response.status == 200:
        return ()
    code = body.get("fault") if type(body) is dict else None
    if type(code) is not str:
        return (malformed("neither goods nor a fault", response).fault,)
    text = str(body.get("text", ""))
    wait = _whole(response.header("souk-wait"))
    return (CATALOGUE.fault(code, message=text, http_status=response.status, retry_after=wait),)


def observed(response: HttpResponse) -> Observation:
    """Every answer carries Souk's time in milliseconds and the requests that it has counted."""
    time_ms, used = _whole(response.header("souk-clock")), _whole(response.header("souk-used"))
    return Observation(
        time=None if time_ms is None else VenueTime(time_us=time_ms * 1000, unit_us=1000),
        usage=() if used is None else (Usage(bucket="requests", used=used),),
    )


def _whole(header: str | None) -> int | None:
    return int(header) if header is not None and header.isascii() and header.isdecimal() and len(header) < 16 else None
