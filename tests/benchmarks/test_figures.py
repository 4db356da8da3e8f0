"""The figures in their quick form: every row is alive, and every promise that is not about CPU time holds."""

from __future__ import annotations

import pytest

from benchmarks.figure import QUICK, Figure
from benchmarks.figures import SERVICES, head, main, table

HELD = Figure(what="lost orders", required="0", measured="0 of 5", holds=True)
BROKEN = Figure(what="lost orders", required="0", measured="1 of 5", holds=False)
SLOW = Figure(what="CPU", required="2 us", measured="9 us", holds=False, by_machine=True)


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_service_promises_holds(service: str) -> None:
    figures = list(SERVICES[service](QUICK))
    assert figures
    assert [figure for figure in figures if not figure.holds and not figure.by_machine] == []


@pytest.mark.parametrize(
    ("figure", "status"),
    [
        pytest.param(HELD, 0, id="a promise that holds ends well"),
        pytest.param(BROKEN, 1, id="a promise that is broken ends with 1"),
        pytest.param(SLOW, 0, id="a slow machine breaks no promise"),
    ],
)
def test_the_status_tells_whether_all_promises_hold(
    figure: Figure, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("benchmarks.figures.SERVICES", {"one": lambda _sizes: iter([figure])})
    assert main(["--quick"]) == status
    printed = capsys.readouterr().out
    assert printed.startswith(head()[:10])
    assert figure.measured in printed


def test_a_broken_promise_stands_out() -> None:
    lines = list(table([("one", HELD), ("one", BROKEN), ("one", SLOW)]))[2:]
    assert [line.rsplit("|", 2)[1].strip() for line in lines] == ["yes", "**no**", "**no** (CPU)"]
