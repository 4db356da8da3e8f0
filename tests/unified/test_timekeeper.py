"""Measuring clocks: shared by who waits at the same time, in the background where that is enough."""

from __future__ import annotations

import asyncio

import pytest

from tests.toy import virtual
from unified.account import VenueTime
from unified.calls import within
from unified.errors import Fault, Kind, VenueError
from unified.hooks import Hooks, ResyncEvent
from unified.timekeeper import FIRST_SAMPLES, LATER_SAMPLES, Timekeeper


class Asked:
    """Answers with the time, and counts how often it was asked."""

    def __init__(self, keeper: Timekeeper, fails_from: int = 99) -> None:
        self.times = 0
        self._keeper = keeper
        self._fails_from = fails_from

    async def __call__(self) -> None:
        self.times += 1
        loop = asyncio.get_running_loop()
        sent_at = loop.time()
        await asyncio.sleep(0.1)
        if self.times >= self._fails_from:
            raise VenueError.of(Fault(kind=Kind.REQUEST_TIMEOUT))
        time = VenueTime(time_us=int((sent_at + 1000.05) * 1e6), unit_us=1000)
        self._keeper.clocks["main"].observe(sent_at, loop.time(), time, False)


class TestMeasuring:
    def test_all_who_wait_share_one_measurement_and_hear_of_it_once(self) -> None:
        async def story() -> None:
            keeper, hooks, heard = Timekeeper("toy", ("main",)), Hooks(), list[ResyncEvent]()
            hooks.on_resync.add(heard.append)
            asked = Asked(keeper)
            await asyncio.gather(*(keeper.measured("main", asked, "first use", hooks) for _ in range(5)))
            assert asked.times == FIRST_SAMPLES
            assert [(event.venue, event.door, event.reason) for event in heard] == [("toy", "main", "first use")]
            assert keeper.clocks["main"].known

        virtual(story)

    def test_a_known_clock_is_measured_with_fewer_samples(self) -> None:
        async def story() -> None:
            keeper = Timekeeper("toy", ("main",))
            asked = Asked(keeper)
            await keeper.measured("main", asked, "first use", Hooks())
            await keeper.measured("main", asked, "age", Hooks())
            assert asked.times == FIRST_SAMPLES + LATER_SAMPLES

        virtual(story)

    def test_who_waits_is_told_when_not_one_sample_came(self) -> None:
        async def story() -> None:
            keeper = Timekeeper("toy", ("main",))
            with pytest.raises(VenueError):
                await keeper.measured("main", Asked(keeper, fails_from=1), "first use", Hooks())

        virtual(story)

    def test_one_good_sample_is_enough(self) -> None:
        async def story() -> None:
            keeper = Timekeeper("toy", ("main",))
            await keeper.measured("main", Asked(keeper, fails_from=2), "first use", Hooks())
            assert keeper.clocks["main"].known

        virtual(story)

    def test_a_caller_who_gives_up_does_not_stop_the_measurement(self) -> None:
        async def story() -> None:
            keeper = Timekeeper("toy", ("main",))
            asked = Asked(keeper)
            waiting = asyncio.create_task(keeper.measured("main", asked, "first use", Hooks()))
            await asyncio.sleep(0.05)
            waiting.cancel()
            await asyncio.sleep(1.0)
            assert asked.times == FIRST_SAMPLES

        virtual(story)

    def test_measuring_is_free_of_the_callers_deadline(self) -> None:
        async def story() -> None:
            keeper, seen = Timekeeper("toy", ("main",)), []

            async def ask() -> None:
                with within(1e9) as holds:
                    seen.append(holds)

            with within(asyncio.get_running_loop().time() + 0.01):
                await keeper.measured("main", ask, "first use", Hooks())
            assert set(seen) == {1e9}

        virtual(story)

    def test_closing_stops_what_is_measured(self) -> None:
        async def story() -> None:
            keeper = Timekeeper("toy", ("main",))
            keeper.measure("main", Asked(keeper), "age", Hooks())
            await keeper.aclose()
            assert len(asyncio.all_tasks()) == 1

        virtual(story)
