from __future__ import annotations

from typing import Any

import pytest

from tests.toy import BTC, Toy
from unified.adapter import Adapter, AdapterSettings
from unified.errors import Kind, VenueError
from unified.feeds import Delta, News, Step, consecutive, linked, streams_of, unsequenced, value_of
from unified.watches import WatchBook, WatchTicker

BOOK = WatchBook(instrument=BTC)
TICKER = WatchTicker(instrument=BTC)


def delta(sequence: int, first: int | None = None, previous: int | None = None) -> Delta:
    return Delta(BOOK, [], [], sequence=sequence, first=first, previous=previous)


@pytest.mark.parametrize(
    ("have", "told", "step"),
    [
        pytest.param(160, {"first": 157, "sequence": 160}, Step.SKIP, id="all of it is in the snapshot"),
        pytest.param(160, {"first": 161, "sequence": 165}, Step.APPLY, id="the next one"),
        pytest.param(160, {"first": 159, "sequence": 163}, Step.APPLY, id="it reaches back over the snapshot"),
        pytest.param(165, {"first": 167, "sequence": 170}, Step.GAP, id="one is missing"),
        pytest.param(None, {"first": 1, "sequence": 1}, Step.GAP, id="no snapshot"),
        pytest.param(10, {"sequence": 11}, Step.APPLY, id="single numbers: the next one"),
        pytest.param(11, {"sequence": 13}, Step.GAP, id="single numbers: one is missing"),
    ],
)
def test_consecutive_numbers(have: int | None, told: dict[str, Any], step: Step) -> None:
    """The worked examples of Binance spot (documentation of 2025-11-12) and of Bybit."""
    assert consecutive(have, False, delta(**told)) is step


@pytest.mark.parametrize(
    ("have", "fresh", "told", "step"),
    [
        pytest.param(10, False, {"previous": 10, "sequence": 15}, Step.APPLY, id="the next one"),
        pytest.param(15, False, {"previous": 15, "sequence": 15}, Step.APPLY, id="a sign of life"),
        pytest.param(15, False, {"previous": 15, "sequence": 3}, Step.APPLY, id="a counter that was reset"),
        pytest.param(15, False, {"previous": 10, "sequence": 15}, Step.SKIP, id="a repeat"),
        pytest.param(15, False, {"previous": 17, "sequence": 20}, Step.GAP, id="one is missing"),
        pytest.param(
            160, True, {"first": 157, "previous": 149, "sequence": 160}, Step.APPLY, id="the first one overlaps"
        ),
        pytest.param(160, True, {"first": 150, "previous": 149, "sequence": 156}, Step.SKIP, id="older than the base"),
        pytest.param(160, True, {"first": 170, "previous": 165, "sequence": 171}, Step.GAP, id="the base is too old"),
        pytest.param(
            160, False, {"first": 157, "previous": 149, "sequence": 160}, Step.SKIP, id="an overlap counts once only"
        ),
    ],
)
def test_linked_numbers(have: int, fresh: bool, told: dict[str, Any], step: Step) -> None:
    """The walk-through of OKX, and the worked example of Binance linear."""
    assert linked(have, fresh, delta(**told)) is step


def test_without_numbers_everything_is_applied() -> None:
    assert unsequenced(None, False, Delta(BOOK, [], [])) is Step.APPLY


def test_an_adapter_without_streams_is_valid() -> None:
    adapter: Adapter = Toy(AdapterSettings())
    assert streams_of(adapter) == {}


@pytest.mark.parametrize("problem", [KeyError("px"), ArithmeticError(), TypeError(), AttributeError(), ValueError("x")])
def test_a_value_that_cannot_be_read_is_malformed_whatever_its_reader_stumbled_over(problem: Exception) -> None:
    def read(_watch: Any, _raw: Any) -> Any:
        raise problem

    with pytest.raises(VenueError) as raised:
        value_of(News(TICKER, {}, read))
    assert raised.value.kind is Kind.MALFORMED_RESPONSE
    assert "watch_ticker" in raised.value.message
    assert value_of(News(TICKER, "1", lambda watch, raw: (watch, raw))) == (TICKER, "1")


def test_control_what_is_no_matter_of_reading_is_not_hidden() -> None:
    def read(_watch: Any, _raw: Any) -> Any:
        raise MemoryError

    with pytest.raises(MemoryError):
        value_of(News(TICKER, {}, read))
