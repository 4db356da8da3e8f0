"""One test file per module, under the same name, and no test file of a module that is gone."""

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
    return sorted(file for module in modules if (file := expected(module)) and file not in files)


def orphans(modules: Iterable[Module], files: set[str]) -> list[str]:
    return sorted(files - {expected(module) for module in modules})


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


def test_the_folder_of_adapters_is_no_package() -> None:
    assert not (ADAPTERS / "__init__.py").exists()
