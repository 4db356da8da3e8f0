"""Adapters with something wrong: a mutant is a good one and one change. Every rule must find its mutant.

Good is Paper where nothing else is said; what Paper does not offer is changed in another installed adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve

from unified.adapter import AdapterClass, AdapterSettings, Endpoint, Stamp
from unified.feeds import Feed, Line, StreamDialect, streams_of
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Product
from unified.operations import Operation
from unified.sandbox.registry import sandbox_class
from unified.testing.conformance.rules import Finding, Rule
from unified.testing.conformance.stage import Story, played
from unified.testing.conformance.subject import Subject, subject_of
from unified.testing.conformance.watch import Exchange
from unified.watches import Watch
from unified.wire import malformed
from unified_paper import Paper

Build = Callable[[Any, Stamp], HttpRequest]
Parse = Callable[[Any, HttpResponse], Any]


def declaring(of: Any = Paper, **changes: Any) -> Any:
    """The adapter with other class attributes."""
    return type("Mutant", (of,), changes)


def endpoint_of(kind: type[Operation[Any]]) -> Endpoint[Any, Any]:
    """How good Paper performs it."""
    how = Paper(AdapterSettings()).endpoints[kind, Product.SPOT]
    assert isinstance(how, Endpoint)
    return how


def performing(
    kind: type[Operation[Any]],
    change: Callable[[Endpoint[Any, Any]], Any],
    of: Any = Paper,
    product: Product = Product.SPOT,
) -> Any:
    """The adapter with another endpoint for one operation; None leaves it out."""

    def made(self: Any, settings: AdapterSettings) -> None:
        of.__init__(self, settings)
        known = dict(self.endpoints)
        how = known.pop((kind, product))
        assert isinstance(how, Endpoint)
        changed = change(how)
        self.endpoints = known if changed is None else {**known, (kind, product): changed}

    return declaring(of, __init__=made)


def building(
    kind: type[Operation[Any]],
    change: Callable[[Build, Any, Stamp], HttpRequest],
    of: Any = Paper,
    product: Product = Product.SPOT,
) -> Any:
    """The adapter building one operation otherwise."""

    def changed(how: Endpoint[Any, Any]) -> Endpoint[Any, Any]:
        return evolve(how, build=lambda operation, stamp: change(how.build, operation, stamp))

    return performing(kind, changed, of, product)


def reading(
    kind: type[Operation[Any]],
    change: Callable[[Parse, Any, HttpResponse], Any],
    of: Any = Paper,
    product: Product = Product.SPOT,
) -> Any:
    """The adapter reading one operation otherwise."""

    def changed(how: Endpoint[Any, Any]) -> Endpoint[Any, Any]:
        return evolve(how, parse=lambda operation, response: change(how.parse, operation, response))

    return performing(kind, changed, of, product)


def asking(**changes: Any) -> Any:
    """For `building`: something else than what was wanted is asked for."""
    return lambda build, operation, stamp: build(evolve(operation, **changes), stamp)


def refusing(*_of: Any) -> Any:
    """For `reading`: no answer can be read."""
    raise malformed("not today")


def streaming(change: Callable[[Feed], Feed], of: Any, *kinds: type[Watch[Any]]) -> Any:
    """The adapter with other feeds of these watches, or of all."""

    def made(self: Any, settings: AdapterSettings) -> None:
        of.__init__(self, settings)
        table = streams_of(self)
        self.streams = {key: change(feed) if not kinds or key[0] in kinds else feed for key, feed in table.items()}

    return declaring(of, __init__=made)


def hearing(change: Callable[[StreamDialect, Any], Any], of: Any) -> Any:
    """The adapter with a dialect whose `receive` is `change(the good dialect, frame)`."""

    class Mutant:
        def __init__(self, good: StreamDialect) -> None:
            self.good = good

        def __getattr__(self, name: str) -> Any:
            return getattr(self.good, name)

        def receive(self, frame: Any) -> Any:
            return change(self.good, frame)

    lines: dict[Line, Line] = {}

    def changed(feed: Feed) -> Feed:
        line = feed.line
        if line not in lines:
            lines[line] = evolve(line, dialect=lambda: Mutant(line.dialect()))
        return evolve(feed, line=lines[line])

    return streaming(changed, of)


def telling(change: Callable[[Any], Any]) -> Callable[[StreamDialect, Any], Any]:
    """For `hearing`: each event is told as `change` makes it; None leaves it out."""
    return lambda good, frame: [said for event in good.receive(frame) if (said := change(event)) is not None]


def subject(adapter: type[Paper] = Paper, answers: Mapping[Operation[Any], bytes] | None = None) -> Subject:
    """The mutant, with answers at hand."""
    made = subject_of(adapter)
    made.exchanges += [
        Exchange(operation=operation, response=HttpResponse(status=200, body=body), source="a test")
        for operation, body in (answers or {}).items()
    ]
    return made


def told(found: Iterable[Finding], rule: Rule) -> str:
    """What a check says by this rule, in one text."""
    return "\n".join(str(finding) for finding in found if finding.rule is rule)


def story(stories: Iterable[Story], name: str) -> Story:
    return next(item for item in stories if item.name == name)


def play(adapter: AdapterClass, item: Story) -> str:
    """What a story finds wrong with the mutant."""
    _, _, found = played(adapter, sandbox_class(adapter.venue), [item])
    return "\n".join(map(str, found))


def heard(adapter: AdapterClass, *items: Story) -> Subject:
    """The mutant with the transcripts of what was played with it."""
    dialect = sandbox_class(adapter.venue)
    watch, credentials, _ = played(adapter, dialect, items)
    made = subject_of(adapter, credentials)
    made.transcripts += watch.transcripts
    return made
