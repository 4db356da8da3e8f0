from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from itertools import count
from typing import Any

import pytest

from tests.unified.testing.conformance.mutants import heard, hearing, story, telling
from unified.feeds import News, Own
from unified.testing.conformance import own_stream_stories, stream_stories
from unified.testing.conformance.frames import damage, frames, samples, strangers, transcripts_of
from unified.testing.conformance.rules import Finding
from unified.testing.conformance.subject import Subject
from unified.wire import malformed
from unified_bybit import Bybit
from unified_kraken import Kraken

PLAYED = (
    story(stream_stories.STORIES, "watched again"),
    story(stream_stories.STORIES, "watched ticker"),
    story(own_stream_stories.STORIES, "own orders and fills"),
)
Check = Callable[[Subject], Iterable[Finding]]


@cache
def transcribed(adapter: Any) -> Subject:
    return heard(adapter, *PLAYED)


def of(mutant: Any, adapter: Any) -> Subject:
    """The mutant before the transcripts of the good adapter, said again by its own dialects."""
    good, bad = transcribed(adapter), heard(mutant)
    lines = {feed.line.name: feed.line for feed in bad.adapter.streams.values()}  # type: ignore[attr-defined]
    for transcript in good.transcripts:
        if transcript.line.name in lines:
            bad.transcripts.append(type(transcript)(lines[transcript.line.name], transcript.turns))
    return bad


_NUMBERS = count()


def by_chance(good: Any, frame: Any) -> Any:
    """What comes hangs on how often anything was heard before."""
    return [event for event in good.receive(frame) if next(_NUMBERS) % 2]


def strict(good: Any, frame: Any) -> Any:
    """A field that nobody knows is taken for an attack."""
    if "zzNew" in str(frame):
        raise malformed("what is this")
    return good.receive(frame)


def narrow(good: Any, frame: Any) -> Any:
    """A kind of frame that nobody knows ends the connection."""
    if "zz_" in str(frame):
        raise malformed("what is this")
    return good.receive(frame)


def crashing(good: Any, frame: Any) -> Any:
    try:
        json.loads(frame)
    except ValueError:
        raise RuntimeError("no JSON") from None
    return good.receive(frame)


class Hidden:
    def __repr__(self) -> str:
        raise RuntimeError("not to be shown")


def hidden(event: Any) -> Any:
    if isinstance(event, News):
        return event._replace(read=lambda _watch, _raw: Hidden())
    return event._replace(value=Hidden()) if isinstance(event, Own) else event


@pytest.mark.parametrize("check", [frames, strangers, damage], ids=lambda check: check.__name__)
@pytest.mark.parametrize("adapter", [Bybit, Kraken], ids=lambda adapter: adapter.venue)
def test_a_good_dialect_is_let_pass(adapter: Any, check: Check) -> None:
    assert list(check(transcribed(adapter))) == []


@pytest.mark.parametrize(
    ("check", "change", "problem"),
    [
        pytest.param(frames, by_chance, "said twice, brings", id="chance"),
        pytest.param(strangers, strict, "a field more", id="a field more is too much"),
        pytest.param(strangers, narrow, "of a kind that nobody knows", id="another kind is too much"),
        pytest.param(damage, crashing, "receive raises RuntimeError", id="a crash"),
        pytest.param(damage, telling(hidden), "raises RuntimeError when it is read", id="a value that cannot be shown"),
    ],
)
def test_a_mutant_is_found(check: Check, change: Any, problem: str) -> None:
    told = "\n".join(map(str, check(of(hearing(change, Bybit), Bybit))))
    assert problem in told


def test_an_ended_subscription_whose_frames_raise_is_found() -> None:
    def changed(good: Any, frame: Any) -> Any:
        topic = json.loads(frame).get("topic")
        if topic is not None and topic not in good._watches:
            raise LookupError(topic)
        return good.receive(frame)

    told = "\n".join(map(str, frames(of(hearing(changed, Bybit), Bybit))))
    assert "after the end of a subscription its frames raise LookupError" in told


def test_each_kind_of_connection_and_of_frame_is_looked_at_once() -> None:
    subject = transcribed(Kraken)
    chosen = transcripts_of(subject)
    assert 1 < len(chosen) < len(subject.transcripts)
    assert all(3 < len(samples(transcript)) < len(transcript.turns) / 3 for transcript in chosen)
