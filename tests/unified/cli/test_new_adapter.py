from __future__ import annotations

from pathlib import Path

import pytest

from unified.cli.app import run


def test_it_says_what_it_wrote_and_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new-adapter", "tiny"]) == 0
    told = capsys.readouterr().out
    assert "wrote unified-tiny/unified_tiny/adapter.py" in told
    assert "Then: unified conform tiny --recordings unified-tiny/tests/recordings" in told
    assert (tmp_path / "unified-tiny" / "pyproject.toml").is_file()
    assert run(["new-adapter", "tiny"]) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_name_that_is_taken_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new-adapter", "paper", "--folder", str(tmp_path / "p")]) == 0
    assert "is installed already" in capsys.readouterr().out


def test_a_wrong_name_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new-adapter", "No Name", "--folder", str(tmp_path)]) == 2
    assert "allowed are" in capsys.readouterr().err
