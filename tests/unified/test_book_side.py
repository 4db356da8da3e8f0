"""One side of a book: best first whenever somebody looks, however much has changed since, and to the last digit."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from unified.book_side import BookSide


def side(*levels: tuple[str, str], highest_first: bool = False) -> BookSide:
    made = BookSide(highest_first=highest_first)
    made.set_all(levels)
    return made


def prices(of: BookSide, count: int = 10) -> list[str]:
    return [level[0] for level in of.best(count)]


@pytest.mark.parametrize("looks_every", [1, 3, 1_000], ids=["always", "often", "rarely"])
@pytest.mark.parametrize("highest_first", [True, False], ids=["bids", "asks"])
def test_it_equals_a_simple_side_whenever_somebody_looks(highest_first: bool, looks_every: int) -> None:
    chance, made, simple = Random(7), side(highest_first=highest_first), dict[Decimal, str]()
    for step in range(6_000):
        price, quantity = f"{chance.randrange(50, 350)}.5", chance.choice(["0", "0.00", "1", "2.50"])
        made.apply([(price, quantity)])
        simple.pop(Decimal(price), None)
        if Decimal(quantity):
            simple[Decimal(price)] = quantity
        if step % looks_every == 0:
            told = [(Decimal(level[0]), level[1]) for level in made.best(1_000)]
            assert told == sorted(simple.items(), reverse=highest_first)


def test_before_anybody_looks_no_price_is_better_than_the_nearest() -> None:
    made = side(("10", "1"), ("11", "1"))
    made.apply([("9", "1")])
    assert made.nearest == 9.0
    made.apply([("9", "0"), ("10", "0")])
    assert made.nearest == 9.0, "a bound: nobody has looked"
    assert (prices(made), made.nearest) == (["11"], 11.0)


def test_prices_of_a_snapshot_may_have_other_digits_than_those_of_the_stream() -> None:
    made = side(("10.00", "1"), ("11.00", "1"), ("12.00", "1"))
    made.apply([("10", "5"), ("11", "0")])
    assert made.best(5) == [("10", "5"), ("12.00", "1")]
    made.apply([("10", "0")])
    assert made.best(5) == [("12.00", "1")]


def test_two_ways_to_write_a_new_price_are_one_price() -> None:
    made = side(*((str(price), "1") for price in range(100, 140)))
    made.apply([("10", "5"), ("10.0", "6")])
    assert made.best(1) == [("10.0", "6")]
    made.apply([(f"9.{place}", "1") for place in range(1, 20)] + [("9.10", "7")])
    assert made.best(1) == [("9.10", "7")]


@pytest.mark.parametrize("highest_first", [True, False], ids=["bids", "asks"])
def test_prices_that_floats_do_not_tell_apart_are_told_apart(highest_first: bool) -> None:
    digits = [f"60000.123456789{last:04d}" for last in (1, 2, 3)]
    assert len({float(price) for price in digits}) < len(digits), "else this shows nothing"
    made = side(("60000", "1"), ("60000.2", "1"), highest_first=highest_first)
    for price in reversed(digits):
        made.apply([(price, "2")])
    wanted = ["60000", *digits, "60000.2"]
    assert prices(made) == (wanted[::-1] if highest_first else wanted)
    made.apply([(digits[1], "0"), ("60000.20", "9"), ("60001", "1")])
    wanted = ["60000", digits[0], digits[2], "60000.20", "60001"]
    assert prices(made) == (wanted[::-1] if highest_first else wanted)


def test_a_long_price_with_few_digits_stays_quick() -> None:
    made = side(("99.5", "1"), ("99.50000000000000000000", "5"))
    assert made.best(5) == [("99.50000000000000000000", "5")]
    assert made.ordered() == [99.5]


def test_beyond_its_bound_nothing_is_taken_in() -> None:
    made = side(("10.5", "1"), ("11", "1"))
    made.bound()
    made.apply([("11.5", "1"), ("10", "1"), ("11.0000000000000000001", "1"), ("10.9999999999999999999", "1")])
    assert prices(made) == ["10", "10.5", "10.9999999999999999999", "11"]
    assert made.is_bounded
    made.set_all([("10", "1")])
    assert not made.is_bounded


def test_a_cut_keeps_the_best() -> None:
    made = side(*((str(price), "1") for price in range(20)), highest_first=True)
    made.apply([("20", "1")])
    made.cut(3)
    assert (prices(made), len(made.levels)) == (["20", "19", "18"], 3)


@pytest.mark.parametrize("price", ["NaN", "-Infinity", "10x", "", "9" * 400, "9e9999999999999999999"])
def test_what_is_no_price_is_refused(price: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        side().apply([(price, "1")])
