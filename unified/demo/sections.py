"""Writes the configuration file of a run: one section a venue, in the form that every user writes. Reads nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from unified.sandbox.dialect import Dialect
from unified.secret import Secret

OPTIONS: Mapping[str, Mapping[str, str]] = {"kraken": {"tier": "pro"}}
"""What the sandbox's account is at the venue, where an adapter has to be told."""


def write_config(folder: Path, sandboxes: Mapping[str, tuple[Dialect, Mapping[str, str]]]) -> Path:
    """A file `unified.toml` with a section for each sandbox: venue -> its dialect and base URLs by door.

    Secrets go into files of their own, readable by the user alone, as they should for real ones.
    """
    file = folder / "unified.toml"
    file.write_text(
        "\n".join(_section(folder, venue, dialect, urls) for venue, (dialect, urls) in sandboxes.items()),
        encoding="utf-8",
    )
    return file


def _section(folder: Path, venue: str, dialect: Dialect, urls: Mapping[str, str]) -> str:
    credentials = dialect.accounts[0].credentials
    lines = [f"[{venue}]", f'adapter = "{venue}"', f"endpoint = {_table(urls)}", f"[{venue}.credentials]"]
    lines.append(f"key = {json.dumps(credentials.key)}")
    for name in ("secret", "passphrase"):
        value = getattr(credentials, name)
        if value is not None:
            lines.append(f'{name} = "file:{_keep(folder, f"{venue}.{name}", value)}"')
    if venue in OPTIONS:
        lines.append(f"[{venue}.options]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in OPTIONS[venue].items()]
    # Simulated venues hide a fresh order for two and a half seconds at most; a real one's figure would cost more time.
    lines += [f"[{venue}.orders]", "window_ms = 2000", "visibility = 3.0", "settle_on_close = 2.0", ""]
    return "\n".join(lines)


def _keep(folder: Path, name: str, secret: Secret) -> str:
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(secret.reveal(), encoding="utf-8")
    return name


def _table(urls: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{door} = {json.dumps(url)}" for door, url in urls.items()) + " }"
