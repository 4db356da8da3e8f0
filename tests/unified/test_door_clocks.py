"""What a limiter is told of a venue's clock."""

from __future__ import annotations

from unified.account import VenueTime
from unified.clock import ClockSync
from unified.door_clocks import DoorClocks


def test_clocks_hold_the_truth_for_as_long_as_it_is_known() -> None:
    clock = ClockSync()
    clocks = DoorClocks({"spot": clock})
    assert clocks.theta("spot", 10.0) is None
    assert clocks.theta("elsewhere", 10.0) is None
    clock.observe(10.0, 10.1, VenueTime(time_us=1_000_000_050_000, unit_us=1000), fresh_connection=False)
    for at in (10.2, 10.9, 60.0):
        theta = clocks.theta("spot", at)
        assert theta is not None
        assert theta[0] <= 1_000_000.05 - 10.05 <= theta[1]
        assert theta[1] - theta[0] < 0.2
    clock.suspect(60.0)
    assert clocks.theta("spot", 60.0) is None
