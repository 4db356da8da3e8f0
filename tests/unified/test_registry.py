"""Adapters by name, over distributions made for the test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from unified.errors import ConfigurationError
from unified.registry import adapter_class, installed

WHOLE = """
class Adapter:
    venue = "{venue}"
    title = "Made for a test"
    environments = {{}}
    options = ()
    credential_fields = ()
    products = ()
    misreadings = ()
"""


class Folder:
    """A folder of installed distributions."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, name: str, code: str, *, distribution: str | None = None, target: str = "Adapter") -> None:
        """A distribution that announces one adapter, whose module holds `code`."""
        distribution = distribution or f"unified-{name}"
        module = f"made_{distribution.replace('-', '_')}"
        (self._path / f"{module}.py").write_text(code)
        about = self._path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[unified.adapters]\n{name} = {module}:{target}\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    monkeypatch.syspath_prepend(tmp_path)
    yield Folder(tmp_path)
    for module in [name for name in sys.modules if name.startswith("made_")]:
        del sys.modules[module]


def test_an_installed_adapter_is_found_by_its_name(folder: Folder) -> None:
    folder.add("atlantis", WHOLE.format(venue="atlantis"))
    assert "atlantis" in installed()
    assert list(installed()) == sorted(installed())
    assert adapter_class("atlantis").venue == "atlantis"


def test_listing_imports_nothing(folder: Folder) -> None:
    folder.add("atlantis", "raise SystemExit")
    assert "atlantis" in installed()


def test_the_same_announcement_twice_is_one_adapter(folder: Folder, tmp_path: Path) -> None:
    folder.add("atlantis", WHOLE.format(venue="atlantis"))
    again = tmp_path / "copy-2.0.dist-info"
    again.mkdir()
    (again / "METADATA").write_text("Metadata-Version: 2.1\nName: copy\nVersion: 2.0\n")
    (again / "entry_points.txt").write_text("[unified.adapters]\natlantis = made_unified_atlantis:Adapter\n")
    assert adapter_class("atlantis").venue == "atlantis"


def test_an_unknown_name_gets_the_nearest_and_all(folder: Folder) -> None:
    folder.add("atlantis", WHOLE.format(venue="atlantis"))
    folder.add("eldorado", WHOLE.format(venue="eldorado"))
    with pytest.raises(ConfigurationError) as caught:
        adapter_class("Atlantiss")
    said = str(caught.value)
    assert "'Atlantiss' is not installed (did you mean 'atlantis'?); installed are: " in said
    assert "eldorado" in said


def test_a_name_announced_by_two_distributions_is_refused(folder: Folder) -> None:
    folder.add("atlantis", WHOLE.format(venue="atlantis"), distribution="first-one")
    folder.add("atlantis", WHOLE.format(venue="atlantis"), distribution="second-one")
    with pytest.raises(ConfigurationError, match="'first-one' and the distribution 'second-one'"):
        adapter_class("atlantis")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(
            "import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'", id="its import fails"
        ),
        pytest.param("1 / 0", "ZeroDivisionError: division by zero", id="its code fails"),
        pytest.param("def broken(:", "SyntaxError", id="its code is none"),
        pytest.param("x = 1", "AttributeError", id="the class is not there"),
        pytest.param("Adapter = 7", "is no adapter class, it lacks venue, title", id="it is no class"),
        pytest.param("class Adapter:\n    venue = 'broken'", "it lacks title", id="the class is not whole"),
        pytest.param(WHOLE.format(venue="other"), "calls its venue 'other'", id="it calls itself otherwise"),
    ],
)
def test_a_broken_adapter_is_named_with_its_distribution(folder: Folder, code: str, said: str) -> None:
    folder.add("broken", code)
    with pytest.raises(ConfigurationError) as caught:
        adapter_class("broken")
    assert str(caught.value).startswith("adapter 'broken' of the distribution 'unified-broken' is broken: ")
    assert said in str(caught.value)
