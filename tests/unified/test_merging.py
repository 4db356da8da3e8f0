from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC
from unified import merging
from unified.instrument import Product
from unified.merging import Story
from unified.order import Fill, Order, OrderStatus, Side

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def order(status: OrderStatus, filled: str = "0", **more: Any) -> Order:
    return Order(instrument=BTC, venue_order_id="v1", status=status, filled_quantity=Decimal(filled), **more)


def fill(trade_id: str) -> Fill:
    one = Decimal(1)
    return Fill(
        instrument=BTC, trade_id=trade_id, venue_order_id="v1", side=Side.BUY, price=one, quantity=one, time=NOW
    )


LIFE = (
    order(OrderStatus.PENDING_NEW, quantity=Decimal(2), side=Side.BUY, client_order_id="c1"),
    order(OrderStatus.NEW),
    order(OrderStatus.PARTIALLY_FILLED, "1", average_price=Decimal(5)),
    order(OrderStatus.FILLED, "2"),
)


@pytest.mark.parametrize("told", list(permutations(LIFE)), ids=lambda _told: "")
def test_reports_in_any_order_end_alike_and_never_go_backwards(told: tuple[Order, ...]) -> None:
    story, seen = Story(), list[Order]()
    for report in (*told, *told):
        changed = story.take_order(report)
        if changed is not None:
            seen.append(changed)
    ranks = [merging._RANK.get(state.status, 4) for state in seen]
    assert ranks == sorted(ranks)
    assert [state.filled_quantity for state in seen] == sorted(state.filled_quantity for state in seen)
    end = seen[-1]
    assert (end.status, end.filled_quantity) == (OrderStatus.FILLED, Decimal(2))
    assert (end.client_order_id, end.quantity, end.side) == ("c1", Decimal(2), Side.BUY)
    assert story.open_orders == ()


def test_a_repeat_is_no_news_and_the_first_word_of_an_end_stays() -> None:
    story = Story()
    assert story.take_order(LIFE[0]) == LIFE[0]
    assert story.take_order(LIFE[0]) is None
    story.take_order(order(OrderStatus.CANCELED, "1"))
    assert story.take_order(order(OrderStatus.REJECTED, "1")) is None
    late = story.take_order(order(OrderStatus.CANCELED, "1.5"))
    assert late is not None
    assert late.filled_quantity == Decimal("1.5"), "a fill that was told late still counts"


def test_an_amendment_is_told_by_the_newer_time() -> None:
    story = Story()
    story.take_order(order(OrderStatus.NEW, price=Decimal(5), updated_at=NOW))
    story.take_order(order(OrderStatus.NEW, price=Decimal(6), updated_at=NOW.replace(hour=1)))
    assert story.take_order(order(OrderStatus.NEW, price=Decimal(5), updated_at=NOW)) is None
    known = story.order(BTC, "v1")
    assert known is not None
    assert known.price == Decimal(6)


def test_a_fill_counts_once() -> None:
    story = Story()
    assert [story.take_fill(fill(trade_id)) for trade_id in ("1", "2", "1")] == [True, True, False]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "KEPT_ORDERS", 10)
    monkeypatch.setattr(merging, "KEPT_FILLS", 10)
    story = Story()
    for number in range(50):
        story.take_order(Order(instrument=BTC, venue_order_id=str(number), status=OrderStatus.FILLED))
        story.take_fill(fill(str(number)))
    assert len(story.orders) == 10
    assert not story.take_fill(fill("49"))


def test_numbers_count_by_market_and_product() -> None:
    """Venues number orders and trades market by market, and a perpetual may have the symbol of a spot market."""
    story, perpetual = Story(), evolve(BTC, product=Product.LINEAR)
    for instrument in (BTC, perpetual, evolve(BTC, symbol="OTHER")):
        assert story.take_order(Order(instrument=instrument, venue_order_id="1", status=OrderStatus.NEW)) is not None
        there = evolve(fill("7"), instrument=instrument)
        assert story.take_fill(there)
        assert not story.take_fill(there)
    assert len(story.orders) == 3


class TestByClientOrderId:
    def test_the_last_order_of_an_id_is_the_newest_one(self) -> None:
        story = Story()
        assert story.newest(BTC, "c1") is None
        story.take_order(order(OrderStatus.NEW, client_order_id="c1"))
        again = evolve(order(OrderStatus.NEW, client_order_id="c1"), venue_order_id="v2")
        assert story.take_order(again) == story.newest(BTC, "c1")
        story.take_order(order(OrderStatus.FILLED, "1"))  # a late report of the first
        assert story.newest(BTC, "c1") == again

    def test_an_id_that_is_told_later_is_known_from_then_on(self) -> None:
        story = Story()
        story.take_order(order(OrderStatus.NEW))
        story.take_order(order(OrderStatus.PARTIALLY_FILLED, "1", client_order_id="c1"))
        newest = story.newest(BTC, "c1")
        assert newest is not None
        assert newest.filled_quantity == 1
        assert story.newest(evolve(BTC, symbol="ETHUSDT"), "c1") is None

    def test_it_is_forgotten_with_its_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(merging, "KEPT_ORDERS", 1)
        story = Story()
        story.take_order(order(OrderStatus.FILLED, "2", client_order_id="c1"))
        later = evolve(order(OrderStatus.FILLED, "2", client_order_id="c2"), venue_order_id="v2")
        story.take_order(later)
        assert (story.newest(BTC, "c1"), story.newest(BTC, "c2")) == (None, later)


def test_an_order_that_is_filled_further_than_its_fills_tell_owes_the_rest() -> None:
    story = Story()
    part, whole = order(OrderStatus.PARTIALLY_FILLED, "1"), order(OrderStatus.FILLED, "2")
    story.take_fill(fill("1"))
    story.take_order(part)
    assert story.owing(Product.SPOT) == (), "the fill came first"
    story.take_order(whole)
    assert story.owing(Product.SPOT) == (whole,)
    assert story.owing(Product.LINEAR) == ()
    assert story.owed(part) == 1
    story.take_fill(fill("1"))
    assert story.owed(whole) == 1, "told twice is not told more"
    story.take_fill(fill("2"))
    assert story.owing(Product.SPOT) == ()
    assert story.owed(whole) == 0


def test_what_is_written_off_is_owed_no_more_and_what_is_filled_later_is() -> None:
    story = Story()
    story.take_order(order(OrderStatus.PARTIALLY_FILLED, "1"))
    story.write_off(order(OrderStatus.NEW))
    assert story.owing(Product.SPOT) == ()
    story.take_order(order(OrderStatus.FILLED, "2"))
    assert story.owed(order(OrderStatus.NEW)) == 1


def test_what_is_forgotten_owes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "KEPT_ORDERS", 0)
    story = Story()
    story.take_order(order(OrderStatus.FILLED, "2"))
    assert story.owing(Product.SPOT) == ()
    assert (story._told, story._owing) == ({}, {})
