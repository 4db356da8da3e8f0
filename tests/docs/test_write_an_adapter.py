"""The tutorial is followed from an empty folder: its blocks are the files of an adapter that keeps the contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.documents import DOCS, code_blocks
from tests.plugins import installed, run
from tests.shared import CHECKOUT
from tests.toy import order_of, placed
from unified.instrument import Instruments
from unified.operations import CancelAll, CancelOrder, FetchOpenOrders, Page
from unified.testing.conformance.rules import RULES
from unified.testing.tutorial_page import PLUGIN, files, with_files

PAGE = DOCS / "write-an-adapter.md"
WRITTEN = files(PAGE.read_text(encoding="utf-8"))


def written(folder: Path, texts: Mapping[str, str]) -> Path:
    """The folder as somebody has it who followed the page."""
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (folder / "unified_souk" / "py.typed").touch()
    return folder


@pytest.fixture(scope="module")
def souk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sources written from the page, and the place where they are installed."""
    folder = tmp_path_factory.mktemp("souk")
    source = written(folder / "source", WRITTEN)
    return source, installed(source, folder)


STREAMS = {rule.name for rule in RULES if rule.heading == "Streams"}


def judged(site: Path, *options: str) -> tuple[int, Any]:
    done = run("unified", "conform", "souk", "--json", *options, folder=site.parent, path=str(site))
    return done.returncode, json.loads(done.stdout)


def test_the_page_holds_the_files_of_the_example() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_files(text, PLUGIN) == text, "bring it up to date: python -m unified.testing.tutorial_page"
    kept = {
        path.relative_to(PLUGIN).as_posix()
        for path in PLUGIN.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept - set(WRITTEN) == {"README.md", "unified_souk/py.typed"}


def test_what_is_written_along_the_page_keeps_the_contract(souk: tuple[Path, Path]) -> None:
    source, site = souk
    status, report = judged(site, "--recordings", str(source / "tests" / "recordings"))
    assert report["findings"] == []
    assert {rule["name"] for rule in report["rules"] if rule["state"] != "kept"} == STREAMS, "it streams nothing"
    assert (status, report["passed"]) == (0, True)
    kept = len(RULES) - len(STREAMS)
    assert (
        f"souk keeps all {kept} rules that were judged; not judged, for the reasons above: {len(STREAMS)}."
        in PAGE.read_text("utf-8")
    )


def test_its_own_test_suite_passes(souk: tuple[Path, Path]) -> None:
    source, site = souk
    done = run("pytest", "-q", "-p", "no:cacheprovider", "tests", folder=source, path=str(site))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "26 passed" in done.stdout


def test_a_page_with_a_mistake_is_found(souk: tuple[Path, Path], tmp_path: Path) -> None:
    """One wrong word in the catalogue, and the report names rule, place and line."""
    codes = WRITTEN["unified_souk/errors.csv"].replace("E41,,,,,duplicate_order,,", "E41,,,,,duplicate_order,not_sent,")
    source = written(tmp_path / "source", {**WRITTEN, "unified_souk/errors.csv": codes})
    status, report = judged(installed(source, tmp_path))
    assert status == 1
    assert ("code E41", "docs/write-an-adapter.md, 'Error codes'") in {
        (found["where"], found["place"]) for found in report["findings"]
    }


def test_the_procedure_cancels_page_by_page() -> None:
    (block,) = (block for block in code_blocks(PAGE) if block.startswith("from unified.adapter import Steps"))
    found: dict[str, Any] = {"__name__": "tutorial"}
    exec(compile(block, str(PAGE), "exec"), found)
    steps = found["cancel_all"](CancelAll(listing=Instruments()))
    first = next(steps)
    assert isinstance(first, FetchOpenOrders)
    cancel = steps.send(Page(items=(order_of(placed("a")),), cursor="2"))
    assert isinstance(cancel, CancelOrder)
    second = steps.send(None)
    assert (type(second), second.cursor) == (FetchOpenOrders, "2")


def test_the_example_is_beside_this_checkout() -> None:
    assert PLUGIN == CHECKOUT / "examples" / "plugin"
