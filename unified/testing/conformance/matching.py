"""Which operation a recorded answer belongs to. Reads no file."""

from __future__ import annotations

from collections.abc import Iterator

from unified.errors import VenueError
from unified.operations import Operation
from unified.testing.conformance.examples import examples
from unified.testing.conformance.recordings import Recording
from unified.testing.conformance.subject import Subject
from unified.testing.conformance.watch import Exchange


def matched(subject: Subject, recording: Recording) -> list[Exchange]:
    """The exchange of a named recording; of one that is only known by method and path, the first that can be read."""
    fitting = list(_fitting(subject, recording))
    if recording.operation:
        return fitting[:1]
    readable = [exchange for exchange in fitting if _readable(subject, exchange)]
    return readable[:1] or fitting[:1]


def _fitting(subject: Subject, recording: Recording) -> Iterator[Exchange]:
    for operation in examples(subject):
        endpoint = subject.endpoint(operation)
        if endpoint is not None and _is_about(subject, recording, operation):
            yield Exchange(operation=operation, response=recording.response, source=recording.file)


def _is_about(subject: Subject, recording: Recording, operation: Operation[object]) -> bool:
    if recording.operation:
        named = recording.operation in (operation.name, type(operation).__name__)
        return named and recording.product in (None, operation.product)
    request = subject.request(operation)
    return request is not None and (request.method, request.path) == (recording.method, recording.path)


def _readable(subject: Subject, exchange: Exchange) -> bool:
    endpoint = subject.endpoint(exchange.operation)
    try:
        return endpoint is not None and (endpoint.parse(exchange.operation, exchange.response), True)[1]
    except VenueError:
        return False
    except Exception:  # told by the rules about answers
        return False
