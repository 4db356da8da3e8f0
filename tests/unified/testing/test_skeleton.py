from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.plugins import installed, run
from tests.shared import CHECKOUT
from unified.errors import ConfigurationError
from unified.testing.skeleton import checked, files, write


@pytest.mark.parametrize("name", ["Tiny", "9lives", "a", "tiny-venue", "../tiny", "", "x" * 40, "tiny "])
def test_a_name_that_no_venue_can_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="allowed are"):
        write(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(ConfigurationError, match="exists already; nothing was written"):
        write("tiny", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write("tiny", tmp_path / "file" / "inner")


def test_every_file_is_of_this_venue() -> None:
    assert checked("tiny") == "tiny"
    made = files("tiny")
    assert "unified_tiny/adapter.py" in made
    assert not [path for path, text in made.items() if "@" in text.replace("@pytest", "") or "{package}" in path]


def test_the_skeleton_passes_linter_formatter_and_type_checker(tmp_path: Path) -> None:
    write("tiny", tmp_path)
    for command in (("ruff", "check", "--no-cache"), ("ruff", "format", "--check", "--no-cache")):
        done = run(*command, ".", folder=tmp_path, path=str(CHECKOUT))
        assert done.returncode == 0, done.stdout + done.stderr
    done = run("mypy", "unified_tiny", "tests", folder=tmp_path, path=str(CHECKOUT))
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_installs_runs_and_fails_with_a_to_do_list(tmp_path: Path) -> None:
    write("tiny", tmp_path / "source")
    site = installed(tmp_path / "source", tmp_path)
    recordings = str(tmp_path / "source" / "tests" / "recordings")
    done = run("unified", "conform", "tiny", "--json", "--recordings", recordings, folder=tmp_path, path=str(site))
    report = json.loads(done.stdout)
    assert (done.returncode, report["passed"]) == (1, False)
    assert report["implemented"] == {"spot": ["server_time", "ticker"]}
    todo = {(found["where"], found["place"].rpartition(", ")[2]) for found in report["findings"]}
    assert todo >= {
        ("environments['production'].hosts['main']", "'Names and doors'"),
        ("instruments spot", "'The endpoint table'"),
        ("ticker spot", "'Recordings'"),
        ("rate_limited", "'Error codes'"),
        ("limits", "'Limits'"),
    }
    done = run("unified", "venues", "tiny", folder=tmp_path, path=str(site))
    assert "Tiny" in done.stdout
