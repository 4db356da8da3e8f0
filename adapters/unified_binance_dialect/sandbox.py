"""A simulated venue of Binance's make: lets a request in, or not, and speaks the refusals. Knows no venue's figures.

Written from the venues' papers alone (Binance spot documentation of 2026-07-21, USD-M pages of 2026-05-28), never from
the adapters. What each endpoint answers stands in the rooms `sandbox_*.py`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, ClassVar

from unified.instrument import Product
from unified.sandbox.clock import Moment
from unified.sandbox.dialect import (
    ClientAccount,
    Dialect,
    Incoming,
    Outgoing,
    RequestClass,
    Setting,
    html_page,
    json_answer,
)
from unified.sandbox.limits import SECOND_US, Breach, CalendarWindow, LimitScope
from unified.sandbox.listing import ClientIds, EngineRules
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import uuid_of
from unified.secret import Credentials
from unified_binance_dialect.sandbox_admission import (
    CLOCK_CODES,
    check_key_format,
    check_names,
    check_repeats,
    check_time,
    fields_of,
    holder_of,
    is_suspicious,
    known_holder,
    unit_us,
)
from unified_binance_dialect.sandbox_calls import Call, Door, Endpoint, Fields, ListenKeys, Refusal, Security
from unified_binance_dialect.sandbox_keys import Holder
from unified_binance_dialect.sandbox_limits import PERIOD_WORDS, Meters, address
from unified_binance_dialect.sandbox_refusals import refusal_of

Table = Mapping[tuple[str, str, str], Endpoint]
"""Every endpoint by door, method and path."""


def table_of(doors: Mapping[str, Iterable[Endpoint]]) -> Table:
    """The rows of each door, found by what a request names."""
    rows = ((door, endpoint) for door, endpoints in doors.items() for endpoint in endpoints)
    return {(door, endpoint.method, endpoint.path): endpoint for door, endpoint in rows}


_UNKNOWN_OUTCOME = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."


class VenueDialect(Dialect):
    """A simulated venue of this make. A venue's class fills in what is declared here."""

    systems: ClassVar[Mapping[str, Door]]
    """Its doors by name."""
    table: ClassVar[Table]
    rules: ClassVar[EngineRules] = EngineRules(
        # Every door looks for duplicates among its own open orders; the rooms do that.
        client_ids=ClientIds.UNCHECKED,
        late=frozenset({Reason.UNFILLABLE_FOK, Reason.NO_LIQUIDITY}),
        trims_reduce_only=True,
        first_trade_id=0,
        trade_ids_by_market=True,
    )

    @abstractmethod
    def holders(self) -> tuple[Holder, ...]:
        """Every account that exists from the start."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._holders = {holder.credentials.key: holder for holder in self.holders()}
        self._meters = Meters(self.keeper, self.systems)
        self._minted = count(1)
        self.listen_keys = ListenKeys()
        for holder in self._holders.values():
            self.engine.open_account(holder.name, spot=dict(holder.spot), margin=dict(holder.margin))

    @property
    def accounts(self) -> tuple[ClientAccount, ...]:
        return tuple(
            ClientAccount(name=holder.name, credentials=holder.credentials) for holder in self._holders.values()
        )

    def credentials(self, name: str) -> Credentials:
        """Those of one account. Raises StopIteration where there is none of that name."""
        return next(account.credentials for account in self.accounts if account.name == name)

    # --- a request comes in

    def classify(self, incoming: Incoming) -> RequestClass:
        endpoint = self._endpoint(incoming)
        return RequestClass.READ if endpoint is None else endpoint.kind

    def handle(self, incoming: Incoming) -> Outgoing:
        if is_suspicious(incoming):
            return self.html_error(403)
        endpoint, fields, moment = self._endpoint(incoming), fields_of(incoming), self._moment_at(incoming.door)
        if endpoint is not None and any(endpoint.orders):
            self._meters.sweep(incoming, moment)
        breach = self.keeper.admit(self._meters.uses(incoming, endpoint, fields), moment)
        if breach is not None:
            return self._refused_for_limit(incoming, breach)
        if endpoint is None:
            return self._told(incoming, _no_such_page(incoming))
        try:
            content = self._answer(incoming, endpoint, fields)
        except Refusal as refusal:
            late = refusal.code in CLOCK_CODES
            if late:
                self.refused_for_clock(incoming)
            placed = refusal.data is not None and refusal.data["newOrderResult"] == "SUCCESS"
            self._meters.refused(incoming, endpoint, fields, moment, counts=late or placed)
            return self._told(incoming, _error(refusal))
        answer = json_answer(content, stamped=endpoint.kind is RequestClass.TIME)
        counts = self._meters.order_headers(incoming, endpoint, moment)
        return self._told(incoming, answer.with_headers(counts), endpoint)

    def _answer(self, incoming: Incoming, endpoint: Endpoint, fields: Fields) -> Any:
        """What the endpoint says to a request that is in order. Raises Refusal."""
        check_repeats(incoming)
        holder = None if endpoint.security is Security.NONE else self._signer(incoming, endpoint, fields)
        door = self.systems[incoming.door]
        check_names(fields, endpoint, door)
        account = None if holder is None else self.engine.accounts[holder.name]
        call = Call(
            engine=self.engine,
            door=door,
            fields=fields,
            holder=account,
            unit_us=unit_us(incoming, door),
            mint=self._mint,
            counts=lambda: self._meters.order_counts(incoming, self._moment_at(door.name)),
            may_trade=holder is not None and holder.may_trade,
            listen_keys=self.listen_keys,
        )
        before = 0 if account is None else len(account.orders)
        try:
            return endpoint.answer(call)
        except EngineRefusal as refusal:
            raise refusal_of(refusal, call) from refusal
        finally:
            if account is not None and door.unfilled_only:
                for order in account.orders[before:]:
                    self._meters.placed(incoming, order, self._moment_at(door.name))

    def _signer(self, incoming: Incoming, endpoint: Endpoint, fields: Fields) -> Holder:
        """Whose key, timestamp and signature these are. Raises Refusal."""
        door = self.systems[incoming.door]
        if not incoming.session:
            check_key_format(incoming)
        if endpoint.security is Security.KEY:
            return known_holder(incoming, self._holders)
        if not incoming.session:
            fields.text("signature")
        now_us = self._moment_at(door.name).shown_us
        came_us = self.clock.shown_at(incoming.arrived_us) + door.ahead_us if incoming.delayed else now_us
        check_time(fields, door, endpoint, came_us=came_us, now_us=now_us)
        return holder_of(incoming, self._holders, fields, endpoint, door)

    def _endpoint(self, incoming: Incoming) -> Endpoint | None:
        return self.table.get((incoming.door, incoming.method, incoming.path))

    def _mint(self) -> str:
        """An id of the venue's making."""
        return uuid_of(next(self._minted), f"{self.setting.seed}/client").replace("-", "")[:22]

    def _moment_at(self, door: str) -> Moment:
        """Now, as the door's own clock shows it: its calendar windows follow that."""
        moment = self.moment
        return Moment(moment.true_us, moment.shown_us + self.systems[door].ahead_us)

    def _told(self, incoming: Incoming, answer: Outgoing, endpoint: Endpoint | None = None) -> Outgoing:
        """With the headers that every answer carries."""
        serial = (
            {"x-mbx-uuid": uuid_of(next(self._minted), "answer")}
            if self.systems[incoming.door].product is Product.SPOT
            else {}
        )
        used = self._meters.headers(incoming, endpoint, self._moment_at(incoming.door))
        return answer.with_headers({**used, **serial, "server": "nginx"})

    # --- the venue's own forms of refusal

    def _refused_for_limit(self, incoming: Incoming, breach: Breach) -> Outgoing:
        wait_s, rule = breach.retry_after_us / SECOND_US, breach.limit.counting
        if breach.limit.scope is LimitScope.IP or not isinstance(rule, CalendarWindow):
            return self.throttled(incoming, wait_s)
        limit = f"{rule.limit} orders per {PERIOD_WORDS[rule.period_s]}"
        refusal = Refusal(-1015, f"Too many new orders; current limit is {limit}.", 429)
        return self._told(incoming, _error(refusal).with_headers(self.wait_for_orders(incoming, wait_s)))

    def wait_for_orders(self, _incoming: Incoming, seconds: float) -> dict[str, str]:
        """What a refusal for too many orders says of the wait."""
        return waiting(seconds)

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        refusal = Refusal(-1003, self.systems[incoming.door].too_much, 429)
        return self._told(incoming, _error(refusal).with_headers(waiting(retry_after)))

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        until_ms = -(-(self._moment_at(incoming.door).shown_us + round(seconds * SECOND_US)) // 1000)
        text = self.systems[incoming.door].banned.format(until=until_ms, peer=incoming.peer)
        return _error(Refusal(-1003, text, 418)).with_headers(waiting(seconds))

    def ban_keys(self, incoming: Incoming) -> tuple[tuple[LimitScope, str], ...]:
        """Each door bans for itself."""
        return ((LimitScope.IP, address(incoming)),)

    def overloaded(self, incoming: Incoming) -> Outgoing:
        """The request may have run: the text says so."""
        return self._told(incoming, _error(Refusal(-1007, _UNKNOWN_OUTCOME, 503)))

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return _error(Refusal(-1016, "This service is no longer available.", 503))

    def html_error(self, status: int) -> Outgoing:
        return html_page(status, "ERROR: The request could not be satisfied. Generated by cloudfront (CloudFront)")


def _error(refusal: Refusal) -> Outgoing:
    return json_answer(refusal.content, status=refusal.status)


def _no_such_page(incoming: Incoming) -> Outgoing:
    """HTML only for those who ask for it (since 2023-12-04)."""
    if "text/html" in incoming.header("accept"):
        return html_page(404, "Not Found")
    return Outgoing(status=404, headers={"content-type": "application/json"}, body=b"{}")


def waiting(seconds: float) -> dict[str, str]:
    """Whole seconds, rounded up."""
    return {"retry-after": f"{-int(-seconds // 1)}"}
