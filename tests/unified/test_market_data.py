"""Books against brute force, and the lengths of candles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.errors import Kind, TransportError
from unified.instrument import Product, unlisted
from unified.market_data import Book, Interval, Level, Levels, Trade
from unified.order import Side

BTC = unlisted("BTCUSDT", Product.SPOT)
UNITS = st.sampled_from([Decimal(1), Decimal("0.001"), Decimal(100)])
CENTS = st.lists(st.integers(1, 500), unique=True, max_size=6)
LOTS = st.integers(1, 20)


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Small books whose numbers are whole cents and lots."""

    def levels(cents: list[int]) -> list[list[str]]:
        return [[f"{cent}e-2", str(draw(LOTS)), "ignored"] for cent in cents]

    return Book(
        instrument=BTC,
        raw_bids=levels(sorted(draw(CENTS), reverse=True)),
        raw_asks=levels(sorted(draw(CENTS))),
        quantity_unit=draw(UNITS),
    )


def side_that_meets(book: Book, side: Side) -> list[tuple[Fraction, int]]:
    """Price and lots of the levels that an order of this side would take, best first."""
    return [(Fraction(raw[0]), int(raw[1])) for raw in (book.raw_asks if side is Side.BUY else book.raw_bids)]


class TestBook:
    @given(books(), st.sampled_from(Side), st.integers(1, 60))
    def test_the_average_price_is_that_of_taking_lot_by_lot(self, book: Book, side: Side, lots: int) -> None:
        taken = [price for price, quantity in side_that_meets(book, side) for _ in range(quantity)][:lots]
        found = book.price_for(side, lots * book.quantity_unit)
        if len(taken) < lots:
            assert found is None
        else:
            assert found is not None
            assert abs(Fraction(found) - sum(taken, Fraction(0)) / lots) < Fraction(1, 10**20)

    @given(books(), st.sampled_from(Side), st.integers(0, 501))
    def test_the_volume_to_a_price_counts_the_levels_that_are_not_worse(
        self, book: Book, side: Side, cents: int
    ) -> None:
        limit = Fraction(cents, 100)
        lots = sum(
            quantity
            for price, quantity in side_that_meets(book, side)
            if (price <= limit if side is Side.BUY else price >= limit)
        )
        assert book.volume_to(side, Decimal(cents) / 100) == lots * book.quantity_unit

    @given(books())
    def test_the_best_levels_are_the_first_and_the_middle_lies_between_them(self, book: Book) -> None:
        assert book.best_bid == (book.bids[0] if book.bids else None)
        assert book.best_ask == (book.asks[0] if book.asks else None)
        if book.best_bid and book.best_ask:
            assert book.mid == (book.best_bid.price + book.best_ask.price) / 2
        else:
            assert book.mid is None

    def test_digits_are_kept_and_quantities_are_base_units(self) -> None:
        book = Book(instrument=BTC, raw_bids=[["0.00000012300", "7"]], raw_asks=[], quantity_unit=Decimal("0.0010"))
        assert str(book.bids[0].price) == "1.2300E-7"
        assert book.bids == (Level(Decimal("0.000000123"), Decimal("0.007")),)

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(["much", "1"], id="a price that is no number"),
            pytest.param(["1", ""], id="an empty quantity"),
            pytest.param(["1"], id="a level without a quantity"),
            pytest.param(["NaN", "1"], id="a price that is not a number"),
            pytest.param(["1", "Infinity"], id="a quantity without an end"),
            pytest.param(["1e999", "1"], id="a price beyond all money"),
            pytest.param([0.1, "1"], id="a float, whose digits are not the venue's"),
            pytest.param([None, "1"], id="a price of null"),
        ],
    )
    def test_a_level_that_is_no_number_is_a_malformed_answer(self, raw: list[str]) -> None:
        book = Book(instrument=BTC, raw_bids=[raw], raw_asks=[])
        with pytest.raises(TransportError) as info:
            _ = book.best_bid
        assert info.value.kind is Kind.MALFORMED_RESPONSE

    def test_levels_become_numbers_when_they_are_first_read(self) -> None:
        book = Book(instrument=BTC, raw_bids=[["1", "2"], ["much", "1"]], raw_asks=[["3", "4"]])
        assert book.best_bid == Level(Decimal(1), Decimal(2))
        with pytest.raises(TransportError, match="a level of the book"):
            _ = book.bids
        assert book.asks is book.asks

    def test_taking_nothing_has_no_price(self) -> None:
        book = Book(instrument=BTC, raw_bids=[["1", "1"]], raw_asks=[])
        with pytest.raises(ValueError, match="quantity must be above zero"):
            book.price_for(Side.SELL, Decimal(0))

    def test_a_printed_book_is_short(self) -> None:
        book = Book(instrument=BTC, raw_bids=[["1", "1"]] * 1000, raw_asks=[])
        assert len(repr(book)) < 1000


class TestLevels:
    LEVELS = Levels((Decimal("1.0"), Decimal(2)), (Decimal(3), Decimal(4)))
    SAME = (Level(Decimal(1), Decimal(3)), Level(Decimal(2), Decimal(4)))

    def test_they_are_what_a_tuple_of_levels_is(self) -> None:
        assert tuple(self.LEVELS) == self.SAME
        assert self.LEVELS == self.SAME
        assert hash(self.LEVELS) == hash(self.SAME)
        assert repr(self.LEVELS).count("Level(") == len(self.LEVELS) == 2
        assert (self.LEVELS[0], self.LEVELS[-1]) == self.SAME
        assert self.LEVELS[1:] == self.SAME[1:]
        assert type(self.LEVELS[1:]) is Levels

    def test_they_are_no_other_levels(self) -> None:
        assert self.SAME[:1] != self.LEVELS
        assert self.LEVELS != "levels"
        assert not Levels()

    def test_their_numbers_are_at_hand_by_column(self) -> None:
        assert sum(self.LEVELS.quantities) == 7


class TestTrade:
    TRADE = Trade(
        instrument=BTC,
        trade_id="7",
        price=Decimal(1),
        quantity=Decimal(2),
        side=Side.BUY,
        time_us=1_795_262_400_123_456,
    )

    def test_its_time_is_exact(self) -> None:
        assert self.TRADE.time == datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)

    def test_it_shows_its_instrument_by_name(self) -> None:
        assert repr(self.TRADE).startswith("Trade(instrument=BTCUSDT, trade_id='7', price=Decimal('1'), ")


class TestInterval:
    @pytest.mark.parametrize(
        ("interval", "length"),
        [
            pytest.param(Interval.S1, timedelta(seconds=1), id="a second"),
            pytest.param(Interval.M15, timedelta(minutes=15), id="fifteen minutes"),
            pytest.param(Interval.H12, timedelta(hours=12), id="twelve hours"),
            pytest.param(Interval.D3, timedelta(days=3), id="three days"),
            pytest.param(Interval.W1, timedelta(weeks=1), id="a week"),
            pytest.param(Interval.MONTH, None, id="a month has no fixed length"),
        ],
    )
    def test_an_interval_knows_its_length(self, interval: Interval, length: timedelta | None) -> None:
        assert interval.length == length

    def test_intervals_stand_in_the_order_of_their_lengths(self) -> None:
        lengths = [interval.length for interval in Interval if interval.length is not None]
        assert lengths == sorted(lengths)
        assert len(lengths) == len(set(lengths)) == len(Interval) - 1
