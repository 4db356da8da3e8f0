from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.binance.venue import BINANCE, LINEAR, SPOT
from tests.adapters.calls import response
from unified.account import VenueTime
from unified.adapter import FixedWindow, Usage
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import FetchBook, FetchInstruments, FetchServerTime, Operation
from unified_binance.limits import COUNTS
from unified_binance.market_data import FetchBest

BOOK = FetchBook(instrument=SPOT)


def seen(operation: Operation[Any], body: object, headers: dict[str, str] | None = None, status: int = 200) -> Any:
    return BINANCE.observe(operation, response(body, status, headers))


def test_the_time_comes_from_the_time_call_alone() -> None:
    answer = {"serverTime": 1763680000123}
    assert seen(FetchServerTime(), answer).time == VenueTime(time_us=1763680000123000, unit_us=1000)
    assert seen(FetchInstruments(product=Product.LINEAR), answer).time is None
    assert seen(BOOK, {}, {"date": "Thu, 20 Nov 2025 23:06:40 GMT"}).time is None


@pytest.mark.parametrize(
    ("operation", "headers", "usage"),
    [
        pytest.param(
            BOOK,
            {"x-mbx-used-weight-1m": "25", "x-mbx-order-count-10s": "1", "x-mbx-order-count-1d": "7"},
            (
                Usage(bucket="weight_spot", used=25),
                Usage(bucket="orders_spot_10s", used=1),
                Usage(bucket="orders_spot_1d", used=7),
            ),
            id="spot",
        ),
        pytest.param(
            FetchBook(instrument=LINEAR),
            {"x-mbx-used-weight-1m": "25", "x-mbx-order-count-10s": "1", "x-mbx-order-count-1m": "7"},
            (
                Usage(bucket="weight_linear", used=25),
                Usage(bucket="orders_linear_10s", used=1),
                Usage(bucket="orders_linear_1m", used=7),
            ),
            id="USD-M",
        ),
        pytest.param(FetchBest(instrument=LINEAR), {"x-mbx-used-weight-1m": "25"}, (), id="a weight known to be wrong"),
        pytest.param(BOOK, {"x-mbx-used-weight-1m": "many"}, (), id="no number"),
        pytest.param(BOOK, {"x-mbx-used-weight-1m": "9" * 30}, (), id="an absurd number"),
        pytest.param(BOOK, {}, (), id="no header"),
    ],
)
def test_usage_stands_in_the_headers(operation: Operation[Any], headers: dict[str, str], usage: object) -> None:
    assert seen(operation, {}, headers).usage == usage


def test_a_refused_answer_tells_its_usage_too() -> None:
    body = {"code": -1003, "msg": "Too much request weight used."}
    assert seen(BOOK, body, {"x-mbx-used-weight-1m": "6001"}, 429).usage == (Usage(bucket="weight_spot", used=6001),)


def row(kind: str, interval: str, number: int, limit: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def test_published_limits_replace_ours() -> None:
    body = {
        "rateLimits": [
            row("REQUEST_WEIGHT", "MINUTE", 1, 6001),
            row("ORDERS", "SECOND", 10, 100),
            row("ORDERS", "DAY", 1, 200000),
            row("RAW_REQUESTS", "MINUTE", 5, 61000),
        ]
    }
    found = {limit.bucket: limit.rule for limit in seen(FetchInstruments(), body).limits}
    assert found == {
        "weight_spot": FixedWindow(limit=6001, period=60),
        "orders_spot_10s": FixedWindow(limit=100, period=10),
        "orders_spot_1d": FixedWindow(limit=200000, period=86_400),
        "raw_spot": FixedWindow(limit=61000, period=300),
    }


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({}, id="empty"),
        pytest.param(None, id="null"),
        pytest.param(row("ORDERS", "HOUR", 1, 5), id="a window that is not charged here"),
        pytest.param(row("ORDERS", "SECOND", 10, 0), id="zero"),
        pytest.param({**row("ORDERS", "SECOND", 10, 5), "limit": "many"}, id="no number"),
    ],
)
def test_rows_that_say_nothing_are_passed_over(entry: object) -> None:
    good = row("REQUEST_WEIGHT", "MINUTE", 1, 1200)
    limits = seen(FetchInstruments(product=Product.LINEAR), {"rateLimits": [entry, good]}).limits
    assert [(limit.bucket, limit.rule.limit) for limit in limits] == [("weight_linear", 1200)]


@given(body=st.binary(max_size=60), headers=st.dictionaries(st.sampled_from(["x-mbx-used-weight-1m"]), st.text()))
def test_no_answer_breaks_the_observer(body: bytes, headers: dict[str, str]) -> None:
    answer = HttpResponse(status=200, body=body, headers=headers)
    for operation in (FetchInstruments(), FetchServerTime()):
        COUNTS.observe("spot", operation, answer)
