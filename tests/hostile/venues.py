"""Every installed adapter, with operations for all its rows of one request, and answers to damage. Holds no test.

Where recordings are read, their operations and answers serve; elsewhere those of the conformance kit and of the
sandbox, so that an adapter that is installed tomorrow is tried too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from attrs import frozen

from tests.adapters.recordings import recordings
from tests.adapters.test_recordings import VENUES as RECORDED
from tests.shared import shared_path
from unified.adapter import Adapter
from unified.feeds import streams_of
from unified.operations import Operation
from unified.registry import adapter_class, installed
from unified.sandbox.registry import sandbox_class
from unified.secret import Secret
from unified.testing.conformance.answers import samples
from unified.testing.conformance.examples import examples
from unified.testing.conformance.judge import STORIES
from unified.testing.conformance.stage import played
from unified.testing.conformance.subject import subject_of

NAMES = installed()


@frozen
class Venue:
    """An adapter and what it is tried with."""

    adapter: Adapter
    examples: list[Operation[Any]]
    heard: tuple[str, ...] = ()
    """Answers of its sandbox, a few of every call."""


@cache
def venue(name: str) -> Venue:
    """The adapter of this name, with a dummy key."""
    if name in RECORDED:
        return Venue(RECORDED[name].adapter, RECORDED[name].examples)
    adapter = adapter_class(name)
    watch, credentials, _ = played(adapter, sandbox_class(name), STORIES)
    subject = subject_of(adapter, credentials)
    subject.asked += [operation for operation, _, _ in watch.asked]
    known = [*examples(subject), *_renewals(subject.adapter)]
    one_of_each = {(type(one), one.product): one for one in known if subject.endpoint(one) is not None}
    heard = tuple(one.response.body.decode() for few in samples(watch.exchanges).values() for one in few)
    return Venue(subject.adapter, list(one_of_each.values()), heard)


def _renewals(adapter: Adapter) -> Iterator[Operation[Any]]:
    """What connections do every half hour or so, which no story is long enough for."""
    for feed in streams_of(adapter).values():
        if feed.line.upkeep is not None:
            yield feed.line.upkeep.operation(Secret("a-dummy-access"))


def answers_at_hand(name: str) -> tuple[str, ...]:
    """Recorded answers, or the sandbox's; nothing where recordings are not beside the checkout."""
    if name not in RECORDED:
        return venue(name).heard
    return tuple(one.text for one in recordings(name)) if shared_path("corpus", name) else ()
