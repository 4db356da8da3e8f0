"""Columns and numbers of a row against the same values read one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified import columns, wire
from unified.errors import TransportError
from unified.order import Side

SIDES = {"b": Side.BUY, "s": Side.SELL}
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    ["1.50", "7", 7, 1_795_262_400_000, -1, 10**30, True, "true", 0.5, None, "NaN", "b", "s", [], {}]
)
READERS: list[tuple[Callable[[Sequence[Any], str], Sequence[Any]], Callable[[Any, str], Any]]] = [
    (columns.decimals, wire.decimal),
    (columns.integers, wire.integer),
    (columns.moments_ms, wire.ms_as_us),
    (columns.flags, wire.flag),
    (lambda rows, key: columns.choices(SIDES, rows, key), lambda row, key: wire.choice(SIDES, row[key], key)),
]


def read(all_of: Callable[[], Sequence[Any]]) -> list[str] | str:
    """What is read, type and digits included, or what is wrong with it."""
    try:
        return [f"{type(value).__name__} {value}" for value in all_of()]
    except TransportError as error:
        return f"{error.kind}: {error.message}"


@given(st.lists(VALUES, max_size=4), st.sampled_from(READERS))
def test_a_column_is_what_its_rows_are_or_names_the_first_that_does_not_fit(
    values: list[Any], reader: tuple[Callable[..., Any], Callable[..., Any]]
) -> None:
    whole, one = reader
    rows = [{"key": value} for value in values]
    assert read(lambda: whole(rows, "key")) == read(lambda: [one(row, "key") for row in rows])


def test_a_column_of_lists_is_named_by_its_place() -> None:
    assert columns.decimals([["1", "2.0"], ["3", "4"]], 1) == [Decimal(2), Decimal(4)]
    with pytest.raises(TransportError, match="1: 'much' is not a number"):
        columns.decimals([["1", "2"], ["3", "much"]], 1)


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        pytest.param([{"a": "1"}, {}], "a", id="an object without it"),
        pytest.param([["1"], []], 0, id="a list that is too short"),
        pytest.param(["text"], "a", id="a row that is text"),
        pytest.param([None], "a", id="a row that is null"),
    ],
)
def test_a_member_that_is_missing_is_named(rows: list[Any], key: str | int) -> None:
    with pytest.raises(TransportError, match=f"{key}: missing"):
        columns.column(rows, key)


class Pair(NamedTuple):
    left: int
    right: str


def test_columns_become_values_together() -> None:
    made = columns.together(Pair, [1, 2], ["a", "b"])
    assert made == (Pair(1, "a"), Pair(2, "b"))
    assert [type(pair) for pair in made] == [Pair, Pair]
    assert columns.together(Pair, [], []) == ()


def test_columns_of_different_lengths_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="shorter"):
        columns.together(Pair, [1, 2], ["a"])


MEMBERS: st.SearchStrategy[Any] = st.sampled_from(["1.50", "0", "", "7e2", 7, 0.5, None, "NaN", "\u0661", "b", [], {}])


@given(st.dictionaries(st.sampled_from("abc"), MEMBERS))
def test_numbers_of_a_row_are_what_they_are_one_by_one(row: dict[str, Any]) -> None:
    assert read(lambda: columns.Numbers(*"abc").of(row)) == read(
        lambda: [wire.decimal_or_none(row, key) for key in "abc"]
    )


@pytest.mark.parametrize("row", [["1", "2"], "text", None, 5])
def test_what_is_no_object_has_no_numbers(row: Any) -> None:
    with pytest.raises(TransportError, match="object"):
        columns.Numbers("a", "b").of(row)
