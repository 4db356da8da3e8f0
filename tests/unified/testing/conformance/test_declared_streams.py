from __future__ import annotations

from math import inf
from typing import Any

import pytest
from attrs import evolve

from tests.unified.testing.conformance.mutants import streaming
from unified.adapter import Charge
from unified.feeds import Feed, Upkeep
from unified.instrument import Product
from unified.operations import FetchServerTime
from unified.testing.conformance.declared_streams import feeds
from unified.testing.conformance.subject import subject_of
from unified.watches import WatchBook, WatchTicker
from unified_kraken import Kraken
from unified_okx import Okx
from unified_paper import Paper


def told(adapter: Any) -> str:
    return "\n".join(map(str, feeds(subject_of(adapter))))


def line(**changes: Any) -> Any:
    """Kraken with other lines under its tickers."""
    return streaming(lambda feed: evolve(feed, line=evolve(feed.line, **changes)), Kraken, WatchTicker)


def hosted(**changes: Any) -> Any:
    environment = Kraken.environments["production"]
    streams = {name: evolve(host, **changes) for name, host in environment.streams.items()}
    return type("Mutant", (Kraken,), {"environments": {"production": evolve(environment, streams=streams)}})


NOWHERE = FetchServerTime(product=Product.LINEAR)


def no_book(feed: Feed) -> Feed:
    return evolve(feed, book=None)


@pytest.mark.parametrize("adapter", [Paper, Kraken, Okx], ids=lambda adapter: adapter.venue)
def test_what_is_declared_well_is_let_pass(adapter: Any) -> None:
    assert told(adapter) == ""


@pytest.mark.parametrize(
    ("mutant", "problem"),
    [
        pytest.param(streaming(no_book, Kraken, WatchBook), "has no BookRule", id="a book without a rule"),
        pytest.param(
            streaming(lambda feed: evolve(feed, example=""), Kraken), "has no example", id="a channel without a name"
        ),
        pytest.param(line(name="nowhere"), "is not in Environment.streams", id="a line that goes nowhere"),
        pytest.param(line(silence=inf), "would never be noticed", id="a silence without end"),
        pytest.param(line(batch=0), "both are at least 1", id="nothing at a time"),
        pytest.param(line(frame=(Charge("nothing"),)), "is charged to 'nothing'", id="a bucket that is not there"),
        pytest.param(
            line(upkeep=Upkeep(operation=lambda _access: FetchServerTime(), every=1.0)),
            "renews an access",
            id="a renewal of nothing",
        ),
        pytest.param(
            line(access=FetchServerTime(product=Okx.products[1])), "not in the endpoint table", id="no access"
        ),
        pytest.param(hosted(base="https://a/b"), "is no base address of a stream", id="an address with a path"),
        pytest.param(hosted(door="cellar"), "its door 'cellar' is none", id="a door that is not there"),
    ],
)
def test_a_mutant_is_found(mutant: Any, problem: str) -> None:
    assert problem in told(mutant)
