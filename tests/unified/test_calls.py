"""Deadlines that nested calls inherit."""

from __future__ import annotations

import asyncio

from tests.toy import virtual
from unified.adapter import Stamp
from unified.calls import Trace, within, without_deadline
from unified.errors import Fault, Kind, VenueError


class TestDeadlines:
    def test_the_nearer_deadline_holds(self) -> None:
        with within(10.0) as outer, within(20.0) as inner:
            assert (outer, inner) == (10.0, 10.0)
        with within(20.0), within(10.0) as inner:
            assert inner == 10.0

    def test_without_any_deadline_there_is_all_the_time(self) -> None:
        with within(None) as holds:
            assert holds == float("inf")

    def test_work_that_goes_on_after_the_caller_is_free_of_its_deadline(self) -> None:
        with within(10.0), without_deadline(), within(30.0) as holds:
            assert holds == 30.0

    def test_a_deadline_ends_with_its_block(self) -> None:
        with within(10.0):
            pass
        with within(30.0) as holds:
            assert holds == 30.0

    def test_tasks_started_inside_inherit_it(self) -> None:
        async def held() -> float:
            with within(99.0) as holds:
                return holds

        async def story() -> None:
            with within(10.0):
                assert await asyncio.create_task(held()) == 10.0

        virtual(story)


def test_a_trace_that_listens_to_nothing_takes_everything() -> None:
    async def story() -> None:
        trace = Trace()
        assert trace.sending(Stamp(time_ms=1, window_ms=1, nonce=1, token="")) is None
        trace.failed(VenueError.of(Fault(kind=Kind.UNKNOWN)), True)
        trace.interrupted()
        trace.answered()

    virtual(story)
