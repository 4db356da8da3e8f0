"""The wait for the journal is told, and everything else passes through."""

from __future__ import annotations

import asyncio

from tests.toy import BTC, virtual
from unified.errors import Outcome, Scope
from unified.hooks import Hooks, WaitEvent
from unified.operations import PlaceOrder
from unified.order import OrderType, Side
from unified.records import LimitRecord, OrderRecord, ShutRecord
from unified.timed_journal import TimedJournal

ORDER = PlaceOrder(instrument=BTC, side=Side.BUY, order_type=OrderType.MARKET, client_order_id="a1")
SHUT = ShutRecord(scope=Scope.IP, key="", banned=True, until_ms=9)
RECORD = OrderRecord(order=ORDER, sends=1, fence_ms=None, first_sent_ms=0)


class Slow:
    """A journal on a slow disk."""

    def __init__(self) -> None:
        self.left_over = {"a1": RECORD}
        self.limits: tuple[LimitRecord, ...] = (SHUT,)
        self.heard: list[object] = []

    async def sending(self, record: OrderRecord) -> None:
        await asyncio.sleep(0.25)
        self.heard.append(record)

    def ended(self, client_order_id: str, outcome: Outcome) -> None:
        self.heard.append((client_order_id, outcome))

    def limited(self, record: LimitRecord) -> None:
        self.heard.append(record)

    async def aclose(self) -> None:
        self.heard.append("closed")


async def on_record(journal: TimedJournal) -> None:
    to_wait_for = journal.sending(RECORD)
    assert to_wait_for is not None
    await to_wait_for


def test_the_wait_is_told_and_the_rest_passes() -> None:
    async def story() -> None:
        behind, hooks = Slow(), Hooks()
        waits: list[WaitEvent] = []
        journal = TimedJournal(behind, "toy", hooks)
        await on_record(journal)
        hooks.on_wait.add(waits.append)
        await on_record(journal)
        journal.ended("a1", Outcome.DONE)
        journal.limited(SHUT)
        await journal.aclose()
        assert [(event.operation, event.reason, round(event.seconds, 2)) for event in waits] == [
            ("place_order", "journal", 0.25)
        ]
        assert behind.heard == [RECORD, RECORD, ("a1", Outcome.DONE), SHUT, "closed"]
        assert journal.left_over == {"a1": RECORD}
        assert journal.limits == (SHUT,)

    virtual(story)
