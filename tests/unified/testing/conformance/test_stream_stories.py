from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import hearing, play, story, streaming, telling
from unified.feeds import Delta, Feed, News, Refused, Snapshot, unsequenced
from unified.market_data import Candle, FundingRate, MarkPrice, Ticker
from unified.testing.conformance.stream_stories import STORIES
from unified.wire import malformed
from unified_bybit import Bybit
from unified_kraken import Kraken
from unified_okx import Okx

ADAPTERS = (Bybit, Kraken, Okx)


def without_asks(event: Any) -> Any:
    return event._replace(asks=()) if isinstance(event, Delta) else event


def news(kind: type[Any], **changes: Any) -> Any:
    """Values of this kind are read otherwise."""

    def changed(event: Any) -> Any:
        if not isinstance(event, News):
            return event

        def read(watch: Any, raw: Any) -> Any:
            value = event.read(watch, raw)
            if not isinstance(value, kind):
                return value
            return evolve(value, **{name: change(getattr(value, name)) for name, change in changes.items()})

        return event._replace(read=read)

    return telling(changed)


def one(_value: Any) -> Decimal:
    return Decimal(1)


def twice(good: Any, frame: Any) -> Any:
    """Every trade comes twice, and nothing says that it is the same."""
    events = list(good.receive(frame))
    return [*events, *(event._replace(key=f"{event.key}again") for event in events if isinstance(event, News))]


def never_again(good: Any, frame: Any) -> Any:
    """A connection that dies of what it cannot subscribe."""
    events = list(good.receive(frame))
    if any(isinstance(event, Refused) for event in events):
        raise malformed("what is this")
    return events


def believing(feed: Feed) -> Feed:
    """Books that are joined without a look at numbers and sums."""
    return evolve(feed, book=feed.book and evolve(feed.book, follows=unsequenced, checksum=None, may_cross=True))


def without_sums(event: Any) -> Any:
    return event._replace(checksum=None) if isinstance(event, Snapshot | Delta) else event


MUTANTS = [
    pytest.param(
        "watched book", hearing(telling(without_asks), Bybit), "the venue never had", id="asks that never change"
    ),
    pytest.param("watched again", hearing(lambda _good, _frame: (), Bybit), "no book came", id="nothing is heard"),
    pytest.param("watched ticker", hearing(news(Ticker, last=one), Kraken), "last is read as 1", id="a wrong price"),
    pytest.param("watched trades", hearing(twice, Kraken), "a trade came twice", id="trades that come twice"),
    pytest.param(
        "watched candles",
        hearing(news(Candle, opened_at=lambda when: when + timedelta(hours=2)), Kraken),
        "the venue's did not",
        id="candles of another hour",
    ),
    pytest.param(
        "watched mark price",
        hearing(news(MarkPrice, mark_price=one), Okx),
        "mark prices are read as 1",
        id="a wrong mark price",
    ),
    pytest.param(
        "watched funding rate",
        hearing(news(FundingRate, rate=one), Okx),
        "the funding rate is read as 1",
        id="a wrong funding rate",
    ),
    pytest.param("a refused subscription", hearing(never_again, Kraken), "did not survive", id="a refusal that kills"),
    pytest.param("a torn book", streaming(believing, Bybit), "the venue never had", id="a book that believes all"),
    pytest.param(
        "a wrong checksum", hearing(telling(without_sums), Kraken), "was believed", id="sums that nobody looks at"
    ),
]
"""Every story finds one: see test_judge.py."""


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.venue)
@pytest.mark.parametrize("name", [item.name for item in STORIES])
def test_a_good_adapter_is_let_pass(name: str, adapter: Any) -> None:
    assert play(adapter, story(STORIES, name)) == ""


@pytest.mark.parametrize(("name", "mutant", "problem"), MUTANTS)
def test_a_mutant_is_found(name: str, mutant: Any, problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))
