"""Where code and message stand in an answer of Coinbase, and what counts as one. Decides no kind: errors.csv does.

The order is: the shape of the answer, then the reason in it, then its words, then the HTTP status. Refused orders
come with HTTP 200, and the words of success carry default reasons (`UNKNOWN_FAILURE_REASON`) that mean nothing.

Source: docs.cdp.coinbase.com, Advanced Trade orders pages and error messages (2026-08-22); the form
{error, error_details, message} and the bare 401 were seen live only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from unified.catalogue import Catalogue
from unified.errors import Family, Fault, Kind, Outcome, Scope, VenueError, with_outcome
from unified.http import HttpResponse
from unified.values import frozen
from unified.wire import Json, exact_json, json_of, malformed, obj

SURFACES = ("advanced",)

WINDOW_SECONDS = 1.0
"""Both limits are counted over a second; a 429 seldom says how long to wait."""
_LONGEST_WORD = 80
_LONGEST_WAIT = 3600
"""An `x-ratelimit-reset` beyond it is no number of seconds."""


def _family(code: str) -> Family | None:
    """The one family that can be told from a name alone."""
    return Family.ORDER if code.startswith("PREVIEW_") else None


CATALOGUE = Catalogue(Path(__file__).with_name("errors.csv"), family=_family)

_NO_HISTORY = Fault(
    kind=Kind.PERMISSION_DENIED,
    scope=Scope.ACCOUNT,
    code="proof_token_required",
    message="the venue withholds orders or fills until the user has confirmed who they are",
    hint="Accounts of the European Union confirm it at Coinbase; until then this list proves nothing about an order.",
)

_GOOGLE = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
"""google.rpc.Code by number."""


# --- answers


def answer_of(response: HttpResponse, *, public: bool = False) -> dict[str, Any]:
    """The body of a success; raises VenueError for everything else. Items of a batch are left to its reader.

    Answers about the account are read exactly: some of their money is written as JSON numbers.
    """
    reading = _Reading(response, public)
    try:
        body = obj(json_of(response) if public else exact_json(response))
    except VenueError as unreadable:
        raise VenueError.of(reading.by_status(unreadable.fault)) from None
    for fault in reading.refusals(body):
        raise VenueError.of(fault)
    return body


def faults_in(response: HttpResponse, *, public: bool = False, surfaces: Sequence[str] = SURFACES) -> tuple[Fault, ...]:
    """Every fault that an answer holds, items of a batch included; empty for a success."""
    reading = _Reading(response, public, surfaces)
    try:
        body = obj(exact_json(response))
    except VenueError as unreadable:
        return (reading.by_status(unreadable.fault),)
    items = (item_fault(row, response) for row in _objects(body.get("results")))
    return *reading.refusals(body), *(fault for fault in items if fault is not None)


def item_fault(row: Mapping[str, Any], response: HttpResponse) -> Fault | None:
    """Why one cancel of a batch was refused; None where it was accepted."""
    if row.get("success") is True:
        return None
    return _Reading(response).fault(_word(row, "failure_reason"))


def reject_fault(reason: str, message: str) -> Fault:
    """Why the engine refused an order that was accepted before."""
    fault = CATALOGUE.fault(reason, message=message, surfaces=SURFACES)
    return evolve(with_outcome(fault, Outcome.REJECTED), scope=Scope.ORDER)


def no_such_order(client_order_id: str) -> VenueError:
    """All pages were read, and none holds the id."""
    words = f"no order in the list has the client order id {client_order_id}"
    return VenueError.of(Fault(kind=Kind.ORDER_NOT_FOUND, scope=Scope.ORDER, message=words))


_ORDER_REASONS = ("new_order_failure_reason", "preview_failure_reason", "edit_order_failure_reason", "error")
_EDIT_REASONS = ("edit_failure_reason", "preview_failure_reason")


@frozen
class _Reading:
    """One answer, and what is known of the call that it answers."""

    response: HttpResponse
    public: bool = False
    """What throttles public calls counts by address, the rest by key."""
    surfaces: Sequence[str] = SURFACES

    def refusals(self, body: Mapping[str, Any]) -> tuple[Fault, ...]:
        """What the whole answer refuses: by its shape, and by its HTTP status where it has none of a refusal."""
        found = tuple(self._refusals(body))
        if found or self.response.status < 300:
            return found
        return (self.by_status(malformed("an answer without a reason", self.response).fault),)

    def _refusals(self, body: Mapping[str, Any]) -> Iterator[Fault]:
        errors = _objects(body.get("errors"))
        if any("id" in error for error in errors):
            yield from (self.fault(_word(error, "id"), _word(error, "message")) for error in errors)
        elif body.get("success") is False:
            yield from self._refused_order(body, errors)
        elif body.get("errs"):
            yield from (self.fault(reason) for reason in _strings(body["errs"]) if not _says_nothing(reason))
        elif _word(body, "error") or (self.response.status >= 400 and _words(body)):
            yield self.fault(_service_code(body), _words(body))
        elif body.get("proof_token_required") is True:
            yield _NO_HISTORY

    def _refused_order(self, body: Mapping[str, Any], errors: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
        """Create and edit. Deprecated fields carry the truth at times, so all are asked in turn."""
        told = [_first_reason(_word(error, name) for name in _EDIT_REASONS) for error in errors]
        reasons = [reason for reason in told if not _says_nothing(reason)]
        about = (_objects(body.get("error_response")) or [{}])[0]
        if reasons:
            yield from (self.fault(reason, _words(about)) for reason in reasons)
            return
        names = [_word(about, name) for name in _ORDER_REASONS]
        yield self.fault(_first_reason([*names, _word(body, "failure_reason"), *told]), _words(about))

    def by_status(self, unreadable: Fault) -> Fault:
        """Plain text, HTML, nothing: the start of the body and the HTTP status are all there is."""
        status, start = self.response.status, self.response.body[:300].decode("utf-8", "replace").strip()
        if CATALOGUE.find("", message=start, http_status=status, surfaces=self.surfaces) is None:
            return unreadable
        # A word of plain text is the venue's own; a page tells people nothing and is not repeated.
        is_word = 0 < len(start) <= _LONGEST_WORD and start.isprintable() and not start.startswith(("<", "{", "["))
        return evolve(self.fault("", start), message=start if is_word else unreadable.message)

    def fault(self, code: str, message: str = "") -> Fault:
        """What a code means in this answer."""
        fault = CATALOGUE.fault(
            code,
            message=message,
            http_status=self.response.status,
            surfaces=self.surfaces,
            retry_after=_retry_after(self.response),
            request_id=self.response.header("cf-ray"),
        )
        by_address = self.public and fault.family is Family.THROTTLE and fault.scope is Scope.KEY
        return evolve(fault, scope=Scope.IP) if by_address else fault


# --- codes and words


def _service_code(body: Mapping[str, Any]) -> str:
    """`error` where it is a code, else the name of google's number beside it."""
    error, number = _word(body, "error"), body.get("code")
    if not CATALOGUE.holds(error) and type(number) is int and 0 < number < len(_GOOGLE):
        return _GOOGLE[number]
    return error


def _retry_after(response: HttpResponse) -> float | None:
    throttled = response.status == 429
    for header in ("retry-after", "x-ratelimit-reset") if throttled else ("retry-after",):
        told = response.seconds(header)
        if told is not None and 0 < told <= _LONGEST_WAIT:
            return told
    return WINDOW_SECONDS if throttled else None


def _says_nothing(reason: str) -> bool:
    """Whether it is the default value of its list."""
    return not reason or (reason.startswith("UNKNOWN_") and reason != "UNKNOWN_CANCEL_ORDER")


def _first_reason(reasons: Iterable[str]) -> str:
    """The first that says something, else the first default, else none."""
    spoken = [reason for reason in reasons if reason]
    return next((reason for reason in spoken if not _says_nothing(reason)), spoken[0] if spoken else "")


def _words(body: Mapping[str, Any]) -> str:
    """`message`, and `error_details` where it says more."""
    said = dict.fromkeys(filter(None, (_word(body, "message"), _word(body, "error_details"))))
    return "; ".join(said)


def _word(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if type(value) is str else ""


def _strings(value: Json) -> list[str]:
    return [word for word in value if type(word) is str] if type(value) is list else []


def _objects(value: Json) -> list[dict[str, Any]]:
    """The objects of a list; one object alone counts as a list of one."""
    some = value if type(value) is list else [value]
    return [row for row in some if type(row) is dict]
