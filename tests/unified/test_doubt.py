"""What happens to the copies of one order, as its doubt keeps it."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from tests.toy import BTC, virtual
from unified.adapter import Expiry, Stamp
from unified.doubt import Doubt, Together
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.intent import Phase
from unified.operations import PlaceOrder
from unified.order import Side
from unified.records import LimitRecord, OrderRecord

ORDER = PlaceOrder(instrument=BTC, side=Side.BUY, client_order_id="c1")
EXPIRY = Expiry(parameter="window", min_ms=100, max_ms=60_000, default_ms=500)
STAMP = Stamp(time_ms=1000, window_ms=500, nonce=1, token="")


class Notes:
    """A journal that remembers what it was told, and fails when it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.left_over: dict[str, OrderRecord] = {}
        self.limits: tuple[LimitRecord, ...] = ()
        self.said: list[object] = []
        self._fails = fails

    async def sending(self, record: OrderRecord) -> None:
        if self._fails:
            raise VenueError.of(Fault(kind=Kind.CONNECT_FAILED))
        self.said.append((record.order.client_order_id, record.sends, record.fence_ms, record.first_sent_ms))

    def ended(self, client_order_id: str, outcome: Outcome) -> None:
        self.said.append((client_order_id, outcome))

    def limited(self, record: LimitRecord) -> None:
        self.said.append(record)

    async def aclose(self) -> None:
        """Nothing is open."""


def error(outcome: Outcome) -> VenueError:
    return VenueError.of(Fault(kind=Kind.UNKNOWN, outcome=outcome))


async def sent(doubt: Doubt) -> Doubt:
    to_wait_for = doubt.sending(STAMP)
    if to_wait_for is not None:
        await to_wait_for
    return doubt


@pytest.mark.parametrize(
    ("outcome", "phase"),
    [
        (Outcome.NOT_SENT, Phase.READY),
        (Outcome.REJECTED, Phase.REFUSED),
        (Outcome.UNKNOWN, Phase.UNKNOWN),
        (Outcome.DONE, Phase.UNKNOWN),
    ],
    ids=["what never left", "a refusal", "a lost answer", "an order of this id that is there already"],
)
def test_what_became_of_a_copy_is_written_into_the_intent(outcome: Outcome, phase: Phase) -> None:
    async def story() -> None:
        doubt = await sent(Doubt(ORDER, EXPIRY, None))
        doubt.failed(error(outcome), True)
        assert doubt.intent.phase is phase

    virtual(story)


def test_a_failure_before_sending_changes_nothing() -> None:
    doubt = Doubt(ORDER, EXPIRY, None)
    doubt.failed(error(Outcome.NOT_SENT), False)
    assert (doubt.intent.phase, doubt.intent.sends) == (Phase.READY, 0)


def test_the_journal_is_told_before_a_copy_leaves_and_when_the_outcome_is_known() -> None:
    async def story() -> None:
        notes = Notes()
        doubt = await sent(Doubt(ORDER, EXPIRY, notes))
        doubt.answered()
        doubt.close()
        assert notes.said == [("c1", 1, 1500, 1000), ("c1", Outcome.DONE)]

    virtual(story)


def test_without_an_expiry_there_is_no_fence() -> None:
    async def story() -> None:
        assert (await sent(Doubt(ORDER, None, None))).intent.fence_ms is None

    virtual(story)


def test_where_the_venue_looks_at_the_time_on_arrival_only_the_fence_is_later() -> None:
    async def story() -> None:
        late = evolve(EXPIRY, late=2.5)
        assert (await sent(Doubt(ORDER, late, None))).intent.fence_ms == 1500 + 2500

    virtual(story)


def test_visibility_counts_by_our_own_clock_however_the_venue_sets_its_own() -> None:
    async def story() -> None:
        doubt = await sent(Doubt(ORDER, EXPIRY, None))
        doubt.interrupted()
        assert doubt.sure_ms(1400) == 1400
        assert doubt.sure_ms(3_600_000) == 1501  # the venue set its clock forward: only now the fence has passed
        await asyncio.sleep(2)
        assert doubt.sure_ms(3_602_000) == pytest.approx(3501, abs=2)

    virtual(story)


def test_if_one_order_of_a_batch_cannot_be_written_none_leaves() -> None:
    async def story() -> None:
        good, bad = Doubt(ORDER, EXPIRY, Notes()), Doubt(ORDER, EXPIRY, Notes(fails=True))
        with pytest.raises(VenueError):
            await Together((good, bad)).sending(STAMP)
        assert (good.intent.phase, bad.intent.phase) == (Phase.READY, Phase.READY)

    virtual(story)
