from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest
from attrs import evolve

from tests.toy import BTC
from unified.book import MOST_WAITING, BookBuilder
from unified.errors import Kind, VenueError
from unified.feeds import BookRule, Delta, Snapshot, Step, consecutive
from unified.market_data import RawLevel
from unified.operations import FetchBook
from unified.order import Side
from unified.watches import WatchBook

BOOK = WatchBook(instrument=BTC, depth=3)
Levels = Sequence[RawLevel]


def begun(rule: BookRule | None = None, bids: Levels = (("100", "1"), ("99", "2")), sequence: int = 1) -> BookBuilder:
    builder = BookBuilder(BOOK, rule or BookRule())
    builder.snapshot(Snapshot(BOOK, bids, [("102", "3"), ("101", "0.5")], sequence=sequence), 1.0)
    return builder


def test_levels_come_best_first_and_as_the_venue_wrote_them() -> None:
    builder = begun(bids=[("99", "2", "0", "7"), ("100", "1")])
    book = builder.book(10, lambda: 3.5)
    assert book.raw_bids == [("100", "1"), ("99", "2")], "what follows price and quantity is left out"
    assert [level[0] for level in book.raw_asks] == ["101", "102"]
    assert (book.age, book.sequence, book.best_bid and book.best_bid.price) == (2.5, 1, Decimal(100))
    assert book.volume_to(Side.BUY, Decimal(101)) == Decimal("0.5")
    assert book.price_for(Side.BUY, Decimal(1)) == Decimal("101.5")


@pytest.mark.parametrize(
    ("bids", "after"),
    [
        pytest.param([["100", "5"]], ["100:5", "99:2"], id="a known price takes its new quantity"),
        pytest.param([["99.5", "5"]], ["100:1", "99.5:5", "99:2"], id="a new price finds its place"),
        pytest.param([["100", "0"]], ["99:2"], id="zero takes it out"),
        pytest.param([["100", "0.00000000"]], ["99:2"], id="so does zero with digits"),
        pytest.param([["100", "0e-8"]], ["99:2"], id="and zero with an exponent"),
        pytest.param([["100", "0.00000001"]], ["100:0.00000001", "99:2"], id="next to nothing is something"),
        pytest.param([["98", "0"]], ["100:1", "99:2"], id="an unknown price may go"),
        pytest.param([["100.0", "4"]], ["100.0:4", "99:2"], id="other digits are the same price"),
        pytest.param([["100.00", "0"]], ["99:2"], id="also when it goes"),
        pytest.param([["98", "1"], ["98", "0"]], ["100:1", "99:2"], id="the last word counts"),
    ],
)
def test_deltas_are_absolute(bids: Levels, after: list[str]) -> None:
    builder = begun()
    assert builder.delta(Delta(BOOK, bids, []), 2.0) is Step.APPLY
    assert [f"{price}:{quantity}" for price, quantity in builder.levels(10)[0]] == after


def test_a_gap_makes_it_absent_at_once_until_a_snapshot_comes() -> None:
    builder = begun(BookRule(follows=consecutive))
    assert builder.delta(Delta(BOOK, [], [], sequence=3), 2.0) is Step.GAP
    assert not builder.available
    with pytest.raises(VenueError) as absent:
        builder.levels(1)
    assert absent.value.kind is Kind.SEQUENCE_GAP
    assert "after sequence 1 came 3" in absent.value.message
    assert builder.delta(Delta(BOOK, [], [], sequence=4), 2.0) is Step.SKIP
    builder.snapshot(Snapshot(BOOK, [["1", "1"]], [["2", "1"]], sequence=9), 3.0)
    assert builder.levels(1) == ([("1", "1")], [("2", "1")])


@pytest.mark.parametrize("may_cross", [False, True])
def test_bids_that_reach_asks_are_a_gap_unless_the_venue_allows_it(may_cross: bool) -> None:
    step = begun(BookRule(may_cross=may_cross)).delta(Delta(BOOK, [["101", "1"]], []), 2.0)
    assert step is (Step.APPLY if may_cross else Step.GAP)


def test_a_checksum_is_believed_and_a_wrong_one_is_a_gap() -> None:
    rule = BookRule(checksum=lambda _watch: lambda bids, asks: int(bids[0][0]) + int(asks[0][0]))
    assert begun(rule).delta(Delta(BOOK, [["99", "9"]], [], checksum=201), 2.0) is Step.APPLY
    assert begun(rule).delta(Delta(BOOK, [["99", "9"]], [], checksum=202), 2.0) is Step.GAP


def test_levels_beyond_the_depth_leave_where_the_venue_does_not_say_so() -> None:
    for cuts, bids in ((True, ["100", "99", "98"]), (False, ["100", "99", "98", "97"])):
        builder = begun(BookRule(cuts=cuts))
        builder.delta(Delta(BOOK, [["98", "1"], ["97", "1"]], [["110", "1"], ["111", "1"]]), 2.0)
        assert [level[0] for level in builder.levels(9)[0]] == bids


def test_deltas_wait_for_a_snapshot_over_rest_and_those_that_it_holds_are_skipped() -> None:
    rule = BookRule(follows=consecutive, base=lambda watch: FetchBook(instrument=watch.instrument))
    builder = BookBuilder(BOOK, rule)
    for number in range(5, 9):
        builder.delta(Delta(BOOK, [["90", str(number)]], [], sequence=number), 1.0)
    assert builder.snapshot(Snapshot(BOOK, [["91", "1"]], [["92", "1"]], sequence=6), 2.0) is Step.APPLY
    assert builder.sequence == 8
    assert builder.levels(9)[0] == [("91", "1"), ("90", "8")]


def test_a_snapshot_that_is_older_than_what_waits_is_a_gap() -> None:
    rule = BookRule(follows=consecutive, base=lambda watch: FetchBook(instrument=watch.instrument))
    builder = BookBuilder(BOOK, rule)
    builder.delta(Delta(BOOK, [], [], sequence=9), 1.0)
    assert builder.snapshot(Snapshot(BOOK, [["91", "1"]], [["92", "1"]], sequence=6), 2.0) is Step.GAP


def test_what_waits_is_bounded() -> None:
    rule = BookRule(follows=consecutive, base=lambda watch: FetchBook(instrument=watch.instrument))
    builder = BookBuilder(BOOK, rule)
    steps = [builder.delta(Delta(BOOK, [], [], sequence=n), 1.0) for n in range(MOST_WAITING + 1)]
    assert steps[-1] is Step.GAP


def test_contracts_count_as_base_units() -> None:
    watch = WatchBook(instrument=evolve(BTC, contract_size=Decimal("0.01")))
    builder = BookBuilder(watch, BookRule(contracts=True))
    builder.snapshot(Snapshot(watch, [["1", "5"]], []), 0.0)
    assert builder.book(1, lambda: 0.0).bids[0].quantity == Decimal("0.05")


@pytest.mark.parametrize(
    "price",
    [
        pytest.param("NaN", id="no number"),
        pytest.param("-Infinity", id="no price"),
        pytest.param("10x", id="no digits"),
    ],
)
def test_a_price_without_a_place_makes_it_absent(price: str) -> None:
    builder = begun()
    assert builder.delta(Delta(BOOK, [[price, "1"]], []), 2.0) is Step.GAP
    assert builder.problem == "a delta that cannot be read"
    assert begun().snapshot(Snapshot(BOOK, [[price, "1"]], []), 2.0) is Step.GAP


def test_zeros_are_digits_too_where_many_are_written() -> None:
    builder = begun()
    assert builder.delta(Delta(BOOK, [["99.50000000000000000000", "5"]], []), 2.0) is Step.APPLY
    assert builder.levels(2)[0] == [("100", "1"), ("99.50000000000000000000", "5")]


def test_it_equals_a_simple_book_after_every_one_of_many_deltas() -> None:
    chance, builder, simple = Random(7), begun(BookRule(may_cross=True)), {Decimal(100): "1", Decimal(99): "2"}
    for _ in range(5_000):
        price, quantity = chance.randrange(50, 150), chance.choice(["0", "1", "2.50"])
        builder.delta(Delta(BOOK, [[str(price), quantity]], []), 0.0)
        simple.pop(Decimal(price), None)
        if quantity != "0":
            simple[Decimal(price)] = quantity
        told = [(Decimal(level[0]), level[1]) for level in builder.levels(10_000)[0]]
        assert told == sorted(simple.items(), reverse=True)


def test_beyond_what_a_snapshot_showed_nothing_is_believed() -> None:
    builder = BookBuilder(evolve(BOOK, depth=1), BookRule())
    snapshot = Snapshot(BOOK, [["100", "1"], ["99", "2"]], [["101", "1"], ["102", "1"]], sequence=1, reach=2)
    builder.snapshot(snapshot, 1.0)
    assert builder.delta(Delta(BOOK, [["98", "5"]], [["103", "5"]]), 2.0) is Step.APPLY
    assert builder.levels(5) == ([("100", "1"), ("99", "2")], [("101", "1"), ("102", "1")])
    assert builder.delta(Delta(BOOK, [["100", "0"]], []), 3.0) is Step.APPLY
    assert builder.delta(Delta(BOOK, [["99", "0"]], []), 4.0) is Step.GAP, "98 was left out, and is the best now"
    assert "left the levels" in builder.problem


def test_a_snapshot_that_showed_all_there_is_grows_without_bounds() -> None:
    builder = BookBuilder(evolve(BOOK, depth=1), BookRule())
    builder.snapshot(Snapshot(BOOK, [["100", "1"]], [["101", "1"]], sequence=1, reach=2), 1.0)
    builder.delta(Delta(BOOK, [["98", "5"], ["100", "0"]], [["103", "5"]]), 2.0)
    assert builder.levels(5) == ([("98", "5")], [("101", "1"), ("103", "5")])
