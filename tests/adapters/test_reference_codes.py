"""Every code of the reference pages of the two plugged-in venues has a meaning that a user can ask for."""

from __future__ import annotations

import json

import pytest

from tests.shared import require_shared
from tests.unified.cli.typed import Shell
from unified.catalogue import NOT_HELD

PAGES = {"binanceus": 63, "bitzoom": 70}
"""Codes of each reference page, which the sheets repeat with some from elsewhere."""


def codes(venue: str) -> list[str]:
    listed = json.loads(require_shared("venues", f"{venue}.errors.json").read_text("utf-8"))
    return sorted({entry["code"] for entry in listed if entry["code"]})


@pytest.mark.parametrize("venue", PAGES)
def test_every_listed_code_is_explained(venue: str, capsys: pytest.CaptureFixture[str]) -> None:
    shell, asked = Shell(capsys), codes(venue)
    told = {code: shell("explain", venue, code, "--json").json for code in asked}
    assert len(asked) >= PAGES[venue]
    assert [code for code, found in told.items() if not found["known"] or found["hint"] in ("", NOT_HELD)] == []


def test_control_a_code_that_no_page_lists_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    said = Shell(capsys)("explain", "bitzoom", "-99999", "--json").json
    assert (said["known"], said["kind"], said["hint"]) == (False, "unknown", NOT_HELD)
