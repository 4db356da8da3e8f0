"""The audit of dependencies: holes are told, and a question that nobody answered is never taken for good news."""

from __future__ import annotations

import json

import pytest

from tests.project.audit import KNOWN, LOCKS, NONE_KNOWN, NOT_ASKED, ROOT, command, ends_with, told, verdict_of

CLEAN = {"name": "a", "version": "1", "vulns": []}
HOLED = {"name": "b", "version": "2", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found and could not be audited"}


def report(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(report(CLEAN), NONE_KNOWN, id="nothing is known"),
        pytest.param(report(CLEAN, HOLED), KNOWN, id="a hole"),
        pytest.param(report(CLEAN, SKIPPED), NOT_ASKED, id="a package that the service was not asked about"),
        pytest.param(report(HOLED, SKIPPED), KNOWN, id="a hole weighs more"),
        pytest.param(report(), NOT_ASKED, id="no package at all"),
        pytest.param("", NOT_ASKED, id="no answer"),
        pytest.param("<html>", NOT_ASKED, id="a page"),
    ],
)
def test_how_it_ends(text: str, code: int) -> None:
    assert ends_with([verdict_of(text)]) == code


def test_people_read_what_is_wrong_and_what_could_not_be_asked() -> None:
    lines = "\n".join(told("x.lock", verdict_of(report(CLEAN, HOLED, SKIPPED))))
    assert "2 packages asked about, 1 known holes, 1 not answered" in lines
    assert "HOLE b 2: CVE-2026-1, mended in 2.1" in lines
    assert "COULD NOT ASK about 1" in lines
    assert "no route" in "\n".join(told("x.lock", verdict_of("", "error:\nno route\n")))


def test_a_mirror_is_asked_where_one_is_named() -> None:
    words = command("x.lock", "http://mirror.example/v1/query")
    assert words[words.index("--osv-url") + 1] == "http://mirror.example/v1/query"
    assert words[words.index("--vulnerability-service") + 1] == "osv"
    assert "--osv-url" not in command("x.lock")


def test_every_lock_is_asked_about() -> None:
    assert {path.name for path in ROOT.glob("requirements-*.lock")} == set(LOCKS)
