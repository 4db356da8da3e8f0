from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import Calls, response
from tests.adapters.coinbase.venue import BTC, COINBASE, STAMP, adapter
from unified.account import VenueTime
from unified.adapter import Charge, Limit, RollingWindow, Usage
from unified.errors import ConfigurationError, Scope
from unified.http import HttpResponse
from unified.operations import FetchBook, FetchKeyPermissions, FetchServerTime
from unified.wire import microseconds
from unified_coinbase.limits import STREAM_CONNECTS, STREAM_MESSAGES

TIME = {"iso": "2026-11-20T00:00:00Z", "epochSeconds": "1795132800", "epochMillis": "1795132800123"}
DATE = {"date": "Fri, 20 Nov 2026 00:00:01 GMT"}
BOOK, KEY = FetchBook(instrument=BTC), FetchKeyPermissions()


def test_limits_are_counted_over_any_second() -> None:
    assert COINBASE.limits == (
        Limit(bucket="public", scope=Scope.IP, rule=RollingWindow(limit=10, period=1)),
        Limit(bucket="private", scope=Scope.KEY, rule=RollingWindow(limit=30, period=1)),
        Limit(bucket=STREAM_CONNECTS, scope=Scope.IP, rule=RollingWindow(limit=8, period=1)),
        Limit(bucket=STREAM_MESSAGES, scope=Scope.IP, rule=RollingWindow(limit=8, period=1)),
    )
    charges = [charge for feed in COINBASE.streams.values() for charge in (*feed.line.connect, *feed.line.frame_weight)]
    assert {charge.bucket for charge in charges} == {STREAM_CONNECTS, STREAM_MESSAGES}


def test_every_limit_can_be_set_and_the_hourly_one_added() -> None:
    options = {"public_per_second": "8", "private_per_second": "25", "requests_per_hour": "10000"}
    made = adapter(options=options)
    assert {limit.bucket: limit.rule for limit in made.limits} == {
        "public": RollingWindow(limit=8, period=1),
        "private": RollingWindow(limit=25, period=1),
        "hourly": RollingWindow(limit=10_000, period=3600),
        STREAM_CONNECTS: RollingWindow(limit=8, period=1),
        STREAM_MESSAGES: RollingWindow(limit=8, period=1),
    }
    calls = Calls(made, STAMP)
    assert calls.charges(KEY) == (Charge("private"), Charge("hourly"))
    assert calls.charges(BOOK) == (Charge("public"),)


@pytest.mark.parametrize("value", ["0", "-1", "2.5", "many", "²", "10000000"])
@pytest.mark.parametrize("name", ["private_per_second", "public_per_second", "requests_per_hour"])
def test_a_limit_that_is_no_number_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"options.{name}"):
        adapter(options={name: value})


def test_the_clock_is_read_from_its_own_call_whose_answer_may_be_a_second_old() -> None:
    seen = COINBASE.observe(FetchServerTime(), response(TIME, headers=DATE))
    assert seen.time == VenueTime(time_us=1795132800123000, unit_us=1_000_000)


def test_any_other_answer_tells_the_time_by_its_date() -> None:
    seen = COINBASE.observe(KEY, response({}, 500, DATE))
    moment = microseconds(datetime(2026, 11, 20, 0, 0, 1, tzinfo=UTC))
    assert seen.time == VenueTime(time_us=moment, unit_us=1_000_000)


@pytest.mark.parametrize(
    ("operation", "limit", "bucket"),
    [
        pytest.param(KEY, "30", "private", id="a signed call"),
        pytest.param(BOOK, "10", "public", id="a public call"),
        pytest.param(KEY, "15", "private", id="a tightened limit"),
        pytest.param(KEY, "10000", "hourly", id="a count of an hour"),
    ],
)
def test_what_is_left_counts_for_the_bucket_of_the_call(
    operation: FetchBook | FetchKeyPermissions, limit: str, bucket: str
) -> None:
    headers = {"x-ratelimit-limit": limit, "x-ratelimit-remaining": "7", "x-ratelimit-reset": "1"}
    seen = COINBASE.observe(operation, response({}, headers=headers))
    assert seen.usage == (Usage(bucket=bucket, remaining=7, reset_after=1),)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"x-ratelimit-remaining": "7"}, id="nothing about the limit"),
        pytest.param({"x-ratelimit-limit": "30", "x-ratelimit-remaining": "31"}, id="more left than allowed"),
        pytest.param({"x-ratelimit-limit": "30", "x-ratelimit-remaining": "-1"}, id="a negative number"),
        pytest.param({"x-ratelimit-limit": "30", "x-ratelimit-remaining": "many"}, id="no number"),
    ],
)
def test_headers_that_make_no_sense_say_nothing(headers: dict[str, str]) -> None:
    assert COINBASE.observe(KEY, response({}, headers=headers)).usage == ()


@given(st.binary(max_size=60), st.text(max_size=20), st.sampled_from([BOOK, KEY, FetchServerTime()]))
def test_observing_never_raises(
    body: bytes, header: str, operation: FetchBook | FetchKeyPermissions | FetchServerTime
) -> None:
    headers = dict.fromkeys(("date", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"), header)
    COINBASE.observe(operation, HttpResponse(status=200, body=body, headers=headers))
