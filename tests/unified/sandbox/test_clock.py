from __future__ import annotations

from unified.sandbox.clock import DEFAULT_BASE_US, VenueClock


class Host:
    """Monotonic seconds, set by hand."""

    seconds = 100.0

    def now(self) -> float:
        return self.seconds


def test_true_time_runs_with_the_host_from_the_base() -> None:
    host = Host()
    clock = VenueClock(host.now)
    host.seconds += 1.5
    assert clock.true_us() == DEFAULT_BASE_US + 1_500_000


def test_steps_move_what_is_shown_and_not_the_true_time() -> None:
    host = Host()
    clock = VenueClock(host.now, base_us=1_000_000_000)
    clock.step(3600)
    clock.step(-3)
    assert clock.moment().shown_us - clock.moment().true_us == 3_597_000_000 == clock.stepped_us
    assert clock.true_us() == 1_000_000_000


def test_drift_grows_with_time() -> None:
    host = Host()
    clock = VenueClock(host.now, drift_ppm=100)
    host.seconds += 1000
    moment = clock.moment()
    assert moment.shown_us - moment.true_us == 100_000
