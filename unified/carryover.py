"""Hands what is used of a venue's limits, and where it asked to be left alone, on to the next process.

A venue goes on counting when a process dies: the next one begins with what this one may have used. Keeps no limit
(`limiter.py` does) and writes no file (`journal.py` does).

A bucket is told a step ahead of its use, so that most requests write nothing. What was told counts in full from the
beginning of the next process, since nobody knows how long before the end it was used: that process may have less
than the venue would give, for one window at most, and never more.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable

from unified.adapter import Charge
from unified.bucket import Bucket
from unified.gates import Gate
from unified.limiter import ARRIVAL_SECONDS, Limiter
from unified.permits import Line, Permit
from unified.ports import Journal, WallClock
from unified.records import ShutRecord, SpentRecord
from unified.values import frozen

STEP = 0.1
"""How far ahead a bucket's use is told, as a share of what is left of it: a program that crashes again and again, and
each time begins with what was only told ahead, must not talk itself out of the bucket."""


@frozen
class _Told:
    used: float
    until: float
    """Loop seconds until which this covers what is used."""


class Carryover:
    """What one client's journal is told of the limits of its venue."""

    def __init__(self, journal: Journal, wall: WallClock) -> None:
        self._journal = journal
        self._wall = wall
        self._told: dict[Bucket, _Told] = {}

    # --- what earlier processes left

    def inherit(self, limiter: Limiter, owner: str) -> None:
        """Take over what still counts. `owner` is the account that the journal is about."""
        now, wall_ms = asyncio.get_running_loop().time(), self._wall_ms()
        for record in self._journal.limits:
            left = (record.until_ms - wall_ms) / 1000
            if isinstance(record, SpentRecord):
                arrives_in = (record.arrives_ms - wall_ms) / 1000
                under_way = record.under_way if arrives_in > 0 else 0.0
                limiter.inherit(
                    Charge(record.bucket, record.used if left > 0 else under_way, record.key),
                    record.rule,
                    now,
                    owner=owner,
                    door=record.door,
                    under_way=under_way,
                    until=now + arrives_in,
                )
            elif left > 0:
                limiter.gates.close(
                    record.scope,
                    owner=owner,
                    key=record.key,
                    until=now + left,
                    reason="the venue told an earlier process to wait",
                    banned=record.banned,
                )

    # --- what this process does

    def spent(self, permit: Permit, limiter: Limiter) -> None:
        """A request is about to leave: tell of the buckets that it fills beyond what was told."""
        now = permit.sent_at
        told = self._told
        for bucket, _, _, _, used in permit.taken:
            known = told.get(bucket)
            if known is None or used > known.used or now > known.until:
                self._tell(limiter.lines.line_of(bucket, permit), bucket, now)

    def _tell(self, line: Line, bucket: Bucket, now: float) -> None:
        memory = bucket.memory
        if memory is None:
            self._told[bucket] = _Told(math.inf, math.inf)
            return
        used, wall_ms = bucket.used + STEP * max(0.0, bucket.limit - bucket.used), self._wall_ms()
        self._told[bucket] = _Told(used, now + memory.covers)
        self._journal.limited(
            SpentRecord(
                bucket=line.name,
                key=line.key,
                rule=bucket.form,
                door=bucket.door,
                used=used,
                under_way=bucket.in_flight + used - bucket.used,
                until_ms=wall_ms + math.ceil(memory.lasts * 1000),
                arrives_ms=wall_ms + math.ceil((memory.covers + ARRIVAL_SECONDS) * 1000),
            )
        )

    def shut(self, gates: Iterable[Gate]) -> None:
        """The venue asked to be left alone."""
        now, wall_ms = asyncio.get_running_loop().time(), self._wall_ms()
        for gate in gates:
            until_ms = wall_ms + round((gate.until - now) * 1000)
            self._journal.limited(ShutRecord(scope=gate.scope, key=gate.key, banned=gate.banned, until_ms=until_ms))

    def _wall_ms(self) -> int:
        return self._wall.time_ns() // 1_000_000
