from __future__ import annotations

import pytest

from tests.adapters.binance.venue import BINANCE, LINEAR, SPOT, charged, sent
from unified.adapter import Endpoint, FixedWindow, TokenBucket
from unified.errors import Scope
from unified.instrument import Product
from unified.operations import FetchBook, FetchCandles, FetchInstruments, FetchServerTime
from unified_binance.limits import LIMITS

BOOK = FetchBook(instrument=SPOT)


STREAMS = "stream"


def test_every_limit_of_rest_is_a_calendar_window_of_one_door() -> None:
    assert all(limit.door in ("spot", "linear") for limit in LIMITS)
    assert all(isinstance(limit.rule, FixedWindow) for limit in LIMITS if not limit.bucket.startswith(STREAMS))
    assert len({limit.bucket for limit in LIMITS}) == len(LIMITS)


def test_weight_counts_by_address_and_orders_by_account() -> None:
    scopes = {limit.bucket: limit.scope for limit in LIMITS}
    assert {scopes[bucket] for bucket in scopes if bucket.startswith("orders")} == {Scope.ACCOUNT}
    assert {scopes[bucket] for bucket in scopes if not bucket.startswith(("orders", STREAMS))} == {Scope.IP}


def test_what_streams_spend_stays_below_the_papers_whatever_the_moment() -> None:
    """A bucket of tokens lets through `burst` at once and `rate` a second beside it."""
    rules = {limit.bucket: limit.rule for limit in LIMITS if isinstance(limit.rule, TokenBucket)}
    for door, most in (("spot", 5), ("linear", 10)):
        connects, frames = rules[f"stream_connects_{door}"], rules[f"stream_frames_{door}"]
        assert connects.burst + 300 * connects.rate <= 300
        assert frames.burst + frames.rate < most, "pongs count too"


def test_every_charge_of_the_table_has_its_limit() -> None:
    buckets = {limit.bucket for limit in LIMITS}
    sources = {how.door for how in BINANCE.endpoints.values() if isinstance(how, Endpoint)}
    assert sources == set(BINANCE.environment.hosts)
    for operation in (BOOK, FetchInstruments(), FetchServerTime(product=Product.LINEAR)):
        how = BINANCE.endpoints[type(operation), operation.product]
        assert isinstance(how, Endpoint)
        assert {charge.bucket for charge in how.charges(operation, 0)} <= buckets


# --- candles


@pytest.mark.parametrize(
    ("limit", "weight", "rows"),
    [
        (99, 1, "99"),
        (100, 2, "100"),
        (499, 2, "499"),
        (500, 5, "500"),
        (1000, 5, "1000"),
        (1001, 10, "1001"),
        (None, 10, "1500"),
    ],
)
def test_linear_candles_are_charged_by_the_rows_asked_for(limit: int | None, weight: int, rows: str) -> None:
    operation = FetchCandles(instrument=LINEAR, limit=limit)
    assert sent(operation)[1]["limit"] == rows
    assert charged(operation) == {"weight_linear": weight}


def test_spot_candles_have_one_price() -> None:
    assert (
        charged(FetchCandles(instrument=SPOT, limit=5))["weight_spot"]
        == charged(FetchCandles(instrument=SPOT))["weight_spot"]
        == 2
    )
