"""Where requests arrive: fault plan, bans, dialect and ledger in their order. Knows no sockets.

The server and the in-memory network both deliver here, so that the same seed makes the same faults in both.
Waiting is `asyncio.sleep` on the running loop, which may be a loop of virtual time.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum

from attrs import evolve, frozen

from unified.sandbox.clock import Moment
from unified.sandbox.dialect import Dialect, Incoming, Outgoing, RequestClass
from unified.sandbox.faults import Fate, FaultPlan, Incident, IncidentKind, Mishap
from unified.sandbox.ledger import Ledger


class Breakage(StrEnum):
    """What becomes of the connection."""

    NONE = "none"
    RESET = "reset"
    """No answer; the connection is reset."""
    RESET_IN_ANSWER = "reset_in_answer"
    """Part of the answer, then a reset."""
    HALF_CLOSED = "half_closed"
    """No answer; the venue's half is closed in order."""


@frozen(kw_only=True)
class Delivery:
    """What goes back."""

    answer: Outgoing
    breakage: Breakage = Breakage.NONE
    cut: float = 1.0
    """How much of the answer goes out before a reset."""


_BREAKAGES = {
    Mishap.LOST_REQUEST: Breakage.RESET,
    Mishap.LOST_ANSWER: Breakage.RESET,
    Mishap.RESET_IN_ANSWER: Breakage.RESET_IN_ANSWER,
    Mishap.HALF_CLOSED: Breakage.HALF_CLOSED,
}


class Reception:
    """The front of one simulated venue."""

    def __init__(self, dialect: Dialect, plan: FaultPlan | None = None) -> None:
        self.dialect = dialect
        self.plan = plan or FaultPlan()
        self.ledger = Ledger(dialect)
        self._started_us = dialect.clock.true_us()
        self._maintenance_until_us = 0
        self._ban_seconds: float | None = None
        dialect.clock.drift_ppm = self.plan.drift_ppm
        dialect.engine.visibility_us = self.plan.visibility_us

    async def receive(self, incoming: Incoming) -> Delivery:
        """Take one request from arrival to answer. `arrived_us` is set here."""
        moment = self._look_around()
        incoming = evolve(incoming, arrived_us=moment.true_us)
        self.ledger.arrived(incoming)
        answer = self._turned_away(incoming, moment)
        if answer is not None:
            return self._whole(incoming, answer)
        is_time = self.dialect.classify(incoming) is RequestClass.TIME
        fate = self.plan.fate(f"{incoming.door} {incoming.method} {incoming.path}", is_time=is_time)
        if fate.mishap is Mishap.LATE:
            await asyncio.sleep(fate.delay_s)
            incoming = evolve(incoming, delayed=True)
        answer = self._run(incoming) if fate.runs else None
        return await self._deliver(incoming, fate, answer)

    # --- before

    def _look_around(self) -> Moment:
        moment = self.dialect.clock.moment()
        for incident in self.plan.incidents((moment.true_us - self._started_us) / 1_000_000):
            self._happen(incident, moment)
        return self.dialect.clock.moment()

    def _happen(self, incident: Incident, moment: Moment) -> None:
        """What began while nobody asked may be over by now: a venue is not down because somebody asks at last."""
        over_us = self._started_us + round((incident.at_s + incident.seconds) * 1_000_000)
        match incident.kind:
            case IncidentKind.MAINTENANCE:
                self._maintenance_until_us = over_us
            case IncidentKind.BAN if over_us > moment.true_us:
                self._ban_seconds = (over_us - moment.true_us) / 1_000_000
            case IncidentKind.CLOCK_STEP:
                self.dialect.engine.advance(moment.true_us)
                self.dialect.clock.step(incident.seconds)
                self.dialect.keeper.clock_stepped()
                self.ledger.clock_stepped()

    def _turned_away(self, incoming: Incoming, moment: Moment) -> Outgoing | None:
        """Bans and maintenance, before anything else is looked at."""
        left = self.dialect.keeper.meet(self.dialect.ban_keys(incoming), moment)
        if left is not None:
            return self.dialect.banned(incoming, left) or self.dialect.throttled(incoming, left)
        if self._ban_seconds is not None:
            answer = self._announce_ban(incoming, self._ban_seconds, moment)
            if answer is not None:
                return answer
        if moment.true_us < self._maintenance_until_us:
            return self.dialect.under_maintenance(incoming)
        return None

    def _announce_ban(self, incoming: Incoming, seconds: float, moment: Moment) -> Outgoing | None:
        self._ban_seconds = None
        answer = self.dialect.banned(incoming, seconds)
        keys = [key for key in self.dialect.ban_keys(incoming) if key[0] is self.dialect.ban_scope]
        if answer is None or not keys:
            return None
        self.dialect.keeper.ban(*keys[0], seconds, moment, announced=True)
        return answer

    # --- the request itself

    def _run(self, incoming: Incoming) -> Outgoing:
        self.dialect.engine.advance(self.dialect.clock.true_us())
        answer = self.dialect.handle(incoming)
        for refused in self.dialect.take_clock_refusals():
            self.ledger.refused_for_clock(refused)
        return answer

    # --- after

    async def _deliver(self, incoming: Incoming, fate: Fate, answer: Outgoing | None) -> Delivery:
        if fate.mishap is Mishap.SLOW_ANSWER:
            await asyncio.sleep(fate.delay_s)
        shown = self._shown(incoming, fate, answer)
        breakage = _BREAKAGES.get(fate.mishap, Breakage.NONE)
        if breakage is Breakage.NONE:
            self.ledger.answered(incoming.door, shown, incoming.arrived_us)
        return Delivery(answer=shown, breakage=breakage, cut=fate.cut)

    def _shown(self, incoming: Incoming, fate: Fate, answer: Outgoing | None) -> Outgoing:
        """The answer that the client sees, whatever ran behind it."""
        match fate.mishap:
            case Mishap.ERROR | Mishap.ERROR_AFTER:
                return self.dialect.overloaded(incoming)
            case Mishap.HTML | Mishap.HTML_AFTER:
                return self.dialect.html_error(fate.status)
            case Mishap.THROTTLED:
                return self.dialect.throttled(incoming, fate.retry_after)
        if answer is None:
            return Outgoing()
        if fate.mishap is Mishap.CUT_JSON:
            return evolve(answer, body=answer.body[: int(len(answer.body) * fate.cut)], stamped=False)
        if fate.mishap is Mishap.EMPTY_BODY:
            return evolve(answer, body=b"", stamped=False)
        return answer

    def _whole(self, incoming: Incoming, answer: Outgoing) -> Delivery:
        self.ledger.answered(incoming.door, answer, incoming.arrived_us)
        return Delivery(answer=answer)
