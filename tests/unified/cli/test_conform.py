from __future__ import annotations

import json

import pytest

from unified.cli import conform as command
from unified.cli.app import run
from unified.testing.conformance import RULES, Report
from unified.testing.conformance.rules import BUILD, CODES, Finding


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the kit finds, as the test wants it."""
    findings: list[Finding] = []

    def judged(name: str, _material: object) -> Report:
        return Report(venue=name, implemented={}, missing={}, findings=findings, skipped={BUILD: "no reason"})

    monkeypatch.setattr(command, "judged", judged)
    return findings


def test_the_exit_status_says_pass_or_fail(report: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conform", "Tiny"]) == 0
    assert "tiny keeps all" in capsys.readouterr().out
    report.append(Finding(CODES, "code 7", "no hint"))
    assert run(["conform", "tiny"]) == 1
    assert "code 7: no hint" in capsys.readouterr().out


def test_json_names_every_rule_with_its_place(report: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    report.append(Finding(CODES, "code 7", "no hint"))
    assert run(["conform", "tiny", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["passed"] is False
    states = {rule["name"]: rule["state"] for rule in told["rules"]}
    assert len(states) == len(RULES)
    assert (states[CODES.name], states[BUILD.name]) == ("broken", "not judged")
    assert told["findings"] == [{"rule": CODES.name, "place": CODES.place, "where": "code 7", "problem": "no hint"}]


def test_an_adapter_that_is_not_installed_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conform", "nowhere"]) == 2
    assert "is not installed" in capsys.readouterr().err
