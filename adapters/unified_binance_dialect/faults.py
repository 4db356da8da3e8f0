"""Where code and message stand in an answer, and what counts as one. Decides no kind: errors.csv does.

Source: Binance spot REST "HTTP return codes" and errors.md (2026-07-21), USD-M error codes (2026-05-28).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from attrs import evolve

from unified.catalogue import Catalogue
from unified.errors import Family, Fault, Kind, VenueError
from unified.http import HttpResponse
from unified.wire import Json, json_of, malformed


def _family(code: str) -> Family | None:
    """The families that Binance numbers by thousands (errors.md)."""
    return {"-1": Family.REQUEST, "-2": Family.ORDER, "-4": Family.ORDER, "-5": Family.ORDER}.get(code[:2])


def is_refusal(body: Json) -> bool:
    """Only negative codes are errors: USD-M answers `{"code":200,"msg":"success"}` when all went well."""
    return type(body) is dict and type(body.get("code")) is int and body["code"] < 0


class Faults:
    """Reads the refusals of one venue by its own catalogue."""

    def __init__(self, catalogue: Path) -> None:
        self.catalogue = Catalogue(catalogue, family=_family)

    def answer_of(self, response: HttpResponse, surfaces: Sequence[str]) -> Json:
        """The body of a success; raises VenueError for everything else."""
        if response.status == 200:
            body = json_of(response)
            if not is_refusal(body):
                return body
        raise VenueError.of(self.fault_of(response, surfaces))

    def fault_of(self, response: HttpResponse, surfaces: Sequence[str]) -> Fault:
        """What a refused answer says: by its code, or where it has none by its text and status."""
        try:
            body = json_of(response)
        except VenueError as error:
            unreadable = error.fault
        else:
            if type(body) is dict and type(body.get("code")) is int:
                return self._item(body, response, surfaces)
            unreadable = malformed(f"no error code in an answer with HTTP {response.status}", response).fault
        row = self.catalogue.find("", message=_start(response), http_status=response.status, surfaces=surfaces)
        return unreadable if row is None else self._item({}, response, surfaces)

    def refused(self, body: Mapping[str, Any], surface: str) -> VenueError:
        """What one refused item of a batch says, where the batch itself was answered."""
        return VenueError.of(self._item(body, HttpResponse(status=200), (surface,)))

    def of_frame(self, refusal: Mapping[str, Any], surfaces: Sequence[str], status: int = 200) -> Fault:
        """What an error object in a frame says; `status` is the frame's own. A wait stands as the moment of its end."""
        fault = self._item(refusal, HttpResponse(status=status), surfaces)
        data = refusal.get("data")
        ends, now = (data.get("retryAfter"), data.get("serverTime")) if type(data) is dict else (None, None)
        if type(ends) is int and type(now) is int:
            return evolve(fault, retry_after=max(0, ends - now) / 1000)
        return fault

    def faults_in(self, response: HttpResponse, surfaces: Sequence[str]) -> tuple[Fault, ...]:
        """Every fault of an answer: its own, those of batch items and those of the legs of a cancel-replace."""
        try:
            body = json_of(response)
        except VenueError:
            return (self.fault_of(response, surfaces),)
        found = tuple(self._item(part, response, surfaces) for part in _refusals(body))
        if found or response.status == 200:
            return found
        return (self.fault_of(response, surfaces),)

    def _item(self, body: Mapping[str, Any], response: HttpResponse, surfaces: Sequence[str]) -> Fault:
        """What one error object says: the whole answer, or one item of a batch."""
        fault = self.catalogue.fault(
            str(body.get("code", "")),
            message=str(body.get("msg") or _start(response)),
            http_status=response.status,
            surfaces=surfaces,
            request_id=response.header("x-mbx-uuid"),
        )
        if fault.kind is Kind.RATE_LIMITED and response.status == 418:
            # 418 is the ban of an address whatever its text leaves out (spot rest-api.md "IP Limits", 2026-07-21).
            fault = evolve(fault, kind=Kind.BANNED)
        wait = _retry_after(fault, response)
        return fault if wait is None else evolve(fault, retry_after=wait)


def _refusals(body: Json) -> Iterator[Mapping[str, Any]]:
    """Error objects in the envelopes that Binance uses: bare, in a list, under `error`, under `data`."""
    if type(body) is list:
        yield from (item for item in body if is_refusal(item))
    elif type(body) is dict:
        if is_refusal(body):
            yield body
        data = body.get("data")
        legs = (data.get("cancelResponse"), data.get("newOrderResponse")) if type(data) is dict else ()
        yield from (part for part in (body.get("error"), *legs) if is_refusal(part))


# --- when to try again

_BANNED_UNTIL = re.compile(r"banned until (\d{10,16})")
_ORDERS_PER = re.compile(r"orders per (?:(\d{1,3}) ?)?(SECOND|MINUTE|HOUR|DAY)")
_UNIT_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
_SHORTEST_BAN = 120.0


def _retry_after(fault: Fault, response: HttpResponse) -> float | None:
    """Seconds as the venue says them; else to the end of the window, else the shortest ban it documents."""
    if response.retry_after is not None:
        return response.retry_after
    at = _date(response)
    if fault.kind is Kind.BANNED:
        return _ban_left(fault, at)
    if fault.kind is Kind.RATE_LIMITED and "queued" not in fault.message:
        return _to_window_end(60, at)
    if fault.kind is Kind.ORDER_RATE_LIMITED:
        window = _ORDERS_PER.search(fault.message)
        seconds = 10 if window is None else int(window[1] or 1) * _UNIT_SECONDS[window[2]]
        return _to_window_end(seconds, at)
    return None


def _ban_left(fault: Fault, at: datetime | None) -> float | None:
    """The text carries the end in venue time, so the answer's own date is needed to make seconds of it."""
    until = _BANNED_UNTIL.search(fault.message)
    if until is not None and at is not None:
        return max(0, int(until[1]) - 1000 * int(at.timestamp())) / 1000
    return _SHORTEST_BAN if until is not None or fault.http_status == 418 else None


def _to_window_end(seconds: int, at: datetime | None) -> float:
    """Windows are calendar intervals of the venue's clock; a whole one where the answer carries no date."""
    return float(seconds if at is None or seconds == 0 else seconds - int(at.timestamp()) % seconds)


def _date(response: HttpResponse) -> datetime | None:
    try:
        return parsedate_to_datetime(response.header("date") or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _start(response: HttpResponse) -> str:
    return response.body[:300].decode("utf-8", "replace")
