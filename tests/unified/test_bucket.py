"""What buckets of every form share: the part that each priority may use, and a share of the whole."""

from __future__ import annotations

import pytest

from tests.counting import MIDDLE, MINUTE, fresh
from unified.adapter import (
    TokenBucket,
)
from unified.operations import Priority


@pytest.mark.parametrize(
    ("most_urgent", "reads", "orders", "cancels"),
    [
        pytest.param(Priority.CANCEL, 90, 95, 100, id="cancels use it"),
        pytest.param(Priority.ORDER, 90, 100, 100, id="orders use it"),
        pytest.param(Priority.PUBLIC_READ, 100, 100, 100, id="only reads use it"),
    ],
)
def test_the_last_part_is_kept_for_the_urgent(most_urgent: Priority, reads: int, orders: int, cancels: int) -> None:
    tops = {Priority.PUBLIC_READ: reads, Priority.PRIVATE_READ: reads, Priority.ORDER: orders}
    for priority, top in (tops | {Priority.CLOSE: cancels, Priority.CANCEL: cancels}).items():
        bucket = fresh(MINUTE, most_urgent)
        bucket.charge(top - 1)
        assert bucket.start(1, priority) == 0
        bucket.charge(1)
        assert bucket.start(1, priority) > MIDDLE


def test_a_read_heavier_than_its_part_may_have_an_empty_bucket_to_itself() -> None:
    bucket = fresh(MINUTE, Priority.CANCEL)
    assert bucket.start(95, Priority.PUBLIC_READ) == 0
    bucket.charge(1)
    assert bucket.start(95, Priority.PUBLIC_READ) > MIDDLE


def test_a_share_takes_its_part_of_the_limit_but_never_less_than_one_request() -> None:
    assert fresh(MINUTE, share=0.5).limit == 50
    assert fresh(TokenBucket(rate=1, burst=1), share=0.5).limit == 1
