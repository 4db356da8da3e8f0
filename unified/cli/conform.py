"""`unified conform`: judge an adapter by the contract, offline. It is `unified.testing.conformance` that judges."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from unified.cli import jsons
from unified.testing.conformance import RULES, Material, Report
from unified.testing.conformance import conform as judged

EXAMPLES = """
unified conform okx
unified conform tiny --recordings tests/recordings
unified conform tiny --json | jq '.findings[].problem'
"""


def conform(
    adapter: Annotated[str, typer.Argument(metavar="NAME", help="An installed adapter, built-in or anybody's.")],
    recordings: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of recorded answers; may be given several times.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge an adapter by the contract, offline: what it can do, what is missing, what is wrong and where to read on.

    Its sandbox, if it ships one, is played in memory and in virtual time. Ends with status 1 where a rule is broken.
    """
    report = judged(adapter.strip().lower(), Material(recordings=tuple(recordings or ())))
    if as_json:
        jsons.emit(document(report))
    else:
        for line in report.lines():
            typer.echo(line)
    if not report.passed:
        raise typer.Exit(1)


def document(report: Report) -> dict[str, Any]:
    """The report as JSON has it: every rule with its place in the contract, and what was found."""
    return {
        "venue": report.venue,
        "passed": report.passed,
        "implemented": report.implemented,
        "missing": report.missing,
        "rules": [
            {
                "name": rule.name,
                "place": rule.place,
                "state": _state(report, rule.name),
                "why": next((why for skipped, why in report.skipped.items() if skipped is rule), ""),
            }
            for rule in RULES
        ],
        "findings": [
            {"rule": found.rule.name, "place": found.rule.place, "where": found.where, "problem": found.problem}
            for found in report.findings
        ],
    }


def _state(report: Report, name: str) -> str:
    if any(found.rule.name == name for found in report.findings):
        return "broken"
    return "not judged" if any(rule.name == name for rule in report.skipped) else "kept"
