"""Where a secret is kept, written as one word: `env:NAME`, `file:path`, `keyring:service/name`. Shows none.

Reads the environment, files and the keyring, on demand. `plain:...` is for dummies that unlock nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from unified.errors import ConfigurationError

_OTHERS = 0o077


def is_reference(text: str) -> bool:
    """Whether it says where something is kept, rather than being it."""
    scheme, colon, _ = text.partition(":")
    return bool(colon) and scheme in _READERS


def resolve(reference: str, folder: Path) -> str:
    """What is kept there, without blanks around it. Relative files are looked for in `folder`.

    Raises ConfigurationError if it is not there, is empty, or lies where others can read it.
    """
    if not is_reference(reference):
        raise ConfigurationError(
            "secrets are not written out; keep it elsewhere and say where: env:NAME, file:path or "
            "keyring:service/name (plain:... is for dummies)"
        )
    scheme, _, place = reference.partition(":")
    found = _READERS[scheme](place, folder).strip()
    if not found:
        raise ConfigurationError(f"{reference} is empty")
    return found


def expanded(path: str | Path) -> Path:
    """A path with its `~` written out. Raises ConfigurationError where that is nobody's home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigurationError(f"{path}: there is no such home") from None


def _from_environment(name: str, _folder: Path) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise ConfigurationError(f"the environment variable {name} is not set") from None


def _from_file(name: str, folder: Path) -> str:
    path = folder / expanded(name)
    try:
        with path.open(encoding="utf-8") as file:
            open_to_others = os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS
            text = "" if open_to_others else file.read()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the file {path} cannot be read ({type(error).__name__})") from None
    if open_to_others:
        raise ConfigurationError(f"the file {path} is open to other users; run: chmod 600 {path}")
    return text


def _from_keyring(place: str, _folder: Path) -> str:
    service, _, name = place.rpartition("/")
    if not service or not name:
        raise ConfigurationError(f"keyring:{place} must be written keyring:service/name")
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigurationError("keyring: references need the extra: pip install 'unified-trading[keyring]'") from None
    try:
        found = keyring.get_password(service, name)
    except KeyringError as error:
        raise ConfigurationError(f"the keyring cannot be read ({type(error).__name__})") from None
    if found is None:
        raise ConfigurationError(f"the keyring holds no {name!r} for the service {service!r}")
    return found


def _plain(text: str, _folder: Path) -> str:
    return text


_READERS: dict[str, Callable[[str, Path], str]] = {
    "env": _from_environment,
    "file": _from_file,
    "keyring": _from_keyring,
    "plain": _plain,
}
