"""No recording is passed over in silence: every file is read here, or listed in `<venue>/unread_recordings.toml`.

How answers are read stands in test_recordings.py, and frames in test_stream_recordings.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.adapters.test_recordings import VENUES, read_of
from tests.adapters.test_stream_recordings import fields_of
from tests.adapters.test_stream_recordings import recordings as streams
from tests.shared import require_shared

HERE = Path(__file__).parent


def read(venue: str) -> set[str]:
    """The files of which something is made."""
    told = {f"{one.name}.json" for one in streams(venue) if fields_of(venue, one)[2]}
    return told | {one.recording.name for one in read_of(venue)}


def listed(venue: str) -> Mapping[str, list[str]]:
    """Files that are not read, by reason."""
    known: Mapping[str, list[str]] = tomllib.loads((HERE / venue / "unread_recordings.toml").read_text("utf-8"))
    return known


def mistakes(every: set[str], read: set[str], listed: Mapping[str, list[str]]) -> list[str]:
    """What a list says wrongly of the files of a venue."""
    names = [name for names in listed.values() for name in names]
    known = {
        "neither read nor listed": every - read - set(names),
        "listed, and read": read & set(names),
        "listed, and not there": set(names) - every,
        "listed twice": {name for name in names if names.count(name) > 1},
    }
    return [f"{name}: {what}" for what, found in known.items() for name in sorted(found)]


@pytest.mark.parametrize("venue", VENUES)
def test_every_recording_is_read_or_listed_with_a_reason(venue: str) -> None:
    folder = require_shared("corpus", venue)
    every = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert mistakes(every, read(venue), listed(venue)) == []


def test_control_what_a_list_says_wrongly_is_found() -> None:
    found = mistakes({"a", "b", "c"}, {"b"}, {"a reason": ["b", "c"], "another": ["c", "d"]})
    assert found == [
        "a: neither read nor listed",
        "b: listed, and read",
        "d: listed, and not there",
        "c: listed twice",
    ]
