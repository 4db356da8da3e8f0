"""The judge of books by itself: venues by name, long runs in portions, and a status that tells what was found."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from benchmarks import books
from benchmarks.grounds import OKX


def test_many_frames_are_runs_of_different_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "_RUN_FRAMES", 300)
    parts = list(books.runs(OKX, 700))
    assert [round(part.frames, -2) for part in parts] == [300, 300, 100]
    assert parts[0] != parts[1], "another seed is another story"
    whole = books.together(parts)
    assert (whole.frames, whole.runs) == (sum(part.frames for part in parts), 3)


def test_one_venue_is_judged_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert books.main(["okx", "--frames", "400"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "okx spot: 0 of 40" in line


def test_a_client_that_believes_every_frame_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with books.blind():
        assert books.main(["okx", "--frames", "400"]) == 1
    assert ": 0 of" not in capsys.readouterr().out


def test_a_venue_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with patch.object(books, "runs") as never, pytest.raises(SystemExit):
        books.main(["atlantis"])
    never.assert_not_called()
    assert "no books are judged of atlantis; there are: kraken, okx" in capsys.readouterr().err
