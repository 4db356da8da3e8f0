"""The file under a journal: ours alone, whole after a crash, closed to others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unified.disk import FileDisk
from unified.errors import ConfigurationError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.journal"


async def test_what_is_appended_and_stored_stands_in_its_order(path: Path) -> None:
    disk = FileDisk(path)
    disk.append(b"one ")
    await disk.store(b"two ")
    disk.append(b"three")
    assert (disk.read(), disk.size, disk.name) == (b"one two three", 13, str(path))
    disk.close()


def test_a_torn_end_is_cut_and_writing_goes_on_there(path: Path) -> None:
    path.write_bytes(b"whole|tor")
    path.chmod(0o600)
    disk = FileDisk(path)
    disk.cut(6)
    disk.append(b"next")
    assert disk.read() == b"whole|next"
    disk.close()


def test_a_replaced_content_is_the_one_that_is_written_on(path: Path) -> None:
    disk = FileDisk(path)
    disk.append(b"much that is over")
    disk.replace(b"little ")
    disk.append(b"more")
    assert path.read_bytes() == disk.read() == b"little more"
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    disk.close()


def test_a_replacement_that_fails_leaves_the_old_content(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    disk = FileDisk(path)
    disk.append(b"old")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        disk.replace(b"new")
    disk.append(b" and on")
    assert path.read_bytes() == b"old and on"
    disk.close()


def test_a_second_writer_is_refused_until_the_first_has_closed(path: Path) -> None:
    first = FileDisk(path)
    with pytest.raises(ConfigurationError, match="another process writes it"):
        FileDisk(path)
    first.close()
    first.close()
    FileDisk(path).close()


def test_the_file_is_for_its_user_alone(path: Path) -> None:
    FileDisk(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        FileDisk(path)


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file or directory"):
        FileDisk(path.parent / "missing" / path.name)


async def test_a_write_that_the_system_takes_in_pieces_is_finished(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    disk = FileDisk(path)
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:2]))
    disk.append(b"in pieces, ")
    await disk.store(b"and safe")
    assert disk.read() == b"in pieces, and safe"
    disk.close()
