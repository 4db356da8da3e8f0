"""The clock of a door against simulated venues whose true time is known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.clocks import EPOCH_US, Venue, eight_samples
from unified.clock import ClockSync
from unified.errors import Kind, Outcome, VenueError

WINDOW_MS = 5_000


def synced(at: float = 10.0, rtt: float = 0.02) -> tuple[ClockSync, Venue]:
    clock, venue = ClockSync(), Venue()
    venue.answer(clock, at, rtt / 2, rtt / 2)
    return clock, venue


delays = st.floats(0.0005, 3.0)
samples = st.lists(st.tuples(st.floats(0.0, 400.0), delays, delays, st.booleans()), min_size=1, max_size=30)


@given(samples, st.floats(-50, 50), st.sampled_from([1, 1000, 1_000_000]), st.integers(0, EPOCH_US))
def test_the_true_time_is_always_inside_whatever_the_network_does(
    network: list[tuple[float, float, float, bool]], ppm: float, unit_us: int, offset_us: int
) -> None:
    clock, venue, now = ClockSync(), Venue(ppm=ppm, unit_us=unit_us, offset_us=offset_us), 1000.0
    for pause, up, down, fresh in network:
        now = venue.answer(clock, now + pause, up, down, fresh)
        assert venue.holds(clock, now)
        assert venue.holds(clock, now + 3600)
    assert clock.epoch == 0


@given(samples, st.floats(-50, 50))
def test_the_time_given_out_never_falls_and_is_never_ahead(
    network: list[tuple[float, float, float, bool]], ppm: float
) -> None:
    clock, venue, now, last = ClockSync(), Venue(ppm=ppm), 1000.0, 0
    for pause, up, down, fresh in network:
        now = venue.answer(clock, now + pause, up, down, fresh)
        for later in (now, math.nextafter(now, math.inf), now + 0.0004, now + 0.0007):
            given_out = clock.now_ms(later)
            assert last <= given_out <= venue.true_us(later) / 1000
            last = given_out
        now += 0.0007


def test_eight_samples_pin_the_clock_to_half_the_best_round_trip_and_two_milliseconds() -> None:
    for seed in range(200):
        eight = eight_samples(seed)
        assert eight.half_width <= eight.best_rtt / 2 + 0.002
        assert eight.held


def test_the_interval_widens_by_fifty_millionths_of_the_time_on_each_side() -> None:
    clock, _ = synced()
    assert clock.half_width(110.02) - clock.half_width(10.02) == pytest.approx(0.005, abs=2e-6)


def test_a_sample_that_contradicts_what_is_known_starts_a_new_epoch_from_itself() -> None:
    clock, venue = synced()
    venue.offset_us -= 3_600_000_000
    now = venue.answer(clock, 20.0, 0.01, 0.01)
    assert clock.epoch == 1
    assert venue.holds(clock, now)
    assert clock.reading(now, EPOCH_US).samples == 1
    assert clock.needs_sync(now, WINDOW_MS), "one sample after a step may be the odd one out"
    now = venue.answer(clock, now, 0.01, 0.01)
    assert not clock.needs_sync(now, WINDOW_MS)


def test_the_first_sample_of_a_connection_counts_where_nothing_is_known() -> None:
    clock, venue = ClockSync(), Venue()
    now = venue.answer(clock, 10.0, 0.4, 0.1, fresh=True)
    assert venue.holds(clock, now)
    assert clock.half_width(now) < 0.26


def test_the_first_sample_of_a_connection_is_passed_over_where_better_is_known() -> None:
    clock, venue = synced()
    before = clock.interval_us(30.0)
    venue.answer(clock, 20.0, 0.4, 0.001, fresh=True)
    assert clock.interval_us(30.0) == before
    assert clock.epoch == 0


def test_a_step_is_a_step_whatever_connection_shows_it() -> None:
    clock, venue = synced()
    venue.offset_us += 3_600_000_000
    now = venue.answer(clock, 20.0, 0.4, 0.1, fresh=True)
    assert clock.epoch == 1
    assert venue.holds(clock, now)


def test_a_slow_sample_of_a_warm_connection_may_still_raise_one_bound() -> None:
    clock, venue = synced()
    low, high = clock.interval_us(30.0)
    venue.answer(clock, 20.0, 0.4, 0.001)
    assert clock.interval_us(30.0)[0] > low
    assert clock.interval_us(30.0)[1] == high


@pytest.mark.parametrize(
    ("after", "window_ms", "wanted"),
    [
        pytest.param(99.0, 400, False, id="not while the half-width has grown by less than 5 ms"),
        pytest.param(101.0, 400, True, id="when the half-width has grown by 5 ms"),
        pytest.param(199.0, 1000, False, id="not by less than a hundredth of the window where that is more"),
        pytest.param(201.0, 1000, True, id="when the half-width has grown by a hundredth of the window"),
        pytest.param(299.0, 60_000, False, id="not within five minutes where the window is wide"),
        pytest.param(300.1, 60_000, True, id="after five minutes in any case"),
    ],
)
def test_a_clock_is_measured_again(after: float, window_ms: int, wanted: bool) -> None:
    clock, _ = synced()
    assert clock.needs_sync(10.02 + after, window_ms) is wanted


def test_a_clock_that_was_never_measured_wants_to_be() -> None:
    assert ClockSync().needs_sync(0.0, 60_000)


def test_a_clock_too_vague_for_the_window_wants_to_be_measured() -> None:
    clock, _ = synced(rtt=2.0)
    assert not clock.usable(12.0, 1000)
    assert clock.needs_sync(12.0, 1000)


def test_stamps_in_whole_seconds_are_no_measurement_where_milliseconds_are_offered() -> None:
    clock, venue = synced()
    venue.unit_us = 1_000_000
    for at in range(20, 310, 10):
        venue.answer(clock, float(at), 0.01, 0.01)
    assert clock.needs_sync(311.0, 60_000)


def test_a_new_epoch_takes_what_stamps_it_can_get() -> None:
    clock, venue = synced()
    clock.suspect(20.0)
    venue.unit_us = 1_000_000
    for at in (21.0, 22.3):
        venue.answer(clock, at, 0.01, 0.01)
    assert not clock.needs_sync(23.0, 60_000)


@pytest.mark.parametrize(
    ("rtt", "window_ms", "usable"),
    [
        pytest.param(0.998, 2000, True, id="an interval of half the window will do"),
        pytest.param(1.002, 2000, False, id="an interval of more than half the window will not"),
    ],
)
def test_a_stamp_is_trusted_only_if_the_interval_fits_into_half_the_window(
    rtt: float, window_ms: int, usable: bool
) -> None:
    clock, _ = synced(rtt=rtt)
    assert clock.usable(10.0 + rtt, window_ms) is usable


def test_nothing_is_usable_or_bounded_before_the_first_sample() -> None:
    clock = ClockSync()
    assert not clock.known
    assert not clock.usable(0.0, 60_000)
    assert clock.half_width(0.0) == math.inf
    assert clock.theta(0.0) is None
    with pytest.raises(VenueError) as caught:
        clock.now_ms(0.0)
    assert (caught.value.kind, caught.value.outcome) == (Kind.TIMESTAMP_OUT_OF_WINDOW, Outcome.NOT_SENT)


def test_the_fence_opens_only_when_the_venue_is_beyond_it_by_any_reading() -> None:
    clock, venue = ClockSync(), Venue()
    now = venue.answer(clock, 10.0, 0.3, 0.3)
    fence_ms = int(venue.true_us(12.0)) // 1000
    opened = next(at for at in (now + step / 1000 for step in range(5000)) if clock.now_ms(at) > fence_ms)
    assert venue.true_us(opened) >= (fence_ms + 1) * 1000
    assert opened - 12.0 < 0.7


def test_a_refused_time_voids_all_that_was_known_and_all_that_was_under_way() -> None:
    clock, venue = synced()
    clock.suspect(20.0)
    assert clock.epoch == 1
    assert not clock.usable(20.0, WINDOW_MS)
    assert clock.needs_sync(20.0, WINDOW_MS)
    venue.answer(clock, 19.99, 0.05, 0.05)
    assert not clock.known, "the request left before the refusal"
    now = venue.answer(clock, 20.1, 0.01, 0.01)
    assert venue.holds(clock, now)


def test_many_refusals_of_one_wrong_clock_cost_one_epoch() -> None:
    clock, venue = synced()
    clock.suspect(20.0)
    clock.suspect(20.1)
    venue.answer(clock, 20.3, 0.01, 0.01)
    clock.suspect(20.2)
    assert clock.epoch == 1
    assert clock.known


def test_a_machine_that_slept_knows_nothing_any_more() -> None:
    clock, venue = synced()
    assert not clock.heartbeat(11.0, 500.0)
    assert not clock.heartbeat(12.0, 501.05)
    assert clock.known
    assert clock.heartbeat(13.0, 5502.0)
    assert not clock.known
    assert clock.epoch == 1
    venue.answer(clock, 12.9, 0.1, 0.1)
    assert not clock.known, "the request was under way while the machine slept"
    assert not clock.heartbeat(14.0, 5503.0)


def test_many_short_sleeps_add_up() -> None:
    clock, _ = synced()
    slept = [clock.heartbeat(float(at), at + 0.04 * at) for at in range(11, 15)]
    assert slept == [False, False, False, True]


def test_theta_is_the_same_interval_against_our_own_clock() -> None:
    clock, venue = synced()
    theta = clock.theta(70.0)
    assert theta is not None
    assert theta[0] - 1e-6 <= venue.true_us(70.0) / 1e6 - 70.0 <= theta[1] + 1e-6
    assert (theta[1] - theta[0]) / 2 == pytest.approx(clock.half_width(70.0), abs=1e-6)


def test_a_reading_tells_offset_bound_age_epoch_and_samples() -> None:
    clock, venue = synced()
    wall_us = int(venue.true_us(12.02)) - 250_000
    reading = clock.reading(12.02, wall_us)
    assert reading.offset == pytest.approx(0.25, abs=reading.bound)
    assert reading.bound == pytest.approx(0.0106, abs=1e-4)
    assert reading.age == pytest.approx(2.0)
    assert (reading.epoch, reading.samples) == (0, 1)


def test_a_reading_of_nothing_says_so() -> None:
    reading = ClockSync().reading(12.0, EPOCH_US)
    assert (reading.offset, reading.bound, reading.age, reading.samples) == (None, math.inf, None, 0)


def test_an_hour_of_steps_and_drift_never_stamps_outside_the_window() -> None:
    clock, venue, now, incidents = ClockSync(), Venue(ppm=40), 100.0, 0
    for second in range(3600):
        if second % 900 == 450:
            venue.offset_us += venue.chance.choice([-3_600_000_000, 3_600_000_000])
        if clock.needs_sync(now, WINDOW_MS):
            venue.answer(clock, now, 0.01, 0.01)
            now += 0.1
            continue
        stamp_ms = clock.now_ms(now)
        age_ms = venue.true_us(now + 0.02) / 1000 - stamp_ms
        if not 0 <= age_ms <= WINDOW_MS:
            incidents += 1
            clock.suspect(now)
        now += 1.0
    assert incidents == 4, "each step is met once, and once only"
