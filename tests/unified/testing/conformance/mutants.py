"""Paper with something wrong: a mutant is the good adapter and one change. Every rule must find its mutant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve

from unified.adapter import AdapterSettings, Endpoint, Stamp
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Product
from unified.operations import Operation
from unified.testing.conformance.rules import Finding, Rule
from unified.testing.conformance.stage import Story, played
from unified.testing.conformance.subject import Subject, subject_of
from unified.testing.conformance.watch import Exchange
from unified_paper import Paper
from unified_paper.venue import PaperDialect

Build = Callable[[Any, Stamp], HttpRequest]
Parse = Callable[[Any, HttpResponse], Any]


def declaring(**changes: Any) -> type[Paper]:
    """Paper with other class attributes."""
    return type("Mutant", (Paper,), changes)


def endpoint_of(kind: type[Operation[Any]]) -> Endpoint[Any, Any]:
    """How good Paper performs it."""
    how = Paper(AdapterSettings()).endpoints[kind, Product.SPOT]
    assert isinstance(how, Endpoint)
    return how


def performing(kind: type[Operation[Any]], change: Callable[[Endpoint[Any, Any]], Any]) -> type[Paper]:
    """Paper with another endpoint for one operation; None leaves it out."""

    def made(self: Paper, settings: AdapterSettings) -> None:
        Paper.__init__(self, settings)
        known = dict(self.endpoints)
        how = known.pop((kind, Product.SPOT))
        assert isinstance(how, Endpoint)
        changed = change(how)
        self.endpoints = known if changed is None else {**known, (kind, Product.SPOT): changed}

    return declaring(__init__=made)


def building(kind: type[Operation[Any]], change: Callable[[Build, Any, Stamp], HttpRequest]) -> type[Paper]:
    """Paper that builds one operation otherwise."""
    return performing(kind, lambda how: evolve(how, build=lambda operation, stamp: change(how.build, operation, stamp)))


def reading(kind: type[Operation[Any]], change: Callable[[Parse, Any, HttpResponse], Any]) -> type[Paper]:
    """Paper that reads one operation otherwise."""
    return performing(
        kind, lambda how: evolve(how, parse=lambda operation, response: change(how.parse, operation, response))
    )


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


def play(adapter: type[Paper], item: Story) -> str:
    """What a story finds wrong with the mutant."""
    _, _, found = played(adapter, PaperDialect, [item])
    return "\n".join(map(str, found))
