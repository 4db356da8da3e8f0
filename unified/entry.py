"""What an adapter says about orders over a socket: which connection, how requests and answers stand in frames.

The contract only, like `feeds.py`: nothing here opens a socket (`asking.py` does) or chooses a way (`wiring.py` does).
A request over a socket is an `HttpRequest` whose base is a ws address and whose body is the frame but for what belongs
to the connection (its number, a token); its answer is an `HttpResponse`. So an operation has one endpoint for each way,
and everybody above the transport, errors and limits included, sees no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from attrs import field

from unified.adapter import Adapter, Endpoint, Endpoints
from unified.feeds import AnyLine, Ending, LineDialect, LoggedIn, LoginRefused, Reply
from unified.http import HttpRequest
from unified.operations import Operation
from unified.values import frozen


class Answered(NamedTuple):
    """A request of ours was answered, for good or ill: what stands in the frame, in the form of an HTTP answer."""

    number: int
    """That of the request."""
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {}
    """Names in lower case."""


EntryEvent = Answered | LoggedIn | LoginRefused | Ending | Reply


class EntryDialect(LineDialect, Protocol):
    """One connection for orders, spoken without I/O. Made anew for every connection."""

    def ask(self, number: int, request: HttpRequest, access: Any) -> str:
        """The frame of a request. No other of this connection has its number; `access` is the line's, if it has one."""
        ...

    def receive(self, frame: str | bytes) -> Iterable[EntryEvent]:
        """What a frame says. After an answer that says the login is over, the dialect adds `Ending`."""
        ...


@frozen(kw_only=True, eq=False)
class EntryLine(AnyLine):
    """One kind of connection for orders."""

    dialect: Callable[[], EntryDialect]
    most_under_way: int = 100
    """Requests of one connection that wait for their answers; others wait for their turn."""

    @property
    def place(self) -> str:
        """Path and query of every request that goes over it."""
        return self.path(None)


@frozen(kw_only=True)
class Entry:
    """What a venue takes over sockets."""

    lines: tuple[EntryLine, ...] = ()
    endpoints: Endpoints = field(factory=dict)
    """Stand in for those of the same operation and product. What is not among them goes over HTTP as ever."""


NO_ENTRY = Entry()


def entry_of(adapter: Adapter) -> Entry:
    """What the adapter takes over sockets; nothing where it says nothing about it."""
    found: Entry = getattr(adapter, "entry", NO_ENTRY)
    return found


def where(fits: Callable[[Any], bool], socket: Endpoint[Any, Any], http: Endpoint[Any, Any]) -> Endpoint[Any, Any]:
    """The endpoint of an operation of which only some can be said over the socket; the others go over HTTP."""

    def chosen(operation: Operation[Any]) -> Endpoint[Any, Any]:
        return socket if fits(operation) else http

    return Endpoint(
        build=lambda operation, stamp: chosen(operation).build(operation, stamp),
        parse=lambda operation, response: chosen(operation).parse(operation, response),
        charges=lambda operation, time_ms: chosen(operation).charges(operation, time_ms),
        door=socket.door,
        signed=True,
        example=f"{socket.example}, or {http.example}",
    )
