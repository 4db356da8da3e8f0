from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import play, reading, refusing, story
from unified.account import VenueTime
from unified.instrument import Product
from unified.operations import (
    FetchBook,
    FetchCandles,
    FetchFundingRate,
    FetchInstruments,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchVenueStatus,
)
from unified.order import Side
from unified.testing.conformance.public_stories import STORIES
from unified_okx import Okx
from unified_paper import Paper


def late(parse: Any, operation: Any, response: Any) -> VenueTime:
    told: VenueTime = parse(operation, response)
    return evolve(told, time_us=told.time_us + 7_200_000_000)


def page(**changes: Any) -> Any:
    def changed(parse: Any, operation: Any, response: Any) -> Any:
        found = parse(operation, response)
        return evolve(found, items=tuple(item._replace(**changes) for item in found.items))

    return changed


def coarse(parse: Any, operation: Any, response: Any) -> Any:
    return tuple(evolve(item, lot_size=item.lot_size * 10) for item in parse(operation, response))


def stopping(parse: Any, operation: Any, response: Any) -> Any:
    """Only a walk with an end goes on."""
    return parse(operation, response) if operation.end else evolve(parse(operation, response), cursor=None)


def swapped(parse: Any, operation: Any, response: Any) -> Any:
    found = parse(operation, response)
    return evolve(found, raw_bids=found.raw_asks, raw_asks=found.raw_bids)


def coarser(parse: Any, operation: Any, response: Any) -> Any:
    found = parse(operation, response)
    return evolve(found, quantity_unit=Decimal("1.01"))


def each(change: Any) -> Any:
    def changed(parse: Any, operation: Any, response: Any) -> Any:
        found = parse(operation, response)
        return evolve(found, items=tuple(map(change, found.items)))

    return changed


def moved(candle: Any) -> Any:
    return evolve(candle, opened_at=candle.opened_at + timedelta(hours=2))


def inflated(candle: Any) -> Any:
    return evolve(candle, volume=candle.volume + 1)


MUTANTS = [
    pytest.param(
        "ticker",
        reading(FetchTicker, lambda p, o, r: evolve(p(o, r), volume_24h=Decimal(1))),
        "volume_24h is read as 1",
        id="a wrong volume",
    ),
    pytest.param("trades", reading(FetchTrades, page(side=Side.BUY)), "never had", id="one side for all"),
    pytest.param("candles", reading(FetchCandles, each(inflated)), "is not the venue's", id="wrong volumes"),
    pytest.param("book", reading(FetchBook, coarser), "quantity", id="quantities a little off"),
    pytest.param("server time", reading(FetchServerTime, late), "s off", id="time in another zone"),
    pytest.param("instruments", reading(FetchInstruments, coarse), "lot_size is read as", id="a wrong lot"),
    pytest.param("book", reading(FetchBook, swapped), "the venue has", id="sides swapped"),
    pytest.param(
        "ticker",
        reading(FetchTicker, lambda p, o, r: evolve(p(o, r), last=Decimal(1))),
        "last is read as 1",
        id="a wrong price",
    ),
    pytest.param("trades", reading(FetchTrades, page(quantity=Decimal(1))), "never had", id="made-up trades"),
    pytest.param("trades", reading(FetchTrades, page(trade_id="1")), "repeats trades", id="one id for all"),
    pytest.param("candles", reading(FetchCandles, each(moved)), "candle", id="candles of another hour"),
    pytest.param("candles", reading(FetchCandles, stopping), "candles were read for", id="a walk until now ends"),
    pytest.param("tickers", reading(FetchTickers, lambda *_: ()), "tickers were read", id="tickers left out"),
    pytest.param("venue status", reading(FetchVenueStatus, refusing), "was refused", id="a status that cannot be read"),
    pytest.param(
        "funding rate",
        reading(FetchFundingRate, lambda p, o, r: evolve(p(o, r), rate=Decimal(1)), Okx, Product.LINEAR),
        "the funding rate is read as 1",
        id="a wrong rate",
    ),
]
"""Every story finds one: see test_judge.py."""


@pytest.mark.parametrize("name", [item.name for item in STORIES if item.name != "funding rate"])
def test_good_paper_is_let_pass(name: str) -> None:
    assert play(Paper, story(STORIES, name)) == ""


@pytest.mark.parametrize(("name", "mutant", "problem"), MUTANTS)
def test_a_mutant_is_found(name: str, mutant: Any, problem: str) -> None:
    assert problem in play(mutant, story(STORIES, name))
