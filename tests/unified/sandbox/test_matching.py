from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from unified.order import Side
from unified.sandbox.matching import OrderBook, Resting, reaches


def entry(side: Side, price: int, quantity: int = 1) -> Resting:
    return Resting(side, Decimal(price), Decimal(quantity))


def test_price_goes_before_time() -> None:
    book = OrderBook()
    late, first, second = entry(Side.BUY, 99), entry(Side.BUY, 100), entry(Side.BUY, 100)
    for item in (late, first, second):
        book.add(item)
    assert list(book.crossing(Side.SELL, None)) == [first, second, late]
    assert list(book.crossing(Side.SELL, Decimal(100))) == [first, second]


def test_a_taken_entry_keeps_its_place_until_it_is_empty() -> None:
    book = OrderBook()
    first, second = entry(Side.SELL, 100, 2), entry(Side.SELL, 100, 2)
    book.add(first)
    book.add(second)
    book.take(first, Decimal(1))
    assert book.best(Side.SELL) is first
    book.take(first, Decimal(1))
    assert book.best(Side.SELL) is second


def test_every_change_counts_the_sequence_on() -> None:
    book = OrderBook()
    item = entry(Side.SELL, 100, 2)
    seen = [book.sequence]
    book.add(item)
    seen.append(book.sequence)
    book.take(item, Decimal(1))
    seen.append(book.sequence)
    book.remove(item)
    seen.append(book.sequence)
    assert seen == sorted(set(seen))
    assert book.best(Side.SELL) is None


def test_what_changed_is_remembered_by_the_sequence() -> None:
    book, bid, ask = OrderBook(), entry(Side.BUY, 99), entry(Side.SELL, 100)
    book.add(bid)
    seen = book.sequence
    book.add(ask)
    book.remove(ask)
    assert book.touched_since(seen) == {(Side.SELL, Decimal(100))}
    assert book.touched_since(book.sequence) == set()


def test_crossing_needs_a_price_on_the_other_side() -> None:
    book = OrderBook()
    assert not book.crosses(Side.BUY, None)
    book.add(entry(Side.SELL, 100))
    assert book.crosses(Side.BUY, Decimal(100))
    assert not book.crosses(Side.BUY, Decimal(99))
    assert reaches(Side.SELL, Decimal(99), Decimal(100))


@given(st.lists(st.tuples(st.sampled_from(list(Side)), st.integers(1, 20), st.integers(1, 5)), max_size=40))
def test_levels_are_sorted_and_hold_every_quantity(items: list[tuple[Side, int, int]]) -> None:
    book = OrderBook()
    for side, price, quantity in items:
        book.add(entry(side, price, quantity))
    for side in Side:
        levels = book.levels(side, 100)
        prices = [level.price for level in levels]
        assert prices == sorted(set(prices), reverse=side is Side.BUY)
        assert sum(level.quantity for level in levels) == sum(item[2] for item in items if item[0] is side)
