"""Format, lint and types as tests, so that one command runs every check there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [name for name in ("unified", "adapters", "tests", "examples", "benchmarks") if any((ROOT / name).rglob("*.py"))]


@pytest.mark.parametrize(
    "check",
    [
        pytest.param(("ruff", "format", "--check"), id="every file is in its format"),
        pytest.param(("ruff", "check"), id="the linter finds nothing"),
        pytest.param(("mypy",), id="the type checker finds nothing"),
    ],
)
def test_the_code_passes(check: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *check, *CODE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
