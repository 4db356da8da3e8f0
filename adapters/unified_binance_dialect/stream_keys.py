"""Streams of an account behind a listen key: the key's calls, and the connection that the key opens. Opens no socket.

A key lives for an hour and is renewed before; the connection that was opened with it brings everything. Whose rows say
what, each venue's reader knows.

Source: binance-us-api-docs user-data-stream.md at 6b62304 (2024-06-17); USD-M "User Data Streams" (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import field

from unified.feeds import Event, Gap, Ticket
from unified.operations import Operation, Priority
from unified.secret import Secret
from unified.values import frozen
from unified.watches import Watch
from unified.wire import Json, obj, text
from unified_binance_dialect.rows import Row
from unified_binance_dialect.stream import MarketStream, frame_of
from unified_binance_dialect.stream_account import Watched

Read = Callable[[Watched, Row], Iterable[Event]]
"""What an event of an account says to those who watch."""

# --- the listen key


class StartUserStream(Operation[Secret]):
    """A listen key for an hour; while there is one the venue answers the same and lets it live for another hour."""

    __slots__ = ()
    name = "start_user_stream"
    priority = Priority.PRIVATE_READ


@frozen(kw_only=True)
class KeepUserStream(Operation[None]):
    """Let the listen key live for another hour. `session_expired` where it is over."""

    name = "keep_user_stream"
    priority = Priority.PRIVATE_READ
    key: Secret = field(eq=False)


def parse_started(_operation: StartUserStream, answer: Json) -> Secret:
    return Secret(text(obj(answer), "listenKey"))


def parse_kept(_operation: KeepUserStream, answer: Json) -> None:
    """The key again, or nothing; a refusal has been raised before."""
    obj(answer)


# --- the connection


class KeyedStream:
    """One connection to a listen key's path."""

    def __init__(self, requests: MarketStream, read: Read) -> None:
        self._requests, self._read = requests, read
        """The first words the pings: any request is answered on this path too."""
        self._watched = Watched()

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Nothing: the path holds the key."""
        return ()

    def ping(self) -> str | None:
        return self._requests.ping()

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """Nothing: the key brings everything."""
        self._watched.add(watches)
        return ()

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        self._watched.drop(watches)
        return ()

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        said = frame_of(frame)
        row = said.get("data", said)
        match row.get("e"):
            case None:
                return self._requests.receive(frame)
            case "listenKeyExpired":
                return (Gap(None, "the listen key has expired"),)
        return self._read(self._watched, row)
