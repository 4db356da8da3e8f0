"""What a process hands on of the venue's limits: the next one never has more than the venue would give."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toy import virtual
from unified.adapter import Charge, Concurrency, DecayingCounter, FixedWindow, Limit, RollingWindow, TokenBucket
from unified.bucket import Theta
from unified.carryover import Carryover
from unified.errors import Fault, Kind, Outcome, Scope
from unified.limiter import ARRIVAL_SECONDS, Limiter
from unified.operations import Priority
from unified.permits import Delay, Permit
from unified.records import LimitRecord, OrderRecord, ShutRecord, SpentRecord

LIMITS = (
    Limit(bucket="weight", scope=Scope.IP, rule=FixedWindow(limit=100, period=60), door="spot"),
    Limit(bucket="orders", scope=Scope.ACCOUNT, rule=RollingWindow(limit=10, period=2)),
    Limit(bucket="calls", scope=Scope.ACCOUNT, rule=DecayingCounter(limit=20, decay=1)),
    Limit(bucket="tokens", scope=Scope.IP, rule=TokenBucket(rate=10, burst=30)),
    Limit(bucket="slots", scope=Scope.IP, rule=Concurrency(limit=2)),
)


class Clock:
    """Every door's clock began with ours."""

    def theta(self, door: str, now: float) -> Theta | None:
        return (-0.0005, 0.0005)


class Wall:
    """Follows the loop."""

    def time_ns(self) -> int:
        return round(asyncio.get_running_loop().time() * 1e9)


class Notebook:
    """A journal of limits alone."""

    def __init__(self, limits: tuple[LimitRecord, ...] = ()) -> None:
        self.left_over: dict[str, OrderRecord] = {}
        self.limits = limits
        self.written: list[LimitRecord] = []

    async def sending(self, record: OrderRecord) -> None:
        raise NotImplementedError

    def ended(self, client_order_id: str, outcome: Outcome) -> None:
        raise NotImplementedError

    def limited(self, record: LimitRecord) -> None:
        self.written.append(record)

    async def aclose(self) -> None:
        """Nothing is open."""

    @property
    def left(self) -> tuple[LimitRecord, ...]:
        """What the next process finds: the last word about each thing."""
        return tuple({record.about: record for record in self.written}.values())


class Life:
    """One process: a limiter, and the notebook that it writes."""

    def __init__(self, before: tuple[LimitRecord, ...] = (), owner: str = "me") -> None:
        self.limiter = Limiter(LIMITS)
        self.notebook = Notebook(before)
        self.owner = owner
        self.carryover = Carryover(self.notebook, Wall())
        self.carryover.inherit(self.limiter, owner)

    def takes(self, bucket: str, cost: float = 1, *, answered: bool = True) -> bool:
        """Whether a request may leave now."""
        now = asyncio.get_running_loop().time()
        got = self.limiter.reserve(
            (Charge(bucket, cost),), now, priority=Priority.CANCEL, owner=self.owner, door="spot", clocks=Clock()
        )
        if isinstance(got, Delay):
            return False
        self.carryover.spent(got, self.limiter)
        if answered:
            self.limiter.settle(got, now, Clock())
        return True

    def fill(self, bucket: str) -> int:
        """Send as many as may leave now; how many those were."""
        sent = 0
        while self.takes(bucket):
            sent += 1
        return sent

    def refused(self, fault: Fault) -> None:
        now = asyncio.get_running_loop().time()
        permit = Permit((Charge("orders", 1),), self.owner, "spot", now, ())
        self.carryover.shut(self.limiter.refused(permit, fault, now))


def told(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    virtual(story)


@pytest.mark.parametrize(
    ("bucket", "recovery"),
    [("weight", 60.0), ("orders", 2.0), ("calls", 20.0), ("tokens", 3.0)],
    ids=["a calendar window", "a rolling window", "a decaying counter", "a token bucket"],
)
class TestWhatWasSpent:
    def test_a_full_bucket_is_full_for_the_next_process_too(self, bucket: str, recovery: float) -> None:
        async def story() -> None:
            first = Life()
            assert first.fill(bucket)
            await asyncio.sleep(0.01)
            assert not Life(first.notebook.left).takes(bucket)
            assert Life().takes(bucket), "control: without the notebook it would be empty"

        told(story)

    def test_it_is_free_again_after_its_time(self, bucket: str, recovery: float) -> None:
        async def story() -> None:
            first = Life()
            first.fill(bucket)
            second = Life(first.notebook.left)
            await asyncio.sleep(recovery * 1.01 + 0.1)
            assert second.takes(bucket)

        told(story)

    def test_what_is_long_past_binds_nobody(self, bucket: str, recovery: float) -> None:
        async def story() -> None:
            first = Life()
            first.fill(bucket)
            await asyncio.sleep(2 * recovery + 1)
            assert Life(first.notebook.left).takes(bucket)

        told(story)

    @given(pauses=st.lists(st.floats(0, 1), min_size=1, max_size=60), lives=st.integers(1, 4))
    def test_no_sequence_of_lives_gets_more_than_one_life_would(
        self, bucket: str, recovery: float, pauses: list[float], lives: int
    ) -> None:
        async def story() -> None:
            immortal, mortal = Life(), Life()
            for number, pause in enumerate(pauses):
                await asyncio.sleep(pause * recovery / 4)
                if number % lives == 0:
                    mortal = Life(mortal.notebook.left or mortal.notebook.limits)
                if mortal.takes(bucket, 3):
                    assert immortal.takes(bucket, 3), "the venue, which goes on counting, would have refused"

        told(story)


def test_what_was_under_way_counts_until_it_must_have_arrived() -> None:
    async def story() -> None:
        first = Life()
        assert first.takes("orders", 10, answered=False)
        second = Life(first.notebook.left)
        await asyncio.sleep(2.0 + ARRIVAL_SECONDS - 0.1)  # what was told covers what left up to two seconds later
        assert not second.takes("orders"), "it may arrive late, and be counted in a window that is still to come"
        await asyncio.sleep(0.2)
        assert not second.takes("orders"), "it arrived just now at the latest"
        await asyncio.sleep(2.1)
        assert second.takes("orders")

    told(story)


def test_what_was_under_way_outlasts_what_was_counted() -> None:
    async def story() -> None:
        first = Life()
        assert first.takes("orders", 10, answered=False)
        await asyncio.sleep(5.0)  # what was counted then is free since three seconds
        second = Life(first.notebook.left)
        assert not second.takes("orders"), "it may arrive now, beside this one"
        assert Life().takes("orders"), "control: without the notebook"

    told(story)


def test_most_requests_write_nothing() -> None:
    async def story() -> None:
        first = Life()
        sent = first.fill("weight")
        assert 0 < len(first.notebook.written) < sent / 3

    told(story)


def test_a_program_that_crashes_again_and_again_is_not_shut_out_by_its_own_caution() -> None:
    async def story() -> None:
        before: tuple[LimitRecord, ...] = ()
        for _ in range(12):
            life = Life(before)
            assert life.takes("weight")
            before = life.notebook.left

    told(story)


def test_the_last_word_is_kept_where_the_next_process_uses_nothing() -> None:
    async def story() -> None:
        first = Life()
        first.fill("calls")
        second = Life(first.notebook.left)
        third = Life(second.notebook.left or second.notebook.limits)
        assert not third.takes("calls")

    told(story)


def test_what_is_under_way_ends_with_its_process() -> None:
    async def story() -> None:
        first = Life()
        assert first.takes("slots", 2)
        assert first.notebook.written == []

    told(story)


def test_another_limit_than_before_is_left_alone() -> None:
    async def story() -> None:
        records = (
            SpentRecord(
                bucket="gone",
                key="",
                rule="FixedWindow 60",
                door="",
                used=9,
                under_way=0,
                until_ms=60_000,
                arrives_ms=60_000,
            ),
            SpentRecord(
                bucket="orders",
                key="",
                rule="RollingWindow 7",
                door="",
                used=10,
                under_way=0,
                until_ms=60_000,
                arrives_ms=60_000,
            ),
        )
        assert Life(records).takes("orders")

    told(story)


class TestBans:
    BAN = Fault(kind=Kind.BANNED, outcome=Outcome.REJECTED, scope=Scope.IP, retry_after=120.0)

    def test_a_ban_is_kept_by_the_next_process_until_it_ends(self) -> None:
        async def story() -> None:
            first = Life()
            first.refused(self.BAN)
            await asyncio.sleep(100)
            second = Life(first.notebook.left)
            assert not second.takes("weight")
            await asyncio.sleep(20.1)
            assert second.takes("weight")

        told(story)

    def test_a_ban_of_the_account_binds_the_account_of_the_journal(self) -> None:
        async def story() -> None:
            first = Life()
            first.refused(Fault(kind=Kind.RATE_LIMITED, scope=Scope.ACCOUNT, retry_after=5.0))
            (record,) = first.notebook.left
            assert isinstance(record, ShutRecord)
            assert not record.banned
            assert not Life(first.notebook.left).takes("orders")

        told(story)
