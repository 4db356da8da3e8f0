"""Answers that are no success, in every shape in which they come."""

from __future__ import annotations

import pytest

from unified.account import VenueTime
from unified.adapter import Usage
from unified.errors import Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified.operations import FetchServerTime
from unified_paper.faults import answer_of, faults_of, usage_of


@pytest.mark.parametrize(
    ("status", "body", "kind", "outcome"),
    [
        pytest.param(400, b'{"error":{"code":"bad_lot"}}', Kind.INVALID_QUANTITY, Outcome.REJECTED, id="a refusal"),
        pytest.param(503, b'{"error":{"code":"overloaded"}}', Kind.VENUE_FAULT, Outcome.UNKNOWN, id="a failure"),
        pytest.param(400, b'{"error":{"code":"new"}}', Kind.UNKNOWN, Outcome.UNKNOWN, id="a code of the future"),
        pytest.param(502, b"<html>", Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a page"),
        pytest.param(200, b"", Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="nothing"),
        pytest.param(200, b'{"id":', Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a cut answer"),
        pytest.param(500, b"{}", Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="a status without an error"),
    ],
)
def test_what_is_no_success_is_raised(status: int, body: bytes, kind: Kind, outcome: Outcome) -> None:
    response = HttpResponse(status=status, body=body)
    with pytest.raises(VenueError) as caught:
        answer_of(response)
    assert (caught.value.kind, caught.value.outcome) == (kind, outcome)
    assert faults_of(response) == (caught.value.fault,)


def test_a_throttle_says_how_long() -> None:
    response = HttpResponse(status=429, body=b'{"error":{"code":"throttled"}}', headers={"retry-after": "7"})
    (fault,) = faults_of(response)
    assert (fault.kind, fault.retry_after) == (Kind.RATE_LIMITED, 7)


def test_a_success_holds_no_fault() -> None:
    assert faults_of(HttpResponse(status=200, body=b"{}")) == ()


def test_every_answer_tells_time_and_use() -> None:
    seen = usage_of(FetchServerTime(), HttpResponse(status=400, headers={"x-paper-clock": "5", "x-paper-used": "3"}))
    assert seen.time == VenueTime(time_us=5, unit_us=1)
    assert seen.usage == (Usage(bucket="requests", used=3),)
