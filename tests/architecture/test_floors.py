"""The floors of the house: imports go down only, and below the I/O floor nothing waits, tells time or takes chances."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import Module, adapters, calls, imports, imports_at_start, library, snippet

FLOORS: dict[int, str] = {
    0: "errors exact instrument order market_data account oco values weight",
    1: "accepted adapter candle_walk catalogue columns entry feeds http operations secret settings signing "
    "watches wire",
    2: "aligned body book book_side breaker bucket buckets bulkhead clock echoes gates intent limit_states limiter "
    "lines merging nonce order_ids permits recounting records refusals retry rolling terms verdicts",
    3: "account_look admission asking calls carrier carryover catching_up changes connection consumers disk "
    "door_clocks doubt executions guards health holdings hooks journal keeper lanes link listing listing_file "
    "owed_fills own_streams passages patience placement ports reconciling scheduler services settlement sharing "
    "socket_transport sockets stamping stream timed_journal timekeeper topics transport watching witness world",
    4: "client config references registry telemetry watcher wiring __main__ cli",
}
"""A new module gets a word here: the lowest floor on which it can stand."""

WINGS = frozenset({"sandbox", "testing", "demo", "simulation"})
"""They may import any floor; no floor imports them."""

OPEN_TO_WINGS = frozenset({"unified.__main__", "unified.cli"})
"""The command line starts sandboxes, the demo and the simulation."""

SERVICES = (
    frozenset({"limiter", "lines", "permits", "recounting", "refusals", "limit_states", "gates"})
    | frozenset({"buckets", "bucket", "rolling", "aligned"}),
    frozenset({"book", "book_side"}),
)
"""Modules of floor 2 that are one service; all others stand alone."""

WORLD = frozenset(
    {"aiohttp", "asyncio", "random", "secrets", "select", "socket", "ssl", "subprocess", "threading", "time"}
)
"""Modules through which time, chance and waiting come in."""

LOCKED = {"unified.values": {"threading"}}
"""Threads may need the same value class at once: one makes it, and the others wait that long and for nothing else."""

WORLDLY_CALLS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "os.urandom", "uuid4"})

FLOOR_OF = {word: floor for floor, words in FLOORS.items() for word in words.split()}

VENUE_IN_MEMORY = "unified_paper.venue"
"""The one module of an adapter that is a transport: it plays the venue."""


def part(name: str) -> str:
    """The word under which the table knows a module: `unified.cli.venues` is `cli`."""
    return name.split(".")[1] if "." in name else ""


def imported_parts(module: Module) -> set[str]:
    """The parts of `unified` that a module imports; what is no module of ours is a name in the package itself."""
    known = set(FLOOR_OF) | WINGS | {part(other.name) for other in library()}
    return {part(name) for name in imports(module) if name.startswith("unified.")} & known


def missing(module: Module) -> list[str]:
    word = part(module.name)
    if not word or word in FLOOR_OF or word in WINGS:
        return []
    return [f"{module.name} stands on no floor: add {word!r} to FLOORS in tests/architecture/test_floors.py"]


def upward(module: Module) -> list[str]:
    """Imports that do not go down."""
    word = part(module.name)
    if word in WINGS:
        return []
    own = FLOOR_OF.get(word, max(FLOORS))
    found = []
    for other in sorted(imported_parts(module)):
        if other in WINGS:
            if not any(f"{module.name}.".startswith(f"{allowed}.") for allowed in OPEN_TO_WINGS):
                found.append(f"{module.name} imports the side wing {other}")
        elif FLOOR_OF.get(other, own) > own:
            found.append(f"{module.name} (floor {own}) imports {other} (floor {FLOOR_OF[other]})")
    return found


def neighbours(module: Module) -> list[str]:
    """Services of floor 2 that know each other."""
    word = part(module.name)
    if FLOOR_OF.get(word) != 2:
        return []
    own = next((service for service in SERVICES if word in service), frozenset({word}))
    others = {other for other in imported_parts(module) if FLOOR_OF.get(other) == 2} - own
    return [f"{module.name} imports its neighbour {other}: the floor above introduces them" for other in sorted(others)]


def worldly(module: Module) -> list[str]:
    """Where a module waits, tells the time or takes a chance."""
    found = [
        f"{module.name} imports {name}" for name in sorted((imports(module) & WORLD) - LOCKED.get(module.name, set()))
    ]
    found += [f"{module.name} calls {name}()" for name in calls(module) if name in WORLDLY_CALLS]
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    found += [f"{module.name}:{node.lineno} waits" for node in ast.walk(module.tree) if isinstance(node, waiting)]
    return found


def below_io(module: Module) -> list[str]:
    """A protocol of `ports` describes what waits; whatever stands lower does not."""
    return worldly(module) if FLOOR_OF.get(part(module.name), 3) < 3 else []


def is_dialect(package: str) -> bool:
    """A way of speaking that several adapters share: they name it, it names none of them (docs/decisions/0010)."""
    return package.endswith("_dialect")


def of_sandbox(module: Module) -> bool:
    return module.inner.startswith("sandbox")


def unfit(module: Module) -> list[str]:
    """What an adapter must not import or do."""
    in_memory = module.name == VENUE_IN_MEMORY
    highest = 3 if in_memory else 1
    found = [] if in_memory else worldly(module)
    for other in sorted(imported_parts(module)):
        if other in WINGS:
            if other != "sandbox" or not (of_sandbox(module) or in_memory):
                found.append(f"{module.name} imports the side wing {other}")
        elif FLOOR_OF.get(other, 4) > highest:
            found.append(f"{module.name} imports {other} (floor {FLOOR_OF.get(other)})")
    others = {name.partition(".")[0] for name in imports(module) if name.startswith("unified_")} - {module.package}
    if not is_dialect(module.package):
        others = {name for name in others if not is_dialect(name)}
    return found + [f"{module.name} imports another adapter, {name}" for name in sorted(others)]


def entangled(module: Module) -> list[str]:
    """A sandbox and its adapter are written from the same papers, and from nothing else in common.

    A dialect has a half for each, and neither looks into the other.
    """
    own = {
        name
        for name in imports(module)
        if name.startswith("unified_") and "." in name and name.partition(".")[0] in _spoken(module)
    }
    if of_sandbox(module) or module.name == VENUE_IN_MEMORY:
        return [f"{module.name} imports {name}" for name in sorted(own) if ".sandbox" not in name]
    return [f"{module.name} imports {name}" for name in sorted(own) if ".sandbox" in name]


def _spoken(module: Module) -> set[str]:
    """The module's own package and the dialects that it names."""
    named = {name.partition(".")[0] for name in imports(module)}
    return {module.package, *filter(is_dialect, named)}


def test_every_module_stands_on_a_floor() -> None:
    assert [text for module in library() for text in missing(module)] == []


def test_no_word_stands_on_two_floors() -> None:
    words = [word for line in FLOORS.values() for word in line.split()]
    assert sorted(words) == sorted(FLOOR_OF)


def test_imports_go_down_only() -> None:
    assert [text for module in library() for text in upward(module)] == []


def test_services_do_not_know_each_other() -> None:
    assert [text for module in library() for text in neighbours(module)] == []


def test_below_the_io_floor_nothing_waits() -> None:
    assert [text for module in library() for text in below_io(module)] == []


def cycle(modules: Iterable[Module]) -> list[str]:
    """Modules that import each other, if any."""
    graph = {module.name: imports_at_start(module) for module in modules if not module.is_package}
    try:
        TopologicalSorter({name: found & set(graph) - {name} for name, found in graph.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_two_modules_import_each_other() -> None:
    assert cycle(library()) == []
    assert cycle(adapters()) == []
    pair = [snippet("unified.a", "import unified.b"), snippet("unified.b", "from unified.a import x")]
    assert set(cycle(pair)) == {"unified.a", "unified.b"}


def test_adapters_stand_on_the_two_lowest_floors() -> None:
    assert [text for module in adapters() for text in unfit(module)] == []


def test_a_sandbox_and_its_adapter_do_not_know_each_other() -> None:
    assert [text for module in adapters() for text in entangled(module)] == []


@pytest.mark.parametrize(
    ("rule", "name", "text", "found"),
    [
        pytest.param(missing, "unified.attic", "", "stands on no floor", id="a module that the table does not hold"),
        pytest.param(upward, "unified.wire", "from unified import client", "(floor 4)", id="floor 1 importing floor 4"),
        pytest.param(
            upward,
            "unified.retry",
            "def f():\n    import unified.scheduler",
            "(floor 3)",
            id="an import inside a function",
        ),
        pytest.param(
            upward, "unified.client", "from unified.testing.clock import X", "side wing", id="a floor importing a wing"
        ),
        pytest.param(
            neighbours,
            "unified.retry",
            "from unified.clock import ClockSync",
            "neighbour clock",
            id="a service of another",
        ),
        pytest.param(below_io, "unified.clock", "import time", "imports time", id="a clock read below the I/O floor"),
        pytest.param(
            below_io, "unified.wire", "now = datetime.now(UTC)", "calls datetime.now()", id="the time of day asked for"
        ),
        pytest.param(below_io, "unified.book", "async def f(): ...", "waits", id="a coroutine below the I/O floor"),
        pytest.param(unfit, "unified_x.orders", "import asyncio", "imports asyncio", id="an adapter that waits"),
        pytest.param(
            unfit, "unified_x.orders", "from unified.scheduler import run", "(floor 3)", id="an adapter that looks up"
        ),
        pytest.param(
            unfit, "unified_x.orders", "from unified_y.auth import sign", "another adapter", id="an adapter of another"
        ),
        pytest.param(
            unfit, "unified_x_dialect.orders", "import unified_x", "another adapter", id="a dialect of an adapter"
        ),
        pytest.param(
            unfit,
            "unified_x_dialect.orders",
            "import unified_y_dialect.auth",
            "another adapter",
            id="a dialect of a dialect",
        ),
        pytest.param(
            unfit, "unified_x.orders", "from unified.sandbox import engine", "side wing", id="an adapter in a sandbox"
        ),
        pytest.param(
            entangled,
            "unified_x.sandbox",
            "from unified_x.auth import sign",
            "unified_x.auth",
            id="a sandbox that copies",
        ),
        pytest.param(
            entangled,
            "unified_x.orders",
            "from unified_x import sandbox",
            "unified_x.sandbox",
            id="an adapter that peeks",
        ),
        pytest.param(
            entangled,
            "unified_x.sandbox",
            "from unified_y_dialect.auth import sign",
            "unified_y_dialect.auth",
            id="a sandbox that copies from the dialect",
        ),
        pytest.param(
            entangled,
            "unified_x.orders",
            "from unified_y_dialect.sandbox_keys import check",
            "unified_y_dialect.sandbox_keys",
            id="an adapter that peeks into the dialect's sandbox",
        ),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: object, name: str, text: str, found: str) -> None:
    assert callable(rule)
    assert any(found in finding for finding in rule(snippet(name, text)))


def test_an_adapter_may_speak_a_dialect() -> None:
    assert unfit(snippet("unified_x.orders", "from unified_y_dialect.auth import sign")) == []
    half = snippet("unified_x.sandbox_keys", "from unified_y_dialect.sandbox_keys import check")
    assert unfit(half) == entangled(half) == []


def test_the_command_line_may_enter_the_wings() -> None:
    assert upward(snippet("unified.cli.demo", "from unified.sandbox.server import serve")) == []
    assert unfit(snippet(VENUE_IN_MEMORY, "import asyncio\nfrom unified.sandbox.engine import Engine")) == []
