"""A simulated Bitzoom: USDT perpetuals behind one gateway, with signed keys and bearer tokens, in both envelopes.

Written from the venue's papers alone, never from the adapter beside it. Where they leave something open, it takes the
reading that is worse for a client: ids of clients are not unique, a request that came in time is taken however late it
runs, rows come in no promised order. What each endpoint answers stands in `sandbox_market.py` and `sandbox_trade.py`,
the streams in `sandbox_stream.py`; here a request is let in, or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import ClassVar

from attrs import frozen

from unified.sandbox.dialect import (
    ClientAccount,
    Dialect,
    Incoming,
    Outgoing,
    RequestClass,
    Setting,
    html_page,
)
from unified.sandbox.limits import Escalation, LimitScope, RollingWindow, VenueLimit
from unified.sandbox.listing import ClientIds, EngineRules, Listing
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.streams import Opening, Talk
from unified.secret import Credentials
from unified_bitzoom.sandbox_calls import Call, Endpoint, Refusal, enveloped, fields_of, refusal_of
from unified_bitzoom.sandbox_keys import HOLDERS, Gate, Holder, by_name
from unified_bitzoom.sandbox_listings import LISTINGS
from unified_bitzoom.sandbox_market import PUBLIC
from unified_bitzoom.sandbox_stream import PATH, BitzoomTalk
from unified_bitzoom.sandbox_trade import CANCEL, CANCEL_BY_GUIDE, PRIVATE

Table = Mapping[tuple[str, str], Endpoint]


def _table(endpoints: Iterable[Endpoint]) -> Table:
    return {(endpoint.method, endpoint.path): endpoint for endpoint in endpoints}


_BANS = Escalation(refusals=5, within_s=60, first_s=60, longest_s=3600)
"""How many refusals it takes, and how long a ban lasts, the venue does not say."""


def _per_second(name: str, limit: int) -> VenueLimit:
    return VenueLimit(name=name, counting=RollingWindow(limit=limit, period_s=1), escalation=_BANS)


@frozen
class _Entry:
    """A request that was let in."""

    endpoint: Endpoint
    holder: Holder | None


class BitzoomSandbox(Dialect):
    """Accounts: `main` signs, `bearer` has a token; `poor` has little money, `reader` may not trade."""

    name: ClassVar[str] = "bitzoom"
    table: ClassVar[Table] = _table((*PUBLIC, *PRIVATE))
    rules: ClassVar[EngineRules] = EngineRules(
        client_ids=ClientIds.UNCHECKED,
        late=frozenset({Reason.UNFILLABLE_FOK, Reason.NO_LIQUIDITY}),
    )
    listings: ClassVar[tuple[Listing, ...]] = LISTINGS
    limits: ClassVar[tuple[VenueLimit, ...]] = (
        _per_second("public", 10),
        _per_second("private", 5),
        _per_second("orders", 10),
    )

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._gate = Gate()
        self._traces = count(1)
        for holder in HOLDERS:
            self.engine.open_account(holder.name, spot={}, margin={"USDT": holder.money})

    @property
    def accounts(self) -> tuple[ClientAccount, ...]:
        return tuple(ClientAccount(name=holder.name, credentials=holder.credentials) for holder in HOLDERS)

    def credentials(self, name: str) -> Credentials:
        """Those of one account."""
        return by_name()[name].credentials

    @classmethod
    def readings(cls) -> tuple[type[Dialect], ...]:
        return (BitzoomSandbox, BitzoomByGuide)

    # --- a request comes in

    def classify(self, incoming: Incoming) -> RequestClass:
        endpoint = self.table.get((incoming.method, incoming.path))
        return RequestClass.READ if endpoint is None else endpoint.kind

    def handle(self, incoming: Incoming) -> Outgoing:
        endpoint = self.table.get((incoming.method, incoming.path))
        breach = self.keeper.admit([self.use(self._bucket(endpoint), incoming.peer)], self.moment)
        if breach is not None:
            return self.throttled(incoming, 0)
        try:
            return self._answer(incoming, endpoint)
        except EngineRefusal as refusal:
            return refusal_of(refusal).answer
        except Refusal as refusal:
            if refusal.code == -1021:
                self.refused_for_clock(incoming)
            return refusal.answer

    def _bucket(self, endpoint: Endpoint | None) -> str:
        if endpoint is None or not endpoint.signed:
            return "public"
        return "orders" if endpoint.kind is RequestClass.ORDER else "private"

    def _answer(self, incoming: Incoming, endpoint: Endpoint | None) -> Outgoing:
        if endpoint is None:
            raise Refusal(-1004, "Endpoint not found", 404)
        holder = self._holder(incoming) if endpoint.signed else None
        if endpoint.changes and holder is not None and not holder.may_trade:
            raise Refusal(None, "TRADE permission is missing", 403)
        account = None if holder is None else self.engine.accounts[holder.name]
        call = Call(engine=self.engine, fields=fields_of(incoming), holder=account)
        told = endpoint.answer(call)
        is_time = endpoint.kind is RequestClass.TIME
        return enveloped(told, next(self._traces), by_guide=endpoint.by_guide, stamped=is_time)

    def _holder(self, incoming: Incoming) -> Holder:
        """The time is judged as the request came: a second look before the engine is not in the papers."""
        came_us = self.clock.shown_at(incoming.arrived_us) if incoming.delayed else self.now_us
        return self._gate.holder_of(incoming, came_us // 1000)

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """Lead a stream connection, or refuse it."""
        if opening.path != PATH:
            return Refusal(-1004, "Endpoint not found", 404).answer
        return BitzoomTalk(self.engine, lambda data: self._gate.logged_on(data, self.now_us // 1000))

    # --- the venue's own forms of refusal

    def overloaded(self, incoming: Incoming) -> Outgoing:
        return Refusal(-1007, "Timeout", 504).answer

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return html_page(503, "Service Unavailable")

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        """No wait is told."""
        return Refusal(-1003, "Rate limit exceeded", 429).answer

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        """A ban cannot be told from a refusal, and its end is never announced."""
        return None

    def ban_keys(self, incoming: Incoming) -> tuple[tuple[LimitScope, str], ...]:
        return ((LimitScope.IP, incoming.peer),)


class BitzoomByGuide(BitzoomSandbox):
    """The same venue if the guides are right about canceling, and its specification is not."""

    table: ClassVar[Table] = _table((*PUBLIC, *(one for one in PRIVATE if one is not CANCEL), CANCEL_BY_GUIDE))
