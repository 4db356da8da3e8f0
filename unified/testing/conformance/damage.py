"""Damaged and hostile answers: whatever comes is read or is a VenueError, and settles nothing that it does not say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from unified.adapter import Adapter, Endpoint, Observation
from unified.errors import Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified.operations import Operation
from unified.testing.conformance.answers import samples, touched
from unified.testing.conformance.examples import examples
from unified.testing.conformance.rules import DAMAGE, OBSERVED, SETTLED, Finding
from unified.testing.conformance.subject import Subject
from unified.testing.hostile import HostileBody, damaged, from_scratch

STATUSES = (200, 200, 200, 400, 401, 404, 429, 500, 503)
_MOST = 3
"""Findings of a call: more would say the same again."""
COUNT = 120
"""Damaged copies of each sample."""

Told = tuple[str, str]
"""Rule's part and problem."""


def damage(subject: Subject, *, seed: int = 0, count: int = COUNT) -> Iterator[Finding]:
    """Every call with bodies from scratch, and with damaged copies of the answers that are known."""
    known = samples(subject.exchanges)
    for operation in _each_once(subject):
        endpoint = subject.endpoint(operation)
        if endpoint is None:
            continue
        where = f"{operation.name} {operation.product}"
        spoiled = list(from_scratch())
        for number, sample in enumerate(known.get((type(operation), operation.product), ())):
            operation = sample.operation
            spoiled += damaged(sample.response.body, seed=seed + number, count=count)
        found = _told(endpoint, operation, spoiled)
        yield from (Finding(DAMAGE, where, problem) for problem in found[:_MOST])


def _each_once(subject: Subject) -> Iterator[Operation[Any]]:
    seen = set()
    for operation in examples(subject):
        key = (type(operation), operation.product)
        if key not in seen:
            seen.add(key)
            yield operation


def _told(endpoint: Endpoint[Any, Any], operation: Operation[Any], spoiled: list[HostileBody]) -> list[str]:
    """What goes wrong, each kind once."""
    found: dict[str, str] = {}
    for hostile, status in zip(spoiled, cycle(STATUSES), strict=False):
        response = HttpResponse(status=status, body=hostile.body, headers={"content-type": "application/json"})
        problem = _read(endpoint, operation, response)
        if problem:
            found.setdefault(problem, f"{problem} ({hostile.about}, HTTP {status})")
    return list(found.values())


def _read(endpoint: Endpoint[Any, Any], operation: Operation[Any], response: HttpResponse) -> str:
    """What is wrong with reading this answer; empty where nothing is."""
    try:
        touched(endpoint.parse(operation, response))
        if not _is_json(response.body):
            return "what is no JSON is read as a success"
    except VenueError as error:
        if error.outcome is Outcome.NOT_SENT:
            return "an answer is told as not_sent: somebody answered, so it was sent"
        return "the error cannot be shown" if not str(error) or not repr(error) else ""
    except Exception as error:
        return f"parse raises {type(error).__name__}, not a VenueError"
    return ""


def _is_json(body: bytes) -> bool:
    """No venue of this library answers in anything else."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


# --- what settles nothing

_UNREADABLE = (
    (502, b"<html><head><title>502 Bad Gateway</title></head></html>", "a page with HTTP 502"),
    (504, b"", "an empty 504"),
    (200, b"", "an empty 200"),
)


def settled(subject: Subject) -> Iterator[Finding]:
    """Writes whose answer cannot be read have an unknown outcome."""
    for operation in _each_once(subject):
        endpoint = subject.endpoint(operation)
        if endpoint is None or not operation.writes:
            continue
        for status, body, about in _UNREADABLE:
            outcome = _outcome(endpoint, operation, HttpResponse(status=status, body=body))
            if outcome not in (Outcome.UNKNOWN, None):
                where = f"{operation.name} {operation.product}"
                yield Finding(SETTLED, where, f"{about} is told as {outcome}: nobody knows what became of it, unknown")


def _outcome(endpoint: Endpoint[Any, Any], operation: Operation[Any], response: HttpResponse) -> Outcome | None:
    """None where `damage` has told already that no VenueError came."""
    try:
        endpoint.parse(operation, response)
    except VenueError as error:
        return error.outcome
    except Exception:  # told by `damage`
        return None
    return Outcome.DONE


# --- beside the content


def observed(subject: Subject, *, seed: int = 0) -> Iterator[Finding]:
    """`observe` and `faults` take whatever comes; no answer holds a fault that says not_sent."""
    known = samples(subject.exchanges, most=1)
    for operation in _each_once(subject):
        if subject.endpoint(operation) is None:
            continue
        spoiled = list(from_scratch())
        for sample in known.get((type(operation), operation.product), ()):
            spoiled += damaged(sample.response.body, seed=seed, count=30)
        problem = next(_beside(subject.adapter, operation, spoiled), None)
        if problem is not None:
            yield Finding(OBSERVED, f"{operation.name} {operation.product}", problem)


_HEADERS = ("0", "-1", "nan", "inf", "x", "1e400", "9" * 400, "\u0661", "")
"""Values that a header should never have."""


def _beside(adapter: Adapter, operation: Operation[Any], spoiled: list[HostileBody]) -> Iterator[str]:
    values = cycle(_HEADERS)
    for hostile, status in zip(spoiled, cycle(STATUSES), strict=False):
        response = HttpResponse(status=status, body=hostile.body)
        for shown in (response, response._replace(headers=_Spoiled(next(values)))):
            problem = _observe(adapter, operation, shown) or _faults(adapter, operation, shown)
            if problem:
                yield f"{problem} ({hostile.about}, HTTP {status})"


class _Spoiled(dict[str, str]):
    """Headers that hold the same bad value under every name."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self._value = value

    def get(self, _name: str, _default: Any = None) -> str:
        return self._value

    def __getitem__(self, _name: str) -> str:
        return self._value

    def __contains__(self, _name: object) -> bool:
        return True


def _observe(adapter: Adapter, operation: Operation[Any], response: HttpResponse) -> str:
    try:
        seen = adapter.observe(operation, response)
    except Exception as error:
        return f"observe raises {type(error).__name__}: {error}"
    shown: object = seen
    return "" if isinstance(shown, Observation) else f"observe answers {type(shown).__name__}"


def _faults(adapter: Adapter, operation: Operation[Any], response: HttpResponse) -> str:
    try:
        faults = adapter.faults(response, operation=operation.name)
    except Exception as error:
        return f"faults raises {type(error).__name__}: {error}"
    if any(fault.outcome is Outcome.NOT_SENT for fault in faults):
        return "faults tells an answer as not_sent"
    return ""


def unknown_codes(subject: Subject) -> Iterator[str]:
    """A code that nobody has ever seen settles nothing."""
    fault = subject.adapter.fault("a-code-that-does-not-exist")
    if fault.kind is not Kind.UNKNOWN or fault.outcome is not Outcome.UNKNOWN:
        yield f"a code that nobody knows is told as {fault.kind}, {fault.outcome}; the truth is unknown, unknown"
