"""Where code and message stand in an answer of Paper, and where its time and counts do. Decides no kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unified.account import VenueTime
from unified.adapter import Observation, Usage
from unified.catalogue import Catalogue
from unified.errors import Fault, VenueError
from unified.http import HttpResponse
from unified.operations import Operation
from unified.wire import Json, is_digits, json_of, malformed

CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"))


def answer_of(response: HttpResponse) -> Json:
    """The body of a success; raises VenueError for everything else."""
    faults = faults_of(response)
    if faults:
        raise VenueError.of(faults[0])
    return json_of(response)


def faults_of(response: HttpResponse) -> tuple[Fault, ...]:
    """What a refused answer says: `{"error": {"code": "...", "message": "..."}}` with a status above 399."""
    try:
        body = json_of(response)
    except VenueError as unreadable:
        return (unreadable.fault,)
    said = body.get("error") if type(body) is dict else None
    if type(said) is dict:
        code, message = str(said.get("code", "")), str(said.get("message", ""))
        return (CATALOGUE.fault(code, message=message, http_status=response.status, retry_after=response.retry_after),)
    if response.status == 200:
        return ()
    return (malformed(f"no error in an answer with HTTP {response.status}", response).fault,)


def usage_of(_operation: Operation[Any], response: HttpResponse) -> Observation:
    """Every answer of Paper carries its time in microseconds and what it has counted this minute."""
    time_us, used = response.header("x-paper-clock"), response.header("x-paper-used")
    return Observation(
        time=VenueTime(time_us=int(time_us), unit_us=1) if time_us is not None and _is_number(time_us) else None,
        usage=(Usage(bucket="requests", used=int(used)),) if used is not None and _is_number(used) else (),
    )


def _is_number(header: str) -> bool:
    return is_digits(header, 19)
