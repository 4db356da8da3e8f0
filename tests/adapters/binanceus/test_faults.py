from __future__ import annotations

import pytest

from tests.adapters.binanceus.venue import VENUE
from tests.adapters.calls import response
from unified.errors import Kind, Outcome
from unified_binanceus.faults import FAULTS

ABROAD = (
    b"<HTML><BODY>The Amazon CloudFront distribution is configured to block access from your country.</BODY></HTML>"
)


@pytest.mark.parametrize(
    ("body", "status", "kind", "outcome"),
    [
        pytest.param(
            {"code": -1121, "msg": "Invalid symbol."}, 400, Kind.UNKNOWN_SYMBOL, Outcome.REJECTED, id="a code"
        ),
        pytest.param(ABROAD, 403, Kind.ACCOUNT_RESTRICTED, Outcome.REJECTED, id="a country that is not served"),
        pytest.param(b"<html>Bad request</html>", 403, Kind.BANNED, Outcome.REJECTED, id="a page of the network"),
        pytest.param({"code": -1007, "msg": "Timeout"}, 504, Kind.VENUE_TIMEOUT, Outcome.UNKNOWN, id="a time-out"),
        pytest.param(b"", 502, Kind.VENUE_FAULT, Outcome.UNKNOWN, id="an empty 502"),
    ],
)
def test_each_refusal_is_read(body: object, status: int, kind: Kind, outcome: Outcome) -> None:
    fault = FAULTS.fault_of(response(body, status), ("spot",))
    assert (fault.kind, fault.outcome) == (kind, outcome)


def test_over_the_limit_of_orders_the_wait_is_the_rest_of_the_window() -> None:
    body = {"code": -1015, "msg": "Too many new orders; current limit is 10 orders per 1 SECOND."}
    (fault,) = VENUE.faults(response(body, 429))
    assert (fault.kind, fault.retry_after) == (Kind.ORDER_RATE_LIMITED, 1)


def test_a_wait_that_is_told_is_believed_with_either_status() -> None:
    body = {"code": -1003, "msg": "Too much request weight used."}
    for status, kind in ((429, Kind.RATE_LIMITED), (418, Kind.BANNED)):
        fault = FAULTS.fault_of(response(body, status, {"retry-after": "7"}), ("spot",))
        assert (fault.kind, fault.retry_after) == (kind, 7)
