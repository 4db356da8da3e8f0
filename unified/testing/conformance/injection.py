"""Arguments that try to leave their place in a request: each must be refused, or stay one value where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve

from unified.adapter import Endpoint
from unified.errors import Outcome, VenueError
from unified.http import HttpRequest
from unified.instrument import Product
from unified.operations import OPERATIONS, Operation
from unified.testing.conformance.examples import Scene, of_kind, scene
from unified.testing.conformance.rules import INJECTION, Finding
from unified.testing.conformance.subject import STAMP, Subject
from unified.testing.hostile import WORDS

_TAME = "abc123"
"""A word that needs no encoding anywhere: what it is replaced by must not change the shape of the request."""


def injection(subject: Subject) -> Iterator[Finding]:
    """Every argument of every operation, with every hostile word. One finding a place is enough."""
    for kind, product in subject.adapter.endpoints:
        if kind in OPERATIONS:
            yield from _of_operation(subject, kind, product)


def _of_operation(subject: Subject, kind: type[Operation[Any]], product: Product) -> Iterator[Finding]:
    at = scene(subject, product)
    for argument in _ARGUMENTS:
        for number in range(len(of_kind(kind, at))):
            broken = next(_leaks(subject, kind, at, argument, number), None)
            if broken is not None:
                yield Finding(INJECTION, f"{kind.name} {product}", f"{argument}: {broken}")
                break


_ARGUMENTS = ("symbol", "client_order_id", "venue_order_id", "cursor", "base")


def _with(at: Scene, kind: type[Operation[Any]], number: int, argument: str, word: str) -> Operation[Any] | None:
    """The example with the word as this argument; None where it has no such argument."""
    changed, changes = at, dict[str, Any]({argument: word})
    if argument in ("symbol", "base"):
        changed = evolve(at, instrument=evolve(at.instrument, **changes))
    elif argument == "client_order_id":
        changed = evolve(at, client_order_id=word)
    operation = of_kind(kind, changed)[number]
    if argument in ("venue_order_id", "cursor") and hasattr(operation, argument):
        return evolve(operation, **changes)
    return operation if changed is not at else None


def _leaks(subject: Subject, kind: type[Operation[Any]], at: Scene, argument: str, number: int) -> Iterator[str]:
    tame = _with(at, kind, number, argument, _TAME)
    endpoint = None if tame is None else subject.endpoint(tame)
    if tame is None or endpoint is None:
        return
    shape = _shape(_built(endpoint, tame))
    for about, word in _words():
        operation = _with(at, kind, number, argument, word)
        if operation is not None:
            yield from (f"{about} {broken}" for broken in _broken(endpoint, operation, shape))


def _words() -> Iterator[tuple[str, str]]:
    """What has no UTF-8 form is refused by the scheduler, in one place for every adapter."""
    for about, word in WORDS.items():
        if word.encode("utf-8", "replace").decode() == word:
            yield about, word


def _built(endpoint: Endpoint[Any, Any], operation: Operation[Any]) -> HttpRequest | Exception:
    try:
        return endpoint.build(operation, STAMP)
    except Exception as error:
        return error


def _broken(endpoint: Endpoint[Any, Any], operation: Operation[Any], shape: Mapping[str, Any] | None) -> Iterator[str]:
    built = _built(endpoint, operation)
    if isinstance(built, VenueError):
        if built.outcome is not Outcome.NOT_SENT:
            yield f"is refused with outcome {built.outcome}, not not_sent"
    elif isinstance(built, Exception):
        yield f"makes build raise {type(built).__name__}; refuse it (not_sent) or encode it"
    elif shape is not None:
        found = _shape(built) or {}
        yield from (f"changes {part}" for part in shape if shape[part] != found.get(part))
        if any(ord(letter) < 32 or ord(letter) > 126 for value in built.headers.values() for letter in value):
            yield "stands raw in a header"


def _shape(built: HttpRequest | Exception) -> Mapping[str, Any] | None:
    """What must stay the same whatever the argument: how many parts there are, and what they are called."""
    if isinstance(built, Exception):
        return None
    steps = built.path.split("/")
    return {
        "the path": (len(steps), ".." in steps, " " in built.path, built.path.isascii(), built.path.isprintable()),
        "the query": (_names(built.query), built.query.isascii() and built.query.isprintable(), "#" in built.query),
        "the body": _body(built.body),
        "the headers": sorted(built.headers),
    }


def _names(query: str) -> list[str]:
    return [name for name, _ in parse_qsl(query, keep_blank_values=True)]


def _body(body: bytes) -> Any:
    if body[:1] in (b"{", b"["):
        try:
            return _keys(json.loads(body))
        except ValueError:
            return "no JSON"
    return _names(body.decode("utf-8", "replace"))


def _keys(value: Any) -> Any:
    """A document's keys and nesting, without its values."""
    if isinstance(value, dict):
        return {key: _keys(inner) for key, inner in value.items()}
    return [_keys(inner) for inner in value] if isinstance(value, list) else None
