"""Reads the project's source as syntax trees, so that rules about it can be tests. Runs none of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from attrs import field, frozen

ROOT = Path(__file__).resolve().parents[2]
ADAPTERS = ROOT / "adapters"


@frozen
class Module:
    """One source file. `name` is what an import statement calls it."""

    name: str
    text: str
    is_package: bool
    tree: ast.Module = field(init=False, repr=False, eq=False)

    @tree.default
    def _parsed(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        """The first part of its name."""
        return self.name.partition(".")[0]

    @property
    def inner(self) -> str:
        """Its name without the first part; empty for the package itself."""
        return self.name.partition(".")[2]

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.tree) or ""


def snippet(name: str, text: str) -> Module:
    """A module that exists in a test only: the negative control of a rule."""
    return Module(name, text, is_package=False)


@cache
def library() -> tuple[Module, ...]:
    """Every module of `unified`."""
    return tuple(_read(ROOT, sorted((ROOT / "unified").rglob("*.py"))))


@cache
def adapters() -> tuple[Module, ...]:
    """Every module of every adapter."""
    return tuple(_read(ADAPTERS, sorted(ADAPTERS.rglob("*.py"))))


def _read(root: Path, paths: Iterable[Path]) -> Iterator[Module]:
    for path in paths:
        parts = path.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        yield Module(name, path.read_text(encoding="utf-8"), is_package)


def imports(module: Module) -> set[str]:
    """What a module imports, wherever in it the statement stands. `from a import b` counts as `a.b` and as `a`."""
    return _imported(module.name, ast.walk(module.tree))


def imports_at_start(module: Module) -> set[str]:
    """What is imported as soon as the module is: not in a function, not for the type checker alone."""
    return _imported(module.name, module.tree.body)


def _imported(name: str, nodes: Iterable[ast.AST]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert node.level == 0, f"{name}: write imports out; a leading dot hides the floor"
            found.update({base, *(f"{base}.{alias.name}" for alias in node.names)})
    return found


def calls(module: Module) -> Iterator[str]:
    """The dotted names of everything that is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
