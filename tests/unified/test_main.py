"""The door of the command line: what is typed, and what is said where the command line is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from unified.__main__ import main


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_module_runs_as_the_command_does() -> None:
    done = subprocess.run([sys.executable, "-m", "unified", "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.strip()[0].isdigit()


def test_what_was_typed_is_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["unified", "explain", "paper", "no-such-code", "--json"])
    assert main() == 0
    assert '"kind": "unknown"' in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_its_packages_it_says_in_one_line_how_to_get_them(missing: str) -> None:
    done = python(
        f"import sys; sys.modules[{missing!r}] = None; sys.argv = ['unified', '--help']\n"
        "from unified.__main__ import main; sys.exit(main())"
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "pip install 'unified-trading[cli]'" in done.stderr


def test_a_module_of_ours_that_is_missing_is_no_matter_of_packages() -> None:
    done = python(
        "import sys; sys.modules['unified.cli.app'] = None\nimport unified.__main__ as door\nsys.exit(door.main())"
    )
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_help_imports_neither_the_client_nor_http() -> None:
    code = (
        "import sys; from unified.cli.app import run; run(['--help']); "
        "print({'aiohttp', 'unified.client', 'cryptography', 'unified.sandbox.engine'} & set(sys.modules))"
    )
    assert python(code).stdout.rstrip().endswith("set()")
