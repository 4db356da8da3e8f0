"""A line for orders over the sockets of toy_stream: ["ask", number, body] is answered ["did", number, body]."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tests.toy_stream import ToyDialer, means
from unified.asking import Asking
from unified.entry import Answered, EntryEvent, EntryLine
from unified.errors import Fault, Kind
from unified.feeds import Ending, LoggedIn, LoginRefused, Reply, Ticket
from unified.http import HttpRequest, Method


class ToyEntry:
    """Its dialect."""

    def login(self, ticket: Ticket) -> Sequence[str]:
        return ['["login"]']

    def ask(self, number: int, request: HttpRequest, access: Any) -> str:
        return json.dumps(["ask", number, request.body.decode(), access])

    def ping(self) -> str | None:
        return '["ping"]'

    def receive(self, frame: str | bytes) -> Iterable[EntryEvent]:
        match json.loads(frame):
            case ["did", number, body]:
                return [Answered(number, body.encode())]
            case ["over", number]:
                return [Answered(number, b"log in"), Ending("the login is over")]
            case ["in"]:
                return [LoggedIn()]
            case ["out", kind]:
                return [LoginRefused(Fault(kind=Kind(kind)))]
            case ["end"]:
                return [Ending("a restart")]
            case ["say", words]:
                return [Reply(words)]
        return []


def entry_line(**changes: Any) -> EntryLine:
    facts: dict[str, Any] = {"name": "toy", "dialect": ToyEntry, "path": lambda _access: "/v1", "silence": 5.0}
    return EntryLine(**{**facts, **changes})


def request(body: str = "buy") -> HttpRequest:
    return HttpRequest(method=Method.POST, base="wss://toy", path="/v1", body=body.encode())


class Room:
    """One connection, its socket and its strays."""

    def __init__(self, **changes: Any) -> None:
        self.dialer = ToyDialer()
        self.strays: list[int] = []
        self.spent: list[Any] = []
        self.asking = Asking(
            entry_line(**changes), "wss://toy", "main", means(self.dialer, self.spent), self.strays.append
        )
