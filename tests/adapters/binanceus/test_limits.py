from __future__ import annotations

from tests.adapters.binanceus.venue import LISTING, SPOT, VENUE
from tests.adapters.calls import response
from unified.adapter import Endpoint, FixedWindow, Usage
from unified.operations import FetchBook, FetchInstruments
from unified_binanceus.limits import LIMITS


def test_every_charge_has_its_limit() -> None:
    buckets = {limit.bucket for limit in LIMITS}
    for operation in (FetchBook(instrument=SPOT), FetchInstruments()):
        how = VENUE.endpoints[type(operation), operation.product]
        assert isinstance(how, Endpoint)
        assert {charge.bucket for charge in how.charges(operation, 0)} <= buckets
    assert LISTING.of("BTCUSDT", SPOT.product) == SPOT


def test_usage_and_published_limits_are_observed() -> None:
    headers = {"x-mbx-used-weight-1m": "25", "x-mbx-order-count-1s": "2"}
    rates = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
    ]
    seen = VENUE.observe(FetchInstruments(), response({"rateLimits": rates}, headers=headers))
    assert seen.usage == (Usage(bucket="weight", used=25), Usage(bucket="orders_1s", used=2))
    # A window that is not charged here is passed over: ten in each second keep a hundred in ten.
    assert [(limit.bucket, limit.rule) for limit in seen.limits] == [("weight", FixedWindow(limit=2400, period=60))]
