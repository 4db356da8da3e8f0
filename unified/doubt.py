"""One wanted order on its way to a known state: what happened to its copies, written into its intent.

Asks nobody and decides nothing: `settlement.py` looks, `intent.py` decides. What must survive a crash goes through
the journal before it happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import datetime

from unified import intent as life
from unified.adapter import Expiry, Stamp
from unified.calls import Trace
from unified.errors import Attempt, Outcome, VenueError
from unified.intent import Intent, Phase
from unified.operations import PlaceOrder
from unified.ports import Journal
from unified.records import OrderRecord
from unified.values import frozen


@frozen(kw_only=True)
class Pending:
    """An order whose outcome is not known yet."""

    instrument: str
    client_order_id: str
    age: float
    """Seconds since the doubt began."""
    sends: int
    fence: datetime | None
    """Venue time from which 'not found' proves that it does not exist; None where nothing can prove it."""
    order: PlaceOrder


class ProofClock:
    """The venue's clock until the fence, and beyond it no faster than our own.

    How long an accepted order stays invisible does not shorten when the venue sets its clock forward.
    """

    def __init__(self) -> None:
        self._fenced_at: float | None = None

    def sure_ms(self, venue_ms: int | None, fence_ms: int | None) -> int | None:
        """The venue time that may be used for a proof, where `venue_ms` has surely passed."""
        if venue_ms is None or fence_ms is None or venue_ms <= fence_ms:
            self._fenced_at = None
            return venue_ms
        now = asyncio.get_running_loop().time()
        if self._fenced_at is None:
            self._fenced_at = now
        return min(venue_ms, fence_ms + 1 + int((now - self._fenced_at) * 1000))


class Doubt(Trace):
    """One wanted order on its way to a known state."""

    def __init__(self, order: PlaceOrder, expiry: Expiry | None, journal: Journal | None) -> None:
        self.order = order
        self.intent = life.BEGUN
        self._journal = journal
        self.attempts: tuple[Attempt, ...] = ()
        self.last: VenueError | None = None
        self.doubted_at: float | None = None
        self.first_sent_ms = 0
        self._proof: ProofClock | None = None
        self._expiry = expiry

    def sending(self, stamp: Stamp) -> Awaitable[None] | None:
        following = life.sent(self.intent, None if self._expiry is None else self._expiry.fence_ms(stamp))
        # The earliest by the venue's clock, which may have been set back since the first copy.
        first_sent_ms = min(self.first_sent_ms or stamp.time_ms, stamp.time_ms)
        record = OrderRecord(
            order=self.order, sends=following.sends, fence_ms=following.fence_ms, first_sent_ms=first_sent_ms
        )
        to_wait_for = None if self._journal is None else self._journal.sending(record)
        if to_wait_for is not None:
            return self._when_written(to_wait_for, following, first_sent_ms)
        self._about_to_leave(following, first_sent_ms)
        return None

    async def _when_written(self, written: Awaitable[None], following: Intent, first_sent_ms: int) -> None:
        await written
        self._about_to_leave(following, first_sent_ms)

    def _about_to_leave(self, following: Intent, first_sent_ms: int) -> None:
        self.intent, self.first_sent_ms = following, first_sent_ms
        self._proof = None

    def held_back(self) -> None:
        """What was about to leave did not."""
        self.intent = life.not_sent(self.intent)

    def adopt(self, record: OrderRecord) -> None:
        """Go on where another process had to stop."""
        self.intent = Intent(phase=Phase.UNKNOWN, sends=record.sends, fence_ms=record.fence_ms, doubtful=True)
        self.first_sent_ms = record.first_sent_ms
        self.doubted_at = asyncio.get_running_loop().time()

    def sure_ms(self, venue_ms: int | None) -> int | None:
        """The venue time that may be used for a proof about this order; see `ProofClock`."""
        if self._proof is None:
            self._proof = ProofClock()
        return self._proof.sure_ms(venue_ms, self.intent.fence_ms)

    def close(self) -> None:
        """Nothing is in doubt any more: the journal may forget it."""
        if self._journal is not None:
            outcome = Outcome.DONE if self.intent.phase is Phase.KNOWN else Outcome.REJECTED
            self._journal.ended(self.order.client_order_id, outcome)

    def failed(self, error: VenueError, sent: bool) -> None:
        self.last = error
        if not sent:
            return
        match error.fault.outcome:
            case Outcome.NOT_SENT:
                self.intent = life.not_sent(self.intent)
            case Outcome.REJECTED:
                self.intent = life.refused(self.intent)
            case _:
                self._in_doubt()

    def interrupted(self) -> None:
        self._in_doubt()

    def answered(self) -> None:
        self.intent = life.found(self.intent)

    def told(self, *, exists: bool) -> None:
        """The caller says what nothing here can find out."""
        self.intent = life.told(self.intent, exists=exists)

    def _in_doubt(self) -> None:
        self.intent = life.lost(self.intent)
        if self.doubted_at is None:
            self.doubted_at = asyncio.get_running_loop().time()


class Together(Trace):
    """One request for several orders."""

    def __init__(self, doubts: tuple[Doubt, ...]) -> None:
        self._doubts = doubts

    async def sending(self, stamp: Stamp) -> None:
        written = await asyncio.gather(*(_on_record(doubt, stamp) for doubt in self._doubts), return_exceptions=True)
        failures = [failure for failure in written if failure is not None]
        if failures:
            for doubt, failure in zip(self._doubts, written, strict=True):
                if failure is None:
                    doubt.held_back()
            raise failures[0]

    def failed(self, error: VenueError, sent: bool) -> None:
        for doubt in self._doubts:
            doubt.failed(error, sent)

    def interrupted(self) -> None:
        for doubt in self._doubts:
            doubt.interrupted()


async def _on_record(doubt: Doubt, stamp: Stamp) -> None:
    to_wait_for = doubt.sending(stamp)
    if to_wait_for is not None:
        await to_wait_for
