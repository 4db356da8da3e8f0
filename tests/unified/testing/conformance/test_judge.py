from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.unified.testing.conformance import (
    test_account_stories,
    test_doubt_stories,
    test_order_stories,
    test_own_stream_stories,
    test_public_stories,
    test_refusal_stories,
    test_stream_stories,
)
from tests.unified.testing.conformance.mutants import declaring
from unified.errors import ConfigurationError
from unified.testing.conformance import Material, conform
from unified.testing.conformance.judge import STORIES, with_sandbox
from unified.testing.conformance.rules import ANSWERS, EVIDENCE, LIMITS, NAMES, ORDERS, PLACEMENT
from unified.testing.conformance.stage import Story
from unified_paper import Paper
from unified_paper.venue import PaperDialect

MUTANTS = (
    *test_public_stories.MUTANTS,
    *test_account_stories.MUTANTS,
    *test_order_stories.MUTANTS,
    *test_refusal_stories.MUTANTS,
    *test_doubt_stories.MUTANTS,
    *test_stream_stories.MUTANTS,
    *test_own_stream_stories.MUTANTS,
)


def test_an_installed_adapter_brings_its_sandbox() -> None:
    assert with_sandbox("paper", Material()).sandbox is PaperDialect
    assert with_sandbox("nowhere", Material()).sandbox is None


def test_a_class_is_judged_by_what_is_given() -> None:
    report = conform(Paper)
    assert report.skipped[ORDERS] == "no sandbox is installed"
    assert report.skipped[ANSWERS] == "there is neither a recording nor a sandbox"
    assert {finding.rule for finding in report.findings} == {EVIDENCE}
    assert len(report.findings) == len(Paper.products) * 20


def test_recordings_are_evidence(tmp_path: Path) -> None:
    (tmp_path / "server_time.http").write_text('GET /time HTTP/1.1\n\nHTTP/1.1 200\n\n{"time_us":1}\n')
    (tmp_path / "nonsense.http").write_text("GET /x HTTP/1.1\n\nHTTP/1.1 200\n\n{}\n")
    report = conform(Paper, Material(recordings=(tmp_path,)))
    assert not any(finding.where == "server_time spot" for finding in report.of(EVIDENCE))
    assert [finding.problem for finding in report.of(ANSWERS)] == ["no call of the table is named 'nonsense'"]


def test_what_cannot_be_judged_is_said() -> None:
    assert PLACEMENT not in conform(Paper).skipped
    with pytest.raises(ConfigurationError, match="is not installed"):
        conform("nowhere")


def without_a_mutant(stories: Iterable[Story], mutants: Iterable[Any]) -> list[str]:
    """Stories that nobody has shown to find anything."""
    found = {mutant.values[0] for mutant in mutants}
    return [item.name for item in stories if item.name not in found]


def test_every_story_has_a_mutant_that_it_finds() -> None:
    assert without_a_mutant(STORIES, MUTANTS) == []


def test_control_a_story_without_a_mutant_is_named() -> None:
    others = [mutant for mutant in MUTANTS if mutant.values[0] != "position mode"]
    assert without_a_mutant(STORIES, others) == ["position mode"]


def test_a_mutant_fails_at_the_right_place() -> None:
    report = conform(declaring(placement={}))
    assert [finding.where for finding in report.of(PLACEMENT)] == ["placement spot"]
    assert not report.passed


def test_an_adapter_that_cannot_be_made_is_told_so() -> None:
    (finding,) = conform(declaring(credential_fields=("key", "pin"))).findings
    assert (finding.rule, "AttributeError" in finding.problem) == (NAMES, True)


def test_an_adapter_that_breaks_a_check_is_told_at_its_rule() -> None:
    report = conform(declaring(limits=None))
    assert any("could not be judged to the end" in finding.problem for finding in report.of(LIMITS))
