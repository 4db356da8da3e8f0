"""House rules about how the code reads, as far as a machine can see them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.source import ROOT, Module, adapters, calls, imports, library, snippet

LONGEST_MODULE = 600
LONGEST_FUNCTION = 60
SPEAKS_HTTP = re.compile(r"unified\.(carrier|transport|sockets|sandbox\b.*)|unified_\w+\.sandbox\b.*")
"""The modules that may know aiohttp: everything else reaches the world through `ports`."""
COUNTS_SECONDS = re.compile(r"unified_\w+\.(limits|faults)|unified_\w+\.sandbox\b.*")
"""The modules of an adapter that may make a float: of seconds to wait and of limits, never of money."""
WINGS = re.compile(r"unified\.(sandbox|testing|demo)\b.*")
FRONT_DOOR = ("unified.client", "unified.watcher", "unified.config", "unified.registry")
WORD_LISTS = {"StrEnum", "IntEnum", "NamedTuple"}


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def nameless(module: Module) -> list[str]:
    """A module that does not say what it is."""
    return [f"{module.name} has no docstring"] if module.text.strip() and not module.docstring else []


def undocumented(module: Module) -> list[str]:
    """Public functions and classes of the library without a word about them.

    Lists of words and operations say it with their name; so do an adapter's `parse_x`.
    """
    if WINGS.fullmatch(module.name):
        return []
    found = []
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        bases = {ast.unparse(base).partition("[")[0] for base in getattr(node, "bases", ())}
        obvious = bases & WORD_LISTS or any(base.endswith("Operation") for base in bases)
        if not ast.get_docstring(node) and not obvious:
            found.append(f"{module.name}.{node.name} has no docstring")
    return found


def unexplained(module: Module) -> list[str]:
    """Public methods of the front door without a docstring: they are what a user reads."""
    if module.name not in FRONT_DOOR:
        return []
    return [
        f"{module.name}.{node.name}.{method.name} has no docstring"
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for method in node.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
        and not method.name.startswith("_")
        and not ast.get_docstring(method)
    ]


def too_long(module: Module) -> list[str]:
    """Modules that are long without saying why, and functions that fill more than a screen."""
    found = []
    lines = module.text.count("\n")
    if lines > LONGEST_MODULE and "Long because" not in module.docstring:
        found.append(f"{module.name} has {lines} lines: split it, or say `Long because ...` in its docstring")
    for node in functions(module):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > LONGEST_FUNCTION:
            found.append(f"{module.name}.{node.name} has {length} lines, more than a screen")
    return found


def torn(module: Module) -> list[str]:
    """`self.total += await ...` reads before it waits and writes after: what others added meanwhile is lost."""
    nodes = list(ast.walk(module.tree))
    outer = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    return [
        f"{module.name}:{node.lineno} adds to a shared value across an await"
        for node in nodes
        if isinstance(node, ast.AugAssign)
        and (not isinstance(node.target, ast.Name) or node.target.id in outer)
        and any(isinstance(inner, ast.Await) for inner in ast.walk(node.value))
    ]


def worldly(module: Module) -> list[str]:
    known = {name.partition(".")[0] for name in imports(module)}
    guilty = "aiohttp" in known and not SPEAKS_HTTP.fullmatch(module.name)
    return [f"{module.name} imports aiohttp: only the transport and the sandbox do"] if guilty else []


def floating(module: Module) -> list[str]:
    guilty = "float" in set(calls(module)) and not COUNTS_SECONDS.fullmatch(module.name)
    return (
        [f"{module.name} calls float(): money is Decimal, waits are read in limits.py and faults.py"] if guilty else []
    )


def silenced(module: Module) -> list[str]:
    """A checker that is told to look away without a code and a reason."""
    allowed = re.compile(r"(noqa: [A-Z]+\d+(, [A-Z]+\d+)*|type: ignore\[[a-z, -]+\])\s+(#|-) \w+")
    return [
        f"{module.name}:{number} silences a checker without a code and a reason"
        for number, line in enumerate(module.text.splitlines(), 1)
        for mark in re.finditer(r"#\s*((?:noqa|type: ignore).*)", line)
        if not allowed.match(mark[1])
    ]


def postponed(module: Module) -> list[str]:
    """What was left for later, in a comment or as an error."""
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX)\b|\bNotImplementedError\b|pragma: no cover")
    return [
        f"{module.name}:{number} leaves something for later"
        for number, line in enumerate(module.text.splitlines(), 1)
        if marks.search(line)
    ]


EVERYWHERE: tuple[Callable[[Module], list[str]], ...] = (nameless, too_long, torn, worldly, silenced, postponed)
IN_THE_LIBRARY = (undocumented, unexplained)
IN_ADAPTERS = (floating,)


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_no_module_breaks_a_rule_of_the_house(rule: Callable[[Module], list[str]]) -> None:
    assert [text for module in (*library(), *adapters()) for text in rule(module)] == []


@pytest.mark.parametrize("rule", IN_THE_LIBRARY, ids=lambda rule: rule.__name__)
def test_the_library_explains_itself(rule: Callable[[Module], list[str]]) -> None:
    assert [text for module in library() for text in rule(module)] == []


@pytest.mark.parametrize("rule", IN_ADAPTERS, ids=lambda rule: rule.__name__)
def test_no_adapter_makes_money_of_floats(rule: Callable[[Module], list[str]]) -> None:
    assert [text for module in adapters() for text in rule(module)] == []


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        pytest.param(nameless, "unified.x", "A = 1", id="a module without a docstring"),
        pytest.param(undocumented, "unified.x", "def fetch(): ...", id="a public function without one"),
        pytest.param(undocumented, "unified.x", "class Client: ...", id="a public class without one"),
        pytest.param(
            unexplained, "unified.client", "class Client:\n    async def place(self): ...", id="a silent front door"
        ),
        pytest.param(too_long, "unified.x", '"""X."""\n' * 601, id="a long module without a reason"),
        pytest.param(too_long, "unified.x", "def f():\n" + "    a = 1\n" * 60, id="a function longer than a screen"),
        pytest.param(torn, "unified.x", "async def f(s):\n    s.total += await s.more()", id="a sum across an await"),
        pytest.param(
            torn,
            "unified.x",
            "async def f():\n    global total\n    total += 1 + await more()",
            id="a sum of everybody's",
        ),
        pytest.param(worldly, "unified.scheduler", "from aiohttp import web", id="a second HTTP client"),
        pytest.param(floating, "unified_x.orders", "price = float(row['price'])", id="money as a float"),
        pytest.param(silenced, "unified.x", "a = 1  # type: " + "ignore", id="a checker silenced for everything"),
        pytest.param(silenced, "unified.x", "a = 1  # " + "noqa: S101", id="a checker silenced without a reason"),
        pytest.param(postponed, "unified.x", "a = 1  # " + "TODO: more", id="something left for later"),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: Callable[[Module], list[str]], name: str, text: str) -> None:
    assert rule(snippet(name, text)) != []


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        pytest.param(undocumented, "unified.x", "class Side(StrEnum): ...", id="a list of words"),
        pytest.param(undocumented, "unified.x", "class FetchBook(InstrumentOperation[Book]): ...", id="an operation"),
        pytest.param(
            too_long, "unified.x", '"""X.\n\nLong because it is a table."""\n' + "A = 1\n" * 601, id="a reason"
        ),
        pytest.param(
            torn, "unified.x", "async def f(s):\n    n = await s.more()\n    s.total += n", id="one after another"
        ),
        pytest.param(
            torn, "unified.x", "async def f():\n    body = b''\n    body += await more()", id="a sum of its own"
        ),
        pytest.param(worldly, "unified.transport", "import aiohttp", id="the one HTTP client"),
        pytest.param(floating, "unified_x.limits", "after = float(header)", id="seconds to wait"),
        pytest.param(silenced, "unified.x", "a = 1  # " + "noqa: S101 - a reason", id="a code and a reason"),
    ],
)
def test_a_rule_lets_pass_what_keeps_it(rule: Callable[[Module], list[str]], name: str, text: str) -> None:
    assert rule(snippet(name, text)) == []


def test_the_linter_keeps_the_rules_that_are_not_repeated_here() -> None:
    """Prints, broad and bare excepts, wall clocks without a zone, sleeping in coroutines, complexity."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert {"T20", "BLE", "E", "DTZ", "ASYNC", "C90", "PGH"} <= set(lint["select"])
    assert not {"T201", "BLE001", "E722", "DTZ005", "C901"} & set(lint["ignore"])
