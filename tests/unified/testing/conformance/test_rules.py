from __future__ import annotations

from tests.documents import DOCS
from unified.testing.conformance.rules import BUILD, CODES, PAGE, RULES, Finding, Report


def report(*findings: Finding, **changes: object) -> Report:
    values = {"venue": "tiny", "implemented": {"spot": ["ticker"]}, "missing": {"spot": ["book"]}, "skipped": {}}
    return Report(findings=findings, **{**values, **changes})  # type: ignore[arg-type]


def test_every_rule_stands_in_the_contract() -> None:
    page = (DOCS / PAGE.removeprefix("docs/")).read_text(encoding="utf-8")
    headings = {line.lstrip("# ") for line in page.splitlines() if line.startswith("#")}
    assert {rule.heading for rule in RULES} - headings == set()


def test_no_two_rules_have_one_name() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_report_says_what_is_there_what_is_missing_and_where_to_begin() -> None:
    broken = report(Finding(CODES, "code 7", "no hint"), Finding(BUILD, "ticker spot", "differs"))
    lines = "\n".join(broken.lines())
    assert not broken.passed
    assert "implemented  ticker" in lines
    assert "not offered  book" in lines
    assert "code 7: no hint" in lines
    assert lines.endswith(f"breaks 2 of {len(RULES)} rules. Begin with: {BUILD.name} ({BUILD.place}).")


def test_a_report_without_findings_has_passed() -> None:
    kept = report(skipped={BUILD: "nothing to build"})
    assert kept.passed
    assert f"-  {BUILD.name}: not judged, nothing to build" in list(kept.lines())
    judged = len(RULES) - 1
    assert list(kept.lines())[-1] == (
        f"tiny keeps all {judged} rules that were judged; not judged, for the reasons above: 1."
    )
    assert list(report().lines())[-1] == f"tiny keeps all {len(RULES)} rules of the contract."
