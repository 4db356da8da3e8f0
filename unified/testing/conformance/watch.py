"""An adapter that is looked at while a client uses it: what was asked, sent and answered is kept. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from attrs import evolve, field, frozen

from unified.adapter import Adapter, AdapterClass, AdapterSettings, Endpoint, How, Stamp
from unified.feeds import streams_of
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instruments, Product
from unified.operations import Operation
from unified.testing.conformance.transcripts import Transcript, recorded


@frozen(kw_only=True)
class Exchange:
    """One answer, what it answers, and whether it was read."""

    operation: Operation[Any]
    response: HttpResponse
    request: HttpRequest | None = None
    stamp: Stamp | None = None
    source: str
    """The file, or the sandbox."""


@frozen
class Watch:
    """What was seen."""

    exchanges: list[Exchange] = field(factory=list)
    asked: list[tuple[Operation[Any], Stamp, HttpRequest]] = field(factory=list)
    transcripts: list[Transcript] = field(factory=list)
    """Of all stream connections."""
    listings: dict[Product, Instruments] = field(factory=dict)
    """What a client made of the listings, several answers together where the venue tells them so."""

    def of(self, adapter: AdapterClass) -> AdapterClass:
        """The adapter class, watched."""
        return cast(AdapterClass, _WatchedClass(adapter, self))

    def built(self, operation: Operation[Any], stamp: Stamp, request: HttpRequest) -> None:
        self.asked.append((operation, stamp, request))

    def parsed(self, operation: Operation[Any], response: HttpResponse) -> None:
        asked = next((item for item in reversed(self.asked) if item[0] is operation), None)
        self.exchanges.append(
            Exchange(
                operation=operation,
                response=response,
                stamp=None if asked is None else asked[1],
                request=None if asked is None else asked[2],
                source="the sandbox",
            )
        )


class _WatchedClass:
    """Everything of the class, and a watched instance for each one that is made."""

    def __init__(self, adapter: AdapterClass, watch: Watch) -> None:
        self._adapter = adapter
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)

    def __call__(self, settings: AdapterSettings) -> Adapter:
        return cast(Adapter, _Watched(self._adapter(settings), self._watch))


class _Watched:
    """Everything of the instance; its endpoints and streams tell."""

    def __init__(self, adapter: Adapter, watch: Watch) -> None:
        self._adapter = adapter
        self.endpoints = {key: _told(how, watch) for key, how in adapter.endpoints.items()}
        self.streams = recorded(streams_of(adapter), watch.transcripts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)


def _told(how: How, watch: Watch) -> How:
    if not isinstance(how, Endpoint):
        return how
    return evolve(how, build=_telling_build(how.build, watch), parse=_telling_parse(how.parse, watch))


def _telling_build(
    build: Callable[[Any, Stamp], HttpRequest], watch: Watch
) -> Callable[[Operation[Any], Stamp], HttpRequest]:
    def told(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
        request = build(operation, stamp)
        watch.built(operation, stamp, request)
        return request

    return told


def _telling_parse(
    parse: Callable[[Any, HttpResponse], Any], watch: Watch
) -> Callable[[Operation[Any], HttpResponse], Any]:
    """A refused answer is kept like any other."""

    def told(operation: Operation[Any], response: HttpResponse) -> Any:
        watch.parsed(operation, response)
        return parse(operation, response)

    return told
