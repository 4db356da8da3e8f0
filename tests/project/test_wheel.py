"""What is installed: the wheel holds the library, every adapter with its data, and the doors to them."""

from __future__ import annotations

import configparser
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = ["unified", *sorted(path.parent.name for path in (ROOT / "adapters").glob("*/__init__.py"))]
DIALECTS = {name for name in PACKAGES if name.endswith("_dialect")}
"""Adapters name them; nobody opens them by a door of their own (docs/decisions/0010)."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return ZipFile(built)


def entry_points(wheel: ZipFile) -> configparser.ConfigParser:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    parser = configparser.ConfigParser()
    parser.read_string(wheel.read(name).decode())
    return parser


def test_every_module_and_every_catalogue_is_in_it(wheel: ZipFile) -> None:
    held = set(wheel.namelist())
    wanted = {
        path.relative_to(root).as_posix()
        for root, folder in ((ROOT, "unified"), (ROOT / "adapters", "."))
        for pattern in ("*.py", "errors.csv")
        for path in (root / folder).rglob(pattern)
    }
    assert len(wanted) > 20
    assert wanted - held == set()


def test_nothing_else_is_in_it(wheel: ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if top.partition("_")[0] != "unified"} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_tells_type_checkers_that_it_is_typed(package: str, wheel: ZipFile) -> None:
    assert f"{package}/py.typed" in wheel.namelist()


def test_the_command_and_every_adapter_have_a_door(wheel: ZipFile) -> None:
    doors = entry_points(wheel)
    assert doors["console_scripts"]["unified"] == "unified.__main__:main"
    named = {target.partition(":")[0] for target in doors["unified.adapters"].values()}
    assert set(PACKAGES) - {"unified"} - DIALECTS <= named
    assert named & DIALECTS == set()


def test_the_license_is_in_it(wheel: ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("/LICENSE"))
    assert "The unified authors" in wheel.read(name).decode()


def test_the_readme_is_named_as_soon_as_there_is_one() -> None:
    assert ("readme" in PROJECT) is (ROOT / "README.md").exists()
