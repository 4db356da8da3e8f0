"""Whose requests count together, and what becomes of the counts when the venue publishes other limits."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.limiting import CLOCK, LIMITS, NOW, WEIGHT, granted, refused, row
from unified.adapter import Charge, FixedWindow, TokenBucket
from unified.limiter import Limiter

# --- who counts together


def test_accounts_share_the_address_but_not_their_own_limits() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("weight", 60), Charge("orders", 5), owner="me")
    granted(limiter, Charge("weight", 40), Charge("orders", 5), owner="you")
    refused(limiter, Charge("weight"), owner="them")
    refused(limiter, Charge("orders"), owner="me")
    granted(limiter, Charge("orders"), owner="them")


def test_each_key_has_a_bucket_of_its_own() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("pair", 60, "XBTUSD"))
    refused(limiter, Charge("pair", 1, "XBTUSD"))
    granted(limiter, Charge("pair", 60, "ETHUSD"))


def test_a_share_scales_what_we_allow_ourselves() -> None:
    limiter = Limiter(LIMITS, share=0.5)
    granted(limiter, Charge("weight", 50))
    refused(limiter, Charge("weight", 1))


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        Limiter(LIMITS, share=share)


# --- published limits


def test_a_published_limit_takes_the_place_of_the_old_and_the_count_goes_on() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight", 40))
    limiter.lines.publish([evolve(WEIGHT, rule=FixedWindow(limit=50, period=60))], NOW, CLOCK)
    refused(limiter, Charge("weight", 11))
    limiter.refund(permit)
    granted(limiter, Charge("weight", 50))


def test_a_window_that_is_new_starts_as_full_as_the_old() -> None:
    limiter = Limiter(LIMITS)
    granted(limiter, Charge("weight", 40))
    limiter.lines.publish([evolve(WEIGHT, rule=FixedWindow(limit=300, period=300))], NOW, CLOCK)
    assert (row(limiter, "weight").limit, row(limiter, "weight").used) == (300, 40)


def test_published_limits_leave_rules_of_other_forms_alone() -> None:
    burst = evolve(WEIGHT, rule=TokenBucket(rate=10, burst=20))
    limiter = Limiter((WEIGHT, burst))
    limiter.lines.publish([evolve(WEIGHT, rule=FixedWindow(limit=50, period=60))], NOW, CLOCK)
    granted(limiter, Charge("weight", 20))
    refused(limiter, Charge("weight", 1))
