"""References to secrets: what is kept there comes out, and nothing of it ever stands in an error."""

from __future__ import annotations

import sys
from pathlib import Path

import keyring
import pytest
from keyring.errors import KeyringLocked

from unified.errors import ConfigurationError
from unified.references import expanded, is_reference, resolve

CANARY = "c4n4ryS3cr3t"


def _ring(service: str, username: str) -> str | None:
    """A keyring in memory."""
    if service == "locked":
        raise KeyringLocked(CANARY)
    return CANARY if (service, username) == ("venue/main", "secret") else None


@pytest.fixture(autouse=True)
def _keepers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", _ring)
    monkeypatch.setenv("UNIFIED_TEST_SECRET", CANARY)
    monkeypatch.setenv("UNIFIED_TEST_EMPTY", " ")
    monkeypatch.delenv("UNIFIED_TEST_ABSENT", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text, mode in (
        ("good", f"{CANARY}\n", 0o600),
        ("group", CANARY, 0o640),
        ("world", CANARY, 0o604),
        ("empty", "\n", 0o600),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    (tmp_path / "binary").write_bytes(b"\xff\xfe" + CANARY.encode())
    (tmp_path / "binary").chmod(0o600)
    return tmp_path


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param("env:UNIFIED_TEST_SECRET", id="a variable"),
        pytest.param("file:good", id="a file beside the configuration"),
        pytest.param("keyring:venue/main/secret", id="the keyring, with a slash in the service"),
        pytest.param(f"plain:{CANARY}", id="a dummy written out"),
    ],
)
def test_what_is_kept_comes_out(reference: str, folder: Path) -> None:
    assert is_reference(reference)
    assert resolve(reference, folder) == CANARY


def test_a_file_may_be_named_from_the_root_or_from_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert resolve(f"file:{folder / 'good'}", Path("/nowhere")) == CANARY
    assert resolve("file:~/good", Path("/nowhere")) == CANARY


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        pytest.param(CANARY, "keep it elsewhere and say where: env:NAME", id="written out"),
        pytest.param(f"vault:{CANARY}", "keep it elsewhere and say where: env:NAME", id="an unknown keeper"),
        pytest.param("", "keep it elsewhere", id="nothing at all"),
        pytest.param("plain:", "plain: is empty", id="an empty dummy"),
        pytest.param("env:UNIFIED_TEST_ABSENT", "variable UNIFIED_TEST_ABSENT is not set", id="no such variable"),
        pytest.param("env:UNIFIED_TEST_EMPTY", "env:UNIFIED_TEST_EMPTY is empty", id="an empty variable"),
        pytest.param("file:absent", "absent cannot be read (FileNotFoundError)", id="no such file"),
        pytest.param("file:.", "cannot be read (IsADirectoryError)", id="a folder"),
        pytest.param("file:binary", "binary cannot be read (UnicodeDecodeError)", id="a file that is no text"),
        pytest.param("file:empty", "file:empty is empty", id="an empty file"),
        pytest.param("file:group", "run: chmod 600", id="a file open to the group"),
        pytest.param("file:world", "run: chmod 600", id="a file open to everybody"),
        pytest.param("keyring:venue", "must be written keyring:service/name", id="a keyring reference cut short"),
        pytest.param(
            "keyring:venue/key", "the keyring holds no 'key' for the service 'venue'", id="not in the keyring"
        ),
        pytest.param("keyring:locked/key", "the keyring cannot be read (KeyringLocked)", id="a locked keyring"),
    ],
)
def test_what_cannot_be_had_is_said_without_any_secret(reference: str, said: str, folder: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve(reference, folder)
    assert said in str(caught.value)
    assert CANARY not in str(caught.value)


def test_without_the_keyring_package_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigurationError, match=r"unified-trading\[keyring\]"):
        resolve("keyring:venue/main/secret", folder)


def test_a_home_that_is_nobodys_is_a_clean_error(tmp_path: Path) -> None:
    for reference in ("file:~no-such-user/secret", "file:a\x00b"):
        with pytest.raises(ConfigurationError):
            resolve(reference, tmp_path)
    assert expanded("~").is_absolute()
