"""One test file per module, under the same name, and no test file of a module that is gone.

Where one file would be too long, a folder of the module's name stands in its place.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.architecture.source import ADAPTERS, ROOT, Module, adapters, library


def expected(module: Module) -> str | None:
    """The test file of a module; None for lists of names and of misreadings, which do nothing by themselves.

    Misreadings of all venues are held by tests/adapters/test_misreadings.py.
    """
    parts = module.name.split(".")
    if module.is_package or parts[-1] == "misreadings":
        return None
    if module.package == "unified":
        folder = ["unified", *parts[1:-1]]
    else:
        folder = ["adapters", module.package.removeprefix("unified_"), *parts[1:-1]]
    return "/".join(["tests", *folder, f"test_{parts[-1].strip('_')}.py"])


def present() -> set[str]:
    """Test files that mirror a module. What stands in `tests/adapters` itself is about all adapters."""
    files = [*(ROOT / "tests" / "unified").rglob("test_*.py"), *(ROOT / "tests" / "adapters").glob("*/**/test_*.py")]
    return {path.relative_to(ROOT).as_posix() for path in files}


def untested(modules: Iterable[Module], files: set[str]) -> list[str]:
    wanted = filter(None, map(expected, modules))
    return sorted(file for file in wanted if file not in files and not _within(_folder(file), files))


def orphans(modules: Iterable[Module], files: set[str]) -> list[str]:
    wanted = set(filter(None, map(expected, modules)))
    split = {file for one in wanted - files for file in _within(_folder(one), files)}
    return sorted(files - wanted - split)


def _folder(file: str) -> str:
    """What may stand in the place of a test file."""
    return f"{file.removesuffix('.py').replace('/test_', '/')}/"


def _within(folder: str, files: set[str]) -> set[str]:
    """The test files that lie in a folder itself."""
    return {file for file in files if file.startswith(folder) and "/" not in file.removeprefix(folder)}


def test_every_module_has_its_test_file() -> None:
    assert untested([*library(), *adapters()], present()) == []


def test_every_test_file_has_its_module() -> None:
    assert orphans([*library(), *adapters()], present()) == []


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param("unified.wire", "tests/unified/test_wire.py", id="a module of the library"),
        pytest.param("unified.sandbox.engine", "tests/unified/sandbox/test_engine.py", id="a module of a part of it"),
        pytest.param("unified.__main__", "tests/unified/test_main.py", id="the door of the command line"),
        pytest.param("unified_okx.orders", "tests/adapters/okx/test_orders.py", id="a module of an adapter"),
    ],
)
def test_a_module_without_a_test_and_a_test_without_a_module_are_found(name: str, file: str) -> None:
    module = Module(name, "", is_package=False)
    assert untested([module], set()) == orphans([], {file}) == [file]
    assert untested([module], {file}) == orphans([module], {file}) == []


def test_a_folder_stands_in_the_place_of_a_file_and_not_beside_it() -> None:
    module = Module("unified.wire", "", is_package=False)
    parts = {"tests/unified/wire/test_numbers.py", "tests/unified/wire/test_text.py"}
    assert untested([module], parts) == orphans([module], parts) == []
    assert orphans([module], {*parts, "tests/unified/test_wire.py"}) == sorted(parts)
    assert orphans([], parts) == sorted(parts)


def test_the_folder_of_adapters_is_no_package() -> None:
    assert not (ADAPTERS / "__init__.py").exists()
