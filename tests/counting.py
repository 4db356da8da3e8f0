"""What the tests of limits share: rules of every form, and a bucket under one of them."""

from __future__ import annotations

import pytest

from benchmarks.line import NARROW, OFFSET
from unified.adapter import (
    Concurrency,
    DecayingCounter,
    FixedWindow,
    Limit,
    LimitRule,
    RollingWindow,
    TokenBucket,
)
from unified.bucket import Bucket
from unified.buckets import bucket_of
from unified.errors import Scope
from unified.operations import Priority

MIDDLE = 60.0 - OFFSET % 60 + 90.0
"""A time well inside a minute of the venue's clock."""


def fresh(rule: LimitRule, most_urgent: Priority = Priority.PUBLIC_READ, share: float = 1.0) -> Bucket:
    bucket = bucket_of(Limit(bucket="b", scope=Scope.IP, rule=rule, most_urgent=most_urgent), share, "spot")
    bucket.advance(MIDDLE, NARROW)
    return bucket


MINUTE = FixedWindow(limit=100, period=60)


EVERY_RULE = [
    pytest.param(MINUTE, id="calendar window"),
    pytest.param(RollingWindow(limit=100, period=60), id="rolling window"),
    pytest.param(TokenBucket(rate=1, burst=100), id="token bucket"),
    pytest.param(DecayingCounter(limit=100, decay=1), id="decaying counter"),
    pytest.param(Concurrency(limit=100), id="concurrency"),
]
