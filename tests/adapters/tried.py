"""Every installed adapter, with operations for all its rows of one request, and answers to damage. Holds no test.

The operations are those of the conformance kit, and what its stories asked of the venue's sandbox: an operation that is
added to the library, or an adapter that is installed tomorrow, is tried with no word more here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from attrs import evolve, frozen

from unified.adapter import Adapter, Endpoint, Stamp
from unified.errors import VenueError
from unified.feeds import streams_of
from unified.http import HttpRequest
from unified.operations import Operation
from unified.registry import adapter_class
from unified.sandbox.registry import sandbox_class
from unified.secret import Secret
from unified.testing.conformance.answers import samples
from unified.testing.conformance.examples import examples
from unified.testing.conformance.judge import STORIES
from unified.testing.conformance.rules import TORN
from unified.testing.conformance.stage import played
from unified.testing.conformance.subject import Subject, subject_of

STAMP = Stamp(time_ms=1_795_161_600_000, window_ms=5000, nonce=1, token="0" * 32)
"""2026-11-20T08:00Z, the hour after which the kit's examples ask."""
OPTIONS: Mapping[str, Mapping[str, str]] = {"okx": {"account_level": "portfolio"}}
"""Without which an adapter declines some of its rows: OKX tests orders of margin accounts alone."""


_TOLD = [story for story in STORIES if story.rule is not TORN]
"""Those about torn streams ask for nothing that the others do not, and are long."""


@frozen
class Tried:
    """An adapter and what it is tried with."""

    adapter: Adapter
    examples: tuple[Operation[Any], ...]
    """Each of one request that the adapter builds."""
    heard: tuple[str, ...]
    """Answers of its sandbox, a few of every call."""
    subject: Subject
    """It, as the kit sees it, with all conversations of its streams."""

    def one_of_each(self) -> list[Operation[Any]]:
        """One for every row and every address that it has."""
        found = {(type(one), one.product, line_of(self.adapter, one)): one for one in reversed(self.examples)}
        return list(found.values())


@cache
def tried(name: str) -> Tried:
    """The adapter of this name, with a dummy key."""
    kind = adapter_class(name)
    watch, credentials, _ = played(kind, sandbox_class(name), _TOLD)
    subject = subject_of(kind, credentials)
    subject.listings |= watch.listings
    subject.transcripts += watch.transcripts
    subject.asked += [operation for operation, _, _ in watch.asked]
    adapter = kind(evolve(subject.settings, options=OPTIONS.get(name, {})))
    known = (*examples(subject), *_renewals(adapter))
    heard = tuple(one.response.body.decode() for few in samples(watch.exchanges).values() for one in few)
    return Tried(adapter, tuple(one for one in known if _is_built(adapter, one)), heard, subject)


def endpoint(adapter: Adapter, operation: Operation[Any]) -> Endpoint[Any, Any]:
    how = adapter.endpoints[type(operation), operation.product]
    assert isinstance(how, Endpoint)
    return how


def line_of(adapter: Adapter, operation: Operation[Any]) -> str:
    """Method and path of its request."""
    request: HttpRequest = endpoint(adapter, operation).build(operation, STAMP)
    return f"{request.method} {request.path}"


def _is_built(adapter: Adapter, operation: Operation[Any]) -> bool:
    if not isinstance(adapter.endpoints.get((type(operation), operation.product)), Endpoint):
        return False
    try:
        line_of(adapter, operation)
    except VenueError:
        return False
    return True


def _renewals(adapter: Adapter) -> Iterator[Operation[Any]]:
    """What connections do every half hour or so, which no story is long enough for."""
    for feed in streams_of(adapter).values():
        if feed.line.upkeep is not None:
            yield feed.line.upkeep.operation(Secret("a-dummy-access"))
