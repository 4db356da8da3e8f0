"""Frames of streams, offline: what was said on the sandbox's connections is said again, alike, damaged or changed.

A dialect may raise VenueError, and what `feeds.UNREADABLE` names; whatever it makes must be readable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import define, field

from unified.book import BookBuilder
from unified.errors import VenueError
from unified.feeds import (
    UNREADABLE,
    Delta,
    Event,
    Feed,
    News,
    Own,
    Snapshot,
    StreamDialect,
    Streams,
    streams_of,
    value_of,
)
from unified.testing.conformance.rules import FRAMES, STRANGERS, TORN_FRAMES, Finding
from unified.testing.conformance.subject import Subject
from unified.testing.conformance.transcripts import RECEIVE, Transcript, Turn, consumed
from unified.testing.hostile import HostileBody, damaged, from_scratch

COUNT = 40
"""Damaged copies of each kind of frame."""
_MOST = 3
"""Findings of a connection: more would say the same again."""


@define
class Reader:
    """What a consumer does with events: builds books and reads values."""

    streams: Streams
    books: dict[Any, BookBuilder] = field(factory=dict)

    def look(self, event: Event) -> Any:
        """The event as a value that can be compared. Raises VenueError; anything else is the adapter's fault."""
        match event:
            case Snapshot() | Delta():
                return self._book(event)
            case News():
                value = value_of(event)
                repr(value)
                return type(event), event.watch, event.key, value
            case Own():
                repr(event.value)
        return event

    def _book(self, event: Snapshot | Delta) -> Any:
        watch = event.watch
        feed: Feed = self.streams[type(watch), watch.product]
        if feed.book is None:
            return event
        builder = self.books.setdefault(watch, BookBuilder(watch, feed.book))
        try:
            step = builder.snapshot(event, 0.0) if isinstance(event, Snapshot) else builder.delta(event, 0.0)
        except UNREADABLE:  # the connection is made anew
            return None
        if not builder.available:
            return step
        shown = builder.book(watch.depth, lambda: 0.0)
        return step, shown.bids, shown.asks, shown.time


def transcripts_of(subject: Subject) -> list[Transcript]:
    """One of each kind: the shortest of those that subscribe the same kinds of watches on the same line."""
    found: dict[Any, Transcript] = {}
    for transcript in subject.transcripts:
        kinds = frozenset((type(watch), watch.product) for watch in transcript.watches)
        key = transcript.line.name, kinds
        if kinds and transcript.frames and (key not in found or len(transcript.turns) < len(found[key].turns)):
            found[key] = transcript
    return list(found.values())


# --- alike


def frames(subject: Subject) -> Iterator[Finding]:
    """Said again to a fresh dialect, every turn brings what it brought: nothing hangs on time or chance."""
    for transcript in transcripts_of(subject):
        yield from _alike(subject, transcript)
        yield from _after_the_end(transcript)


def _alike(subject: Subject, transcript: Transcript) -> Iterator[Finding]:
    one, other = transcript.line.dialect(), transcript.line.dialect()
    first, second = (Reader(streams_of(subject.adapter)) for _ in range(2))
    for turn in transcript.turns:
        said, again = _answers(one, turn, first), _answers(other, turn, second)
        if said != again:
            yield Finding(FRAMES, _where(transcript), f"{turn.name}, said twice, brings {said} and {again}")
            return
        if turn.name == RECEIVE and isinstance(said, VenueError):
            return  # a story has cut this frame


def _answers(dialect: Any, turn: Turn, reader: Reader) -> Any:
    """What comes of a turn, comparable: of an error its fault, of frames that bear chance in a signature nothing."""
    try:
        told = consumed(dialect, turn)
        return [reader.look(event) for event in told] if turn.name == RECEIVE else len(told)
    except VenueError as error:
        return error.fault
    except UNREADABLE as error:
        return type(error)


def _after_the_end(transcript: Transcript) -> Iterator[Finding]:
    """What still comes for a subscription that has ended harms nobody."""
    at = next(
        (number for number, turn in enumerate(transcript.turns) if turn.name == "unsubscribe"), len(transcript.turns)
    )
    begun = next((turn for turn in transcript.turns if turn.name == "subscribe"), None)
    if begun is None or at < 2:
        return
    half = at // 2
    dialect, going_on = transcript.replayed(half), transcript.replayed(half)
    try:
        dialect.unsubscribe(transcript.watches, begun.arguments[1])
        for turn in transcript.turns[half:at]:
            if turn.name == RECEIVE and _is_read(going_on, turn):
                consumed(dialect, turn)
    except Exception as error:
        about = f"after the end of a subscription its frames raise {type(error).__name__}: {error}"
        yield Finding(FRAMES, _where(transcript), about)


def _is_read(dialect: StreamDialect, turn: Turn) -> bool:
    """Whether the frame can be read at all: a story may have cut it."""
    try:
        consumed(dialect, turn)
    except (VenueError, *UNREADABLE):
        return False
    return True


def _where(transcript: Transcript) -> str:
    names = ", ".join(sorted({f"{watch.name} {watch.product}" for watch in transcript.watches}))
    return f"{transcript.line.name}: {names}"


# --- strangers


def strangers(subject: Subject) -> Iterator[Finding]:
    """Fields that are new change nothing, and kinds of frames that are new say nothing: venues add both unasked."""
    for transcript in transcripts_of(subject):
        found = [*_each(subject, transcript, _with_more), *_each(subject, transcript, _of_another_kind)]
        yield from (Finding(STRANGERS, _where(transcript), problem) for problem in found[:_MOST])


Change = Callable[[Any, "_Said"], str | None]
"""(a frame's content, what came of the frame itself) -> what is wrong with reading it changed."""


@define
class _Said:
    """A frame in its place: what came of it, and how it is said again changed."""

    came: Any
    said: Callable[[Any], Any]


def _each(subject: Subject, transcript: Transcript, change: Change) -> Iterator[str]:
    for at, frame in samples(transcript):
        content = _content(frame)
        if isinstance(content, dict):
            problem = change(content, _Said(_said(subject, transcript, at, frame), _again(subject, transcript, at)))
            if problem:
                yield problem


def _again(subject: Subject, transcript: Transcript, at: int) -> Callable[[Any], Any]:
    return lambda content: _said(subject, transcript, at, json.dumps(content))


def _said(subject: Subject, transcript: Transcript, at: int, frame: str | bytes) -> Any:
    """What comes of a frame in this place."""
    dialect, reader = transcript.line.dialect(), Reader(streams_of(subject.adapter))
    for turn in transcript.turns[:at]:
        _answers(dialect, turn, reader)
    return _answers(dialect, Turn(RECEIVE, (frame,)), reader)


def _with_more(content: Any, frame: _Said) -> str | None:
    came = frame.said(_grown(content))
    return None if came == frame.came else f"a field more in a frame changes what is read: {came}"


def _grown(value: Any) -> Any:
    if isinstance(value, dict):
        return {**{name: _grown(inner) for name, inner in value.items()}, "zzNew": {"a": ["1"]}}
    return [_grown(inner) for inner in value] if isinstance(value, list) else value


def _of_another_kind(content: Any, frame: _Said) -> str | None:
    strange = _renamed(content, 2)
    came = [] if strange == content else frame.said(strange)
    return None if came == [] else f"a frame of a kind that nobody knows brings {came}: {json.dumps(strange)[:120]}"


_WORD = re.compile(r"[A-Za-z][\w.@-]*")


def _renamed(value: Any, depth: int) -> Any:
    """The words near the top of a frame say what kind it is: each becomes one that nobody knows."""
    if isinstance(value, dict) and depth:
        return {name: _renamed(inner, depth - 1) for name, inner in value.items()}
    return f"zz_{value}" if isinstance(value, str) and _WORD.fullmatch(value) else value


# --- damage


def damage(subject: Subject, *, seed: int = 0, count: int = COUNT) -> Iterator[Finding]:
    """Each kind of frame damaged, in its place of the conversation."""
    for transcript in transcripts_of(subject):
        found: dict[str, str] = {}
        for number, (at, hostile) in enumerate(spoiled(transcript, seed=seed, count=count)):
            problem = fed(subject, transcript, at, hostile.body, as_text=number % 3 > 0)
            if problem:
                found.setdefault(problem, f"{problem} ({hostile.about})")
        yield from (Finding(TORN_FRAMES, _where(transcript), problem) for problem in list(found.values())[:_MOST])


def spoiled(transcript: Transcript, *, seed: int, count: int) -> Iterator[tuple[int, HostileBody]]:
    """Hostile frames and the turn in whose place they come."""
    places = samples(transcript)
    yield from ((places[0][0], hostile) for hostile in from_scratch())
    for at, frame in places:
        body = frame.encode() if isinstance(frame, str) else frame
        yield from ((at, hostile) for hostile in damaged(body, seed=seed + at, count=count))


def fed(subject: Subject, transcript: Transcript, at: int, body: bytes, *, as_text: bool) -> str:
    """What is wrong with reading a hostile frame in this place; empty where nothing is."""
    frame: str | bytes = body.decode("utf-8", "replace") if as_text else body
    dialect, reader = transcript.replayed(at), Reader(streams_of(subject.adapter))
    try:
        events = list(dialect.receive(frame))
    except (VenueError, *UNREADABLE):
        return ""
    except Exception as error:
        return f"receive raises {type(error).__name__}, not a VenueError"
    for event in events:
        try:
            reader.look(event)
        except VenueError:
            continue
        except Exception as error:
            return f"what {type(event).__name__} brings raises {type(error).__name__} when it is read"
    return ""


def samples(transcript: Transcript) -> Sequence[tuple[int, str | bytes]]:
    """The first frame of each kind with the turn in which it came."""
    found: dict[Any, tuple[int, str | bytes]] = {}
    for at, turn in enumerate(transcript.turns):
        if turn.frame is not None:
            found.setdefault(_kind(_content(turn.frame)), (at, turn.frame))
    return list(found.values())


def _content(frame: str | bytes) -> Any:
    try:
        return json.loads(frame)
    except ValueError:
        return frame


def _kind(value: Any, depth: int = 3) -> Any:
    """The names of a frame's fields, and the words near its top."""
    if isinstance(value, dict):
        return tuple((name, _kind(inner, depth - 1)) for name, inner in sorted(value.items())) if depth else "{}"
    if isinstance(value, list):
        return ("[]", _kind(value[0], depth - 1) if value and depth else None)
    return value if depth > 1 and isinstance(value, str) and _WORD.fullmatch(value) else type(value).__name__
