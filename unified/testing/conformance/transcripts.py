"""What was said on a stream connection, turn by turn, so that it can be said again. Judges nothing.

A dialect remembers nothing but what it was told, so the same turns on a fresh one must bring the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from attrs import define, evolve, field, frozen

from unified.feeds import Event, Feed, Line, StreamDialect, Streams, Ticket
from unified.watches import Watch

RECEIVE = "receive"


@frozen
class Turn:
    """One call of a dialect."""

    name: str
    arguments: tuple[Any, ...]
    told: tuple[str, ...] = ()
    """The frames that it gave."""

    @property
    def frame(self) -> str | bytes | None:
        """What the venue said, if this was the venue's turn."""
        return self.arguments[0] if self.name == RECEIVE else None


@define(eq=False)
class Transcript:
    """One connection."""

    line: Line
    """As the adapter declares it."""
    turns: list[Turn] = field(factory=list)

    @property
    def watches(self) -> tuple[Watch[Any], ...]:
        """Everything that was subscribed."""
        found = [turn.arguments[0] for turn in self.turns if turn.name == "subscribe"]
        return tuple(dict.fromkeys(watch for watches in found for watch in watches))

    @property
    def frames(self) -> tuple[str | bytes, ...]:
        """Everything that the venue said."""
        return tuple(turn.frame for turn in self.turns if turn.frame is not None)

    def replayed(self, until: int) -> StreamDialect:
        """A fresh dialect that has been through the first turns."""
        dialect = self.line.dialect()
        for turn in self.turns[:until]:
            consumed(dialect, turn)
        return dialect


def consumed(dialect: StreamDialect, turn: Turn) -> list[Any]:
    """What a dialect answers to a turn: frames, or events."""
    return list(getattr(dialect, turn.name)(*turn.arguments))


def recorded(streams: Streams, transcripts: list[Transcript]) -> Mapping[Any, Feed]:
    """The table with lines whose connections leave transcripts. Feeds that shared a line share one still."""
    lines: dict[Line, Line] = {feed.line: _recorded(feed.line, transcripts) for feed in streams.values()}
    return {key: evolve(feed, line=lines[feed.line]) for key, feed in streams.items()}


def _recorded(line: Line, transcripts: list[Transcript]) -> Line:
    def made() -> StreamDialect:
        transcript = Transcript(line)
        transcripts.append(transcript)
        return cast(StreamDialect, _Recorder(line.dialect(), transcript.turns))

    return evolve(line, dialect=made)


class _Recorder:
    """A dialect that notes what it is told and what it answers."""

    def __init__(self, dialect: StreamDialect, turns: list[Turn]) -> None:
        self._dialect, self._turns = dialect, turns

    def login(self, ticket: Ticket) -> Sequence[str]:
        return self._noted("login", self._dialect.login(ticket), ticket)

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        return self._noted("subscribe", self._dialect.subscribe(watches, ticket), tuple(watches), ticket)

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        return self._noted("unsubscribe", self._dialect.unsubscribe(watches, ticket), tuple(watches), ticket)

    def ping(self) -> str | None:
        return self._dialect.ping()

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        self._turns.append(Turn(RECEIVE, (frame,)))
        return self._dialect.receive(frame)

    def _noted(self, name: str, frames: Sequence[str], *arguments: Any) -> Sequence[str]:
        self._turns.append(Turn(name, arguments, tuple(frames)))
        return frames
