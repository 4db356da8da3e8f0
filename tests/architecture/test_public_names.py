"""The public list of `unified`: short, sorted, and every name in it can be imported."""

from __future__ import annotations

from itertools import pairwise
from types import ModuleType

import pytest

import unified


def misplaced(names: list[str]) -> list[tuple[str, str]]:
    """Neighbours in the wrong order: constants first, then classes, then functions, each by the alphabet."""

    def place(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

    return [(first, second) for first, second in pairwise(names) if place(first) >= place(second)]


def test_the_public_list_is_sorted_and_names_nothing_twice() -> None:
    assert misplaced(unified.__all__) == []


@pytest.mark.parametrize("name", unified.__all__)
def test_a_public_name_is_there_and_is_no_module(name: str) -> None:
    assert not isinstance(getattr(unified, name), ModuleType)


@pytest.mark.parametrize(
    "names",
    [["Outcome", "Kind"], ["Kind", "Kind"], ["venues", "Kind"]],
    ids=["out of order", "named twice", "a function before a class"],
)
def test_a_list_out_of_order_is_found(names: list[str]) -> None:
    assert len(misplaced(names)) == 1
