"""Windows that roll, against a venue that counts requests when they arrive."""

from __future__ import annotations

import pytest

from benchmarks.line import run, tails
from tests.counting import MIDDLE, fresh
from unified.adapter import (
    RollingWindow,
)
from unified.bucket import Word
from unified.operations import Priority


def test_counting_at_the_moment_of_sending_would_exceed_a_rolling_window() -> None:
    venue = run(RollingWindow(limit=20, period=2), [0.0] * 3000, tails(9, 0.2), settle_at_once=True, until=300)
    assert venue.worst > 20


def test_what_others_used_is_gone_when_the_venue_said_it_would_be() -> None:
    bucket = fresh(RollingWindow(limit=100, period=60))
    bucket.observe(Word(used=100, pending=0, sent_at=MIDDLE - 1, reset_after=3.0))
    assert bucket.start(1, Priority.CANCEL) == pytest.approx(MIDDLE + 3, abs=0.01)
