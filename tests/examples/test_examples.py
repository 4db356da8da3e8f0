"""Every example runs, in virtual time, says what it promises and stays short."""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path

import pytest

from unified.testing.loop import run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SAYS = {
    "01_prices.py": "BTC/USDT: tick 0.01",
    "02_orders.py": "canceled: canceled",
    "03_errors.py": "Nearest allowed: 50000.12",
    "04_doubt.py": "each once",
    "05_one_word.py": "did you mean 'share'?",
    "06_watching.py": "wrong by at most",
    "07_prometheus.py": 'unified_attempts_total{kind="none",operation="ticker",outcome="done"}',
    "08_streams.py": "all of it: filled",
}


@pytest.mark.parametrize("name", sorted(SAYS))
def test_an_example_runs_and_says_what_it_promises(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(asyncio, "run", run)
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert SAYS[name] in capsys.readouterr().out


def test_every_example_is_tested_listed_and_short() -> None:
    found = {path.name for path in EXAMPLES.glob("*.py")}
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert found == set(SAYS)
    assert all(name in index for name in found)
    assert all(len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) < 60 for name in found)
