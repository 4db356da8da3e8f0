from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unified.testing.conformance.mutants import declaring, subject, told
from unified.catalogue import Catalogue
from unified.testing.conformance import codes
from unified.testing.conformance.rules import CODES

HEAD = "code,surface,http,contains,name,kind,outcome,scope,hint,sure"
GOOD = [
    "1,,,,,rate_limited,,ip,Too many. Wait.,yes",
    "2,,,,,bad_signature,,key,Wrong. Check the secret.,yes",
    "3,,,,,bad_credentials,,key,Wrong. Check the key.,yes",
    "4,,,,,insufficient_funds,,order,Too little. Place less.,yes",
    "5,,,,,order_not_found,,order,Not there. Look again.,yes",
    "6,,,,,duplicate_order,,order,Twice. It is looked up.,yes",
]


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is said of a catalogue with these lines."""

    def judged(*lines: str, head: str = HEAD) -> str:
        file = tmp_path / "errors.csv"
        file.write_text("\n".join((head, *lines)) + "\n")
        monkeypatch.setattr(codes, "catalogue_file", lambda _adapter: file)
        catalogue = Catalogue(file)

        def fault(self: Any, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Any:
            return catalogue.fault(code, message=message, http_status=http_status, surfaces=(surface,))

        return told(codes.codes(subject(declaring(fault=fault))), CODES)

    return judged


def test_good_catalogues_are_let_pass(found: Any) -> None:
    assert list(codes.codes(subject())) == []
    assert found(*GOOD) == ""


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param([*GOOD[1:], GOOD[0]], "is not sorted", id="an unsorted catalogue"),
        pytest.param([*GOOD, "7,,,,,nonsense,,order,No.,yes"], "cannot be read", id="a kind that there is not"),
        pytest.param([*GOOD, GOOD[5]], "two lines with the same conditions", id="a line twice"),
        pytest.param(GOOD[1:], "rate_limited: no line has this kind", id="a kind that is needed"),
        pytest.param(GOOD[:5], "duplicate_order: no line", id="no duplicate"),
        pytest.param(
            [*GOOD, "7,,,,,duplicate_order,not_sent,order,Twice.,yes"], "says not_sent", id="a duplicate as not sent"
        ),
        pytest.param(
            [*GOOD, "7,,,,,rate_limited,done,ip,Wait.,yes"], "says done for rate_limited", id="throttled as done"
        ),
        pytest.param(
            [*GOOD, "7,,,,,rate_limited,rejected,ip,Wait.,yes"], "that its kind has anyway", id="an outcome too much"
        ),
        pytest.param([*GOOD, "7,,,,,rate_limited,,ip,wait,yes"], "no short sentence", id="a hint that is none"),
    ],
)
def test_a_mutant_is_found(found: Any, lines: list[str], problem: str) -> None:
    assert problem in found(*lines)


def test_a_catalogue_that_is_not_asked_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "errors.csv"
    file.write_text("\n".join((HEAD, "mine,,,,,rate_limited,,ip,Wait.,yes")) + "\n")
    monkeypatch.setattr(codes, "catalogue_file", lambda _adapter: file)
    assert "but fault() tells unknown" in told(codes.codes(subject()), CODES)


def test_a_missing_file_is_the_first_thing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "catalogue_file", lambda _adapter: None)
    assert "errors.csv: is missing" in told(codes.codes(subject()), CODES)
