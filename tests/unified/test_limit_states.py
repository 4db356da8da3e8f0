"""What a user is shown of the limits."""

from __future__ import annotations

from tests.limiting import CLOCK, LIMITS, NOW, granted, row
from unified.adapter import Charge
from unified.errors import Fault, Kind, Scope
from unified.limiter import Limiter

FAULT = Fault(kind=Kind.RATE_LIMITED, scope=Scope.ACCOUNT, retry_after=7.0, message="too fast")


def test_limits_that_nobody_charged_are_shown_empty() -> None:
    assert {(state.bucket, state.used) for state in Limiter(LIMITS).snapshot(NOW, CLOCK)} == {
        ("weight", 0),
        ("orders", 0),
        ("pair", 0),
        ("slots", 0),
    }


def test_a_row_tells_why_and_until_when_it_is_closed() -> None:
    limiter = Limiter(LIMITS)
    limiter.refused(granted(limiter, Charge("orders")), FAULT, NOW)
    assert (row(limiter, "orders").closed_until, row(limiter, "orders").reason) == (NOW + 7, "too fast")
    assert row(limiter, "weight").closed_until is None
