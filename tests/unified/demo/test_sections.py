"""The configuration file of a run is one that every user could have written."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from unified import registry
from unified.config import load, sections
from unified.demo.sections import write_config
from unified.sandbox import registry as sandboxes
from unified.sandbox.dialect import Dialect, Setting
from unified.sandbox.registry import sandbox_class

VENUES = [name for name in sandboxes.installed() if name in registry.installed()]


def dialect(venue: str) -> Dialect:
    return sandbox_class(venue)(Setting(now=lambda: 0.0))


@pytest.mark.parametrize("venue", VENUES)
def test_a_section_opens_the_sandbox_of_its_venue(venue: str, tmp_path: Path) -> None:
    made = dialect(venue)
    urls = {door: f"http://127.0.0.1:{number}" for number, door in enumerate(made.doors, 1)}
    config = load(write_config(tmp_path, {venue: (made, urls)}), venue)
    assert (config.adapter, config.endpoint) == (venue, urls)
    assert config.credentials == made.accounts[0].credentials
    assert (config.orders.window_ms, config.orders.visibility) == (2000, 3.0)


def test_every_venue_has_its_section(tmp_path: Path) -> None:
    made = {venue: (dialect(venue), {"main": "http://127.0.0.1:1"}) for venue in VENUES}
    assert sections(write_config(tmp_path, made)) == tuple(VENUES)


def test_no_secret_stands_in_the_file_or_is_open_to_others(tmp_path: Path) -> None:
    file = write_config(tmp_path, {"paper": (dialect("paper"), {"main": "http://127.0.0.1:1"})})
    assert "paper-dummy-secret" not in file.read_text()
    secret = tmp_path / "paper.secret"
    assert secret.read_text() == "paper-dummy-secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
