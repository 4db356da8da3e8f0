"""Streams judged by what the venue knows: what it says of books and fills, right and wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from tests.unified.sandbox.rig import BTC, Rig
from unified.book import LiveBook
from unified.demo.audit import OLDEST_S, Audit
from unified.hooks import StreamChange, StreamEvent
from unified.order import Fill, Side

DEPTH = 5


def audited(rig: Rig) -> Audit:
    return Audit(rig.engine, rig.client, [BTC.name], DEPTH, lambda: rig.seconds)


def shown(rig: Rig) -> LiveBook:
    """The venue's book, as a client would show it."""
    book = rig.engine.book(BTC, DEPTH)
    bids, asks = ([(f"{level.price:.8f}", str(level.quantity)) for level in side] for side in (book.bids, book.asks))
    return LiveBook(instrument=BTC, raw_bids=bids, raw_asks=asks, received_at=0.0, now=lambda: 0.0)


def moved(rig: Rig, before: LiveBook) -> None:
    """Let the market go until the book is another one."""
    while (now := shown(rig)).bids == before.bids and now.asks == before.asks:
        rig.wait(0.5)


def test_the_venues_book_is_proven_in_whatever_digits_it_is_written() -> None:
    rig = Rig()
    audit = audited(rig)
    audit.book(shown(rig))
    assert (audit.verdict(3).books, audit.verdict(3).wrong_books, audit.verdict(3).faults) == (1, 0, 3)


def test_a_book_of_a_moment_ago_is_proven_and_one_of_long_ago_is_stale() -> None:
    rig = Rig()
    audit = audited(rig)
    book = shown(rig)
    moved(rig, book)
    audit.book(book)
    assert audit.verdict(0).is_clean
    rig.wait(OLDEST_S + 1)
    moved(rig, book)
    audit.book(book)
    assert audit.verdict(0).wrong_books == 1


@pytest.mark.parametrize("step_s", [-3600, 3600])
@pytest.mark.parametrize(("age_s", "wrong"), [(1, 0), (OLDEST_S + 1, 1)])
def test_a_venue_that_sets_its_clock_makes_no_book_older_or_younger(step_s: int, age_s: int, wrong: int) -> None:
    rig = Rig()
    audit = audited(rig)
    book = shown(rig)
    moved(rig, book)
    rig.wait(age_s)
    rig.clock.step(step_s)
    moved(rig, shown(rig))
    audit.book(book)
    assert audit.verdict(0).wrong_books == wrong


def test_a_book_that_never_was_is_wrong() -> None:
    rig = Rig()
    audit = audited(rig)
    audit.book(evolve(shown(rig), raw_bids=[("1", "1")]))
    assert not audit.verdict(0).is_clean


@pytest.mark.parametrize(
    ("times", "lost", "doubled"),
    [
        pytest.param(0, 1, 0, id="a fill that is not told is lost"),
        pytest.param(1, 0, 0, id="one that is told is neither lost nor doubled"),
        pytest.param(2, 0, 1, id="one that is told twice is doubled"),
    ],
)
def test_fills_count_once(times: int, lost: int, doubled: int) -> None:
    rig = Rig()
    audit = audited(rig)
    order = rig.place(quantity="0.01")
    (done,) = rig.client.fills
    for _ in range(times):
        audit.fill(
            Fill(
                instrument=BTC,
                trade_id="7",
                venue_order_id=str(order.order_id),
                side=Side.BUY,
                price=Decimal(done.price),
                quantity=done.quantity,
                time=datetime(2026, 11, 21, tzinfo=UTC),
            )
        )
    assert (audit.verdict(0).lost_fills, audit.verdict(0).doubled_fills) == (lost, doubled)


def test_gaps_are_counted_other_events_are_not() -> None:
    audit = audited(Rig())
    for change in (StreamChange.GAP, StreamChange.HEALED, StreamChange.LOST, StreamChange.GAP):
        audit.event(StreamEvent(venue="binance", change=change))
    assert audit.verdict(0).gaps == 2
