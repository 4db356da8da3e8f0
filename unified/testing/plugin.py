"""A pytest plugin: every rule of the contract as a test of an adapter. Judges nothing itself, see `conformance`.

In the `conftest.py` of a project that holds an adapter:

    pytest_plugins = ["unified.testing.plugin"]

and in one of its test files (`recordings` is a folder beside the file; leave it out where there is none):

    @pytest.mark.unified_adapter("tiny", recordings="recordings")
    def test_the_contract_is_kept(kept: Kept) -> None:
        assert not kept.problems, kept.told

A class that is not installed is judged too: `unified_adapter(adapter=Tiny, sandbox=TinySandbox)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from unified.testing.conformance import RULES, Material, Report, Rule, conform

MARK = "unified_adapter"


@frozen
class Kept:
    """What the kit says of one rule."""

    rule: Rule
    report: Report

    @property
    def problems(self) -> tuple[str, ...]:
        """Empty where the rule is kept."""
        return tuple(map(str, self.report.of(self.rule)))

    @property
    def told(self) -> str:
        """The problems, and where the contract says so."""
        return "\n".join((f"{self.rule.name}: see {self.rule.place}", *self.problems))


_REPORTS = pytest.StashKey[dict[tuple[Any, ...], Report]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known, and a place for the reports: each adapter is judged once."""
    config.addinivalue_line(
        "markers", f"{MARK}(adapter, recordings=(), sandbox=None): judge this adapter by every rule"
    )
    config.stash[_REPORTS] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each adapter that is marked and each rule."""
    if "kept" not in metafunc.fixturenames:
        return
    marks = list(metafunc.definition.iter_markers(MARK))
    if not marks:
        raise pytest.UsageError(f"{metafunc.definition.nodeid} uses `kept`: mark it with @pytest.mark.{MARK}(NAME)")
    metafunc.parametrize(
        "kept",
        [
            pytest.param((_adapter_of(mark), mark.kwargs, rule), id=f"{_called(_adapter_of(mark))}: {rule.name}")
            for mark in reversed(marks)
            for rule in RULES
        ],
        indirect=True,
    )


def _adapter_of(mark: pytest.Mark) -> Any:
    """Its name, or the class: pytest would mark a class that stands alone, so that comes with its keyword."""
    return mark.args[0] if mark.args else mark.kwargs["adapter"]


def _called(adapter: Any) -> str:
    return str(getattr(adapter, "venue", adapter))


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Kept:
    """The judgement of one rule; skips what could not be judged, saying why."""
    adapter, kwargs, rule = request.param
    report = _report(request, adapter, kwargs)
    if rule in report.skipped and not report.of(rule):
        pytest.skip(report.skipped[rule])
    return Kept(rule, report)


def _report(request: pytest.FixtureRequest, adapter: Any, kwargs: Mapping[str, Any]) -> Report:
    folders = kwargs.get("recordings", ())
    folders = (folders,) if isinstance(folders, str | Path) else tuple(folders)
    sandbox = kwargs.get("sandbox")
    reports, key = request.config.stash[_REPORTS], (adapter, folders, sandbox)
    if key not in reports:
        here = request.path.parent
        reports[key] = conform(adapter, Material(recordings=tuple(here / name for name in folders), sandbox=sandbox))
    return reports[key]
