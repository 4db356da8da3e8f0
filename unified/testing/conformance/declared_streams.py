"""What an adapter declares of its streams: connections, watches, books, what they cost. Opens and reads nothing."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from urllib.parse import urlsplit

from unified.feeds import Feed, Line, streams_of
from unified.testing.conformance.rules import FEEDS, Finding
from unified.testing.conformance.subject import Subject
from unified.watches import Watch, WatchBook


def feeds(subject: Subject) -> Iterator[Finding]:
    """The table `streams` and the addresses of its lines."""
    table = streams_of(subject.adapter)
    for (watch, product), feed in table.items():
        where = f"streams[{watch.__name__}, {product}]"
        yield from (Finding(FEEDS, where, problem) for problem in _feed(watch, feed))
        if product not in subject.adapter_class.products:
            yield Finding(FEEDS, where, f"{product} is no product of the adapter")
    for line in {feed.line: None for feed in table.values()}:
        where = f"the line {line.name}"
        yield from (Finding(FEEDS, where, problem) for problem in (*_line(subject, line), *_costs(subject, line)))
    yield from _hosts(subject)


def _feed(watch: type[Watch[object]], feed: Feed) -> Iterator[str]:
    is_book = watch is WatchBook
    if is_book and feed.book is None:
        yield "has no BookRule: say how its books are joined"
    if not is_book and feed.book is not None:
        yield "has a BookRule, and is no book"
    if not feed.example:
        yield "has no example: name the venue's channel, for people"


def _line(subject: Subject, line: Line) -> Iterator[str]:
    if line.name not in subject.adapter.environment.streams:
        yield "is not in Environment.streams: nobody knows where it goes"
    if not (isfinite(line.silence) and line.silence > 0):
        yield f"silence is {line.silence}: a dead connection would never be noticed"
    if line.batch < 1 or line.most_watches < 1:
        yield f"batch {line.batch}, most_watches {line.most_watches}: both are at least 1"
    if line.upkeep is not None and line.access is None:
        yield "renews an access that it does not have"
    if line.access is not None and (type(line.access), line.access.product) not in subject.adapter.endpoints:
        yield f"its access {line.access.name} is not in the endpoint table"


def _costs(subject: Subject, line: Line) -> Iterator[str]:
    known = {limit.bucket for limit in subject.adapter.limits}
    costs = (*line.connect, *line.frame, *line.frame_weight, *(line.ping_cost or ()))
    for charge in costs:
        if charge.bucket not in known:
            yield f"is charged to {charge.bucket!r}, which is no bucket of the adapter's limits"


def _hosts(subject: Subject) -> Iterator[Finding]:
    for name, environment in subject.adapter_class.environments.items():
        for line, host in environment.streams.items():
            where, parts = f"environments[{name!r}].streams[{line!r}]", urlsplit(host.base)
            if parts.scheme not in ("wss", "ws") or not parts.netloc or parts.path or parts.query:
                yield Finding(FEEDS, where, f"{host.base!r} is no base address of a stream: wss:// and a host")
            if host.door not in environment.hosts:
                yield Finding(FEEDS, where, f"its door {host.door!r} is none of the environment's")
