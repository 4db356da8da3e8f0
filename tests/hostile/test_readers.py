"""Whatever comes in is a value or a clean error: every reader of the library against hostile answers and files."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from tests.hostile.bodies import answers, files
from tests.hostile.readers import Reader, answer_readers, file_readers
from tests.hostile.streams import STREAMING, frames, stream_readers
from unified.errors import Fault, Kind, VenueError
from unified.registry import installed
from unified.testing.hostile import HostileBody, from_scratch

FILES = (
    "configuration", "journal", "journal command", "records", "limits handed on", "catalogue", "plain body",
    "gzip body", "recorded answer", "recorded answer as JSON",
)  # fmt: skip
SCRATCH = len(list(from_scratch()))
SMALL = 50_000
"""Bytes above which a body is fed to a few readers only: all of them share the same first step."""


@pytest.mark.parametrize("venue", installed())
def test_every_answer_is_a_value_or_a_venue_error(venue: str) -> None:
    readers = list(answer_readers(venue))
    assert len(readers) > 20
    for number, hostile in enumerate(answers(venue, seed=1, count=12)):
        few = len(hostile.body) > SMALL
        for reader in readers[-4:] if few else readers[number % 4 :: 4] if number > 80 else readers:
            survives(reader, hostile)


@pytest.mark.parametrize("venue", STREAMING)
def test_every_frame_is_read_or_is_a_venue_error(venue: str) -> None:
    readers = list(stream_readers(venue))
    assert len(readers) > 3
    for number, hostile in enumerate(frames(venue, seed=1, count=12)):
        for reader in readers if number < SCRATCH else readers[number % len(readers) :][:1]:
            survives(reader, hostile)


def test_there_are_streams_to_be_fed() -> None:
    assert {"binance", "bybit", "coinbase", "kraken", "okx"} <= set(STREAMING)


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_read_or_refused_cleanly(name: str, tmp_path: Path) -> None:
    (reader,) = (one for one in file_readers(tmp_path) if one.name == name)
    for hostile in files(seed=1, count=150):
        survives(reader, hostile)


def test_every_adapter_refuses_settings_that_make_no_sense(tmp_path: Path) -> None:
    readers = [one for one in file_readers(tmp_path) if one.name.endswith("settings")]
    assert len(readers) >= 6
    for hostile in files(seed=2, count=10):
        for reader in readers:
            survives(reader, hostile)


def survives(reader: Reader, hostile: HostileBody) -> None:
    try:
        reader.survives(hostile.body)
    except AssertionError as failed:
        raise AssertionError(f"{hostile.about}: {failed}; the body begins {hostile.body[:200]!r}") from failed


def test_memory_grows_with_the_body_by_a_known_factor_and_no_faster() -> None:
    """What lets a transport promise three times its cap for all of it (tests/unified/test_weight.py)."""
    for hostile in from_scratch():
        if len(hostile.body) > SMALL:
            for venue in ("kraken", "okx"):
                assert _peak(next(answer_readers(venue)), hostile) < 20, hostile.about


def _peak(reader: Reader, hostile: HostileBody) -> float:
    """Bytes held at once for each byte of the body."""
    survives(reader, hostile)  # reads the catalogue, once
    tracemalloc.start()
    try:
        survives(reader, hostile)
        return tracemalloc.get_traced_memory()[1] / len(hostile.body)
    finally:
        tracemalloc.stop()


# --- negative controls


def _raises(error: Exception) -> Reader:
    def read(_body: bytes) -> object:
        raise error

    return Reader("a reader", read)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(KeyError("data"), id="a crash"),
        pytest.param(RecursionError(), id="a stack that ran out"),
        pytest.param(ValueError("x"), id="an error of another kind"),
    ],
)
def test_control_a_reader_that_crashes_is_found(error: Exception) -> None:
    with pytest.raises(AssertionError, match="a reader"):
        survives(_raises(error), HostileBody("nothing", b""))


def test_control_a_clean_error_is_none() -> None:
    survives(_raises(VenueError.of(Fault(kind=Kind.MALFORMED_RESPONSE))), HostileBody("nothing", b""))
