"""Values behave as those of attrs do, and cost less to declare: every expectation is asked of `attrs.frozen` too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import attrs
import pytest
from attrs import evolve, field
from attrs.exceptions import FrozenInstanceError

from unified import values
from unified.values import frozen


def declared(by: Any) -> dict[str, Any]:
    """The same classes, declared by whoever is asked."""

    class Outer:
        @by(kw_only=True)
        class Point:
            x: int
            y: int = 0
            label: str = field(default="a", eq=False)
            secret: str = field(default="s", repr=False)
            name: str = field(default="n", repr=str)

        class Named(Point):
            __slots__ = ()

    @by
    class Empty: ...

    @by
    class One:
        x: int

    @by
    class Own:
        x: int

        def __repr__(self) -> str:
            return "mine"

        def __eq__(self, other: object) -> bool:
            return True

    @by(eq=False)
    class Same:
        x: int

    @by(slots=True)
    class Slotted:
        x: int

    local = {"Empty": Empty, "One": One, "Own": Own, "Same": Same, "Slotted": Slotted}
    return {"Point": Outer.Point, "Named": Outer.Named, **local}


@pytest.mark.parametrize("by", [frozen, attrs.frozen], ids=["ours", "attrs"])
def test_what_values_do(by: Any) -> None:
    made = declared(by)
    point, named, own, same = made["Point"], made["Named"], made["Own"], made["Same"]
    assert point(x=1) == point(x=1, label="b") != point(x=2)
    assert point(x=1) != named(x=1)
    assert point(x=1) != (1, 0, "s", "n")
    assert hash(point(x=1)) == hash(point(x=1, label="b")) != hash(point(x=2))
    assert evolve(point(x=1), y=5) == point(x=1, y=5)
    assert repr(point(x=1)) == "declared.<locals>.Outer.Point(x=1, y=0, label='a', name=n)".replace(
        "declared.<locals>.", ""
    )
    assert repr(named(x=1)).startswith("Outer.Named(x=1")
    assert (repr(made["Empty"]()), repr(made["One"](3)), repr(made["Slotted"](3))) == (
        "Empty()",
        "One(x=3)",
        "Slotted(x=3)",
    )
    assert made["Empty"]() == made["Empty"]()
    assert len({made["Empty"](), made["Empty"](), made["One"](3), made["One"](3)}) == 2
    assert (repr(own(1)), own(1) == own(2)) == ("mine", True)
    assert same(1) != same(1)
    with pytest.raises(TypeError):
        hash(own(1))
    with pytest.raises(FrozenInstanceError):
        point(x=1).x = 2


@pytest.mark.parametrize("kind", ["Point", "Named", "One"])
def test_methods_are_shared_by_all_classes(kind: str) -> None:
    ours, theirs = declared(frozen)[kind], declared(attrs.frozen)[kind]
    for name in ("__eq__", "__hash__", "__repr__"):
        assert getattr(ours, name).__module__ == values.__name__
        assert getattr(theirs, name).__module__ != values.__name__, "else nothing is gained"


def is_made(kind: Any) -> bool:
    """Whether attrs has written the methods of the class."""
    return isinstance(vars(kind)["__attrs_attrs__"], tuple)


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda kind: kind(3), id="a value"),
        pytest.param(attrs.fields, id="a look at its fields"),
        pytest.param(attrs.has, id="the question whether it is a value class"),
        pytest.param(lambda kind: frozen(type("Sub", (kind,), {}))(3), id="a value of a subclass"),
        pytest.param(lambda kind: attrs.frozen(type("Sub", (kind,), {})), id="a subclass of attrs' own"),
    ],
)
def test_a_class_is_made_when_it_is_used(use: Callable[[Any], object]) -> None:
    kind = declared(frozen)["One"]
    assert not is_made(kind)
    use(kind)
    assert is_made(kind)
    assert (kind(3), [one.name for one in attrs.fields(kind)]) == (kind(3), ["x"])


@pytest.mark.parametrize(("kind", "has_slots"), [("One", False), ("Slotted", True)])
def test_what_has_slots_is_made_at_once(kind: str, has_slots: bool) -> None:
    made = declared(frozen)[kind]
    assert is_made(made) is has_slots
    assert hasattr(made(3), "__dict__") is not has_slots


def test_threads_that_need_a_class_at_once_all_get_it_whole() -> None:
    crowd = 4
    for _ in range(50):
        kind, start = declared(frozen)["One"], Barrier(crowd)

        def value(number: int, kind: Any = kind, start: Barrier = start) -> Any:
            start.wait()
            return kind(number)

        with ThreadPoolExecutor(crowd) as pool:
            assert [one.x for one in pool.map(value, range(crowd))] == list(range(crowd))
