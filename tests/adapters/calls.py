"""What the tests of every adapter do with it: build a request, parse an answer, perform a procedure. Knows no venue.

Each `tests/adapters/<venue>/venue.py` makes one `Calls` of its adapter and adds what is the venue's own: instruments,
requests taken apart, rows and envelopes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tests.shared import require_shared
from unified.adapter import Adapter, Charge, Endpoint, Procedure, Stamp, Steps
from unified.errors import Fault, Kind, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.operations import Operation

T = TypeVar("T")


class Calls:
    """An adapter asked directly, with no network and at one moment."""

    def __init__(self, adapter: Adapter, stamp: Stamp) -> None:
        self._adapter = adapter
        self._stamp = stamp

    def endpoint(self, operation: Operation[Any]) -> Endpoint[Any, Any]:
        how = self._adapter.endpoints[type(operation), operation.product]
        assert isinstance(how, Endpoint)
        return how

    def build(self, operation: Operation[Any], stamp: Stamp | None = None) -> HttpRequest:
        return self.endpoint(operation).build(operation, stamp or self._stamp)

    def refused(self, operation: Operation[Any]) -> VenueError:
        """What building it raises."""
        try:
            self.build(operation)
        except VenueError as error:
            return error
        raise AssertionError(f"{operation} was built")

    def charges(self, operation: Operation[Any]) -> tuple[Charge, ...]:
        return self.endpoint(operation).charges(operation, self._stamp.time_ms)

    def charged(self, operation: Operation[Any]) -> dict[str, float]:
        """The cost by the name of the limit."""
        return {charge.bucket: charge.cost for charge in self.charges(operation)}

    def parse(self, operation: Operation[T], answer: HttpResponse) -> T:
        value: T = self.endpoint(operation).parse(operation, answer)
        return value

    def failure(self, operation: Operation[Any], answer: HttpResponse) -> VenueError:
        """What parsing it raises."""
        try:
            self.parse(operation, answer)
        except VenueError as error:
            return error
        raise AssertionError("the answer was parsed")

    def steps(self, operation: Operation[T]) -> Steps[T]:
        how = self._adapter.endpoints[type(operation), operation.product]
        assert isinstance(how, Procedure)
        steps: Steps[T] = how.steps(operation)
        return steps

    def walk(self, operation: Operation[T], answers: Iterable[object]) -> tuple[list[Operation[Any]], T]:
        """Perform a procedure: each step gets the next answer, or is thrown it if it is an error."""
        return performed(self.steps(operation), answers)


def performed(steps: Steps[T], answers: Iterable[object]) -> tuple[list[Operation[Any]], T]:
    """The steps that were asked for, and what came of them."""
    seen, left = list[Operation[Any]](), list(answers)
    try:
        step = next(steps)
        while True:
            seen.append(step)
            answer = left.pop(0)
            step = steps.throw(answer) if isinstance(answer, VenueError) else steps.send(answer)
    except StopIteration as end:
        assert left == [], "answers were left over"
        value: T = end.value
        return seen, value


def response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer with this body: as it is if it is bytes, else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status=status, body=raw, headers=headers or {})


def refusal(kind: Kind, code: str | None = None) -> VenueError:
    """What a step of a procedure may be answered with."""
    return VenueError.of(Fault(kind=kind, code=code))


def recorded(*parts: str) -> HttpResponse:
    """The answer in a file of the corpus, digit for digit; skips the test where the corpus is absent."""
    return response(recorded_text(require_shared("corpus", *parts)).encode())


def recorded_text(path: Path) -> str:
    """The answer that a file of the corpus holds, as it came."""
    text = path.read_text(encoding="utf-8")
    return text[text.index('"response":') + len('"response":') : text.rindex("}")].strip()
