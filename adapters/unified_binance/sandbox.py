"""A simulated Binance: spot and USD-M as two systems of one venue, each with its clock, limits and error texts.

Written from the venue's papers alone (spot documentation of 2026-07-21, USD-M pages of 2026-05-28 and the SDK
18.1.0), never from the adapter beside it. No WebSocket; no COIN-M; trailing stops and order lists are refused.
What each endpoint answers stands in the rooms `sandbox_*.py`; here a request is let in, or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

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
from unified_binance import sandbox_account, sandbox_algo, sandbox_history, sandbox_linear, sandbox_market, sandbox_spot
from unified_binance.sandbox_admission import (
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
from unified_binance.sandbox_calls import DOORS, Call, Endpoint, Fields, Refusal, Security
from unified_binance.sandbox_keys import Holder, holders
from unified_binance.sandbox_limits import LIMITS, PERIOD_WORDS, Meters, address
from unified_binance.sandbox_listings import LISTINGS
from unified_binance.sandbox_refusals import refusal_of

TABLE: Mapping[tuple[str, str, str], Endpoint] = {
    (door, endpoint.method, endpoint.path): endpoint
    for door, endpoints in {
        "spot": (*sandbox_market.SPOT, *sandbox_spot.ENDPOINTS, *sandbox_history.SPOT, *sandbox_account.SPOT),
        "linear": (
            *sandbox_market.LINEAR,
            *sandbox_linear.ENDPOINTS,
            *sandbox_algo.ENDPOINTS,
            *sandbox_history.LINEAR,
            *sandbox_account.LINEAR,
        ),
    }.items()
    for endpoint in endpoints
}
"""Every endpoint by door, method and path."""

_UNKNOWN_OUTCOME = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
_TOO_MUCH = {
    "spot": "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
    "Please use WebSocket Streams for live updates to avoid polling the API.",
    "linear": "Too many requests; current limit is 2400 requests per minute. "
    "Please use the websocket for live updates to avoid polling the API.",
}
_BANNED = {
    "spot": "Way too much request weight used; IP banned until {until}. "
    "Please use WebSocket Streams for live updates to avoid bans.",
    "linear": "Way too many requests; IP({peer}) banned until {until}. "
    "Please use the websocket for live updates to avoid bans.",
}


class BinanceSandbox(Dialect):
    """Accounts by type of key: `hmac`, `ed25519`, `rsa`; `poor` has little money, `reader` may not trade."""

    name = "binance"
    doors = tuple(DOORS)
    rules = EngineRules(
        # Spot and USD-M look for duplicates each among its own open orders; the rooms do that.
        client_ids=ClientIds.UNCHECKED,
        late=frozenset({Reason.UNFILLABLE_FOK, Reason.NO_LIQUIDITY}),
        trims_reduce_only=True,
        first_trade_id=0,
        trade_ids_by_market=True,
    )
    listings = LISTINGS
    limits = LIMITS

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._holders = {holder.credentials.key: holder for holder in holders()}
        self._meters = Meters(self.keeper)
        self._minted = count(1)
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
        endpoint = _endpoint(incoming)
        return RequestClass.READ if endpoint is None else endpoint.kind

    def handle(self, incoming: Incoming) -> Outgoing:
        if is_suspicious(incoming):
            return self.html_error(403)
        endpoint, fields, moment = _endpoint(incoming), fields_of(incoming), self._moment_at(incoming.door)
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
        door = DOORS[incoming.door]
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
        )
        before = 0 if account is None else len(account.orders)
        try:
            return endpoint.answer(call)
        except EngineRefusal as refusal:
            raise refusal_of(refusal, call) from refusal
        finally:
            if account is not None and door.name == "spot":
                for order in account.orders[before:]:
                    self._meters.placed(incoming, order, self._moment_at(door.name))

    def _signer(self, incoming: Incoming, endpoint: Endpoint, fields: Fields) -> Holder:
        """Whose key, timestamp and signature these are. Raises Refusal."""
        door = DOORS[incoming.door]
        check_key_format(incoming)
        if endpoint.security is Security.KEY:
            return known_holder(incoming, self._holders)
        fields.text("signature")
        now_us = self._moment_at(door.name).shown_us
        came_us = self.clock.shown_at(incoming.arrived_us) + door.ahead_us if incoming.delayed else now_us
        check_time(fields, door, endpoint, came_us=came_us, now_us=now_us)
        return holder_of(incoming, self._holders, fields, endpoint)

    def _mint(self) -> str:
        """An id of the venue's making."""
        return uuid_of(next(self._minted), f"{self.setting.seed}/client").replace("-", "")[:22]

    def _moment_at(self, door: str) -> Moment:
        """Now, as the door's own clock shows it: its calendar windows follow that."""
        moment = self.moment
        return Moment(moment.true_us, moment.shown_us + DOORS[door].ahead_us)

    def _told(self, incoming: Incoming, answer: Outgoing, endpoint: Endpoint | None = None) -> Outgoing:
        """With the headers that every answer carries."""
        serial = {"x-mbx-uuid": uuid_of(next(self._minted), "answer")} if incoming.door == "spot" else {}
        used = self._meters.headers(incoming, endpoint, self._moment_at(incoming.door))
        return answer.with_headers({**used, **serial, "server": "nginx"})

    # --- the venue's own forms of refusal

    def _refused_for_limit(self, incoming: Incoming, breach: Breach) -> Outgoing:
        wait_s, rule = breach.retry_after_us / SECOND_US, breach.limit.counting
        if breach.limit.scope is LimitScope.IP or not isinstance(rule, CalendarWindow):
            return self.throttled(incoming, wait_s)
        limit = f"{rule.limit} orders per {PERIOD_WORDS[rule.period_s]}"
        refusal = Refusal(-1015, f"Too many new orders; current limit is {limit}.", 429)
        return self._told(incoming, _error(refusal).with_headers(_retry_after(wait_s)))

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        refusal = Refusal(-1003, _TOO_MUCH[incoming.door], 429)
        return self._told(incoming, _error(refusal).with_headers(_retry_after(retry_after)))

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        until_ms = -(-(self._moment_at(incoming.door).shown_us + round(seconds * SECOND_US)) // 1000)
        text = _BANNED[incoming.door].format(until=until_ms, peer=incoming.peer)
        return _error(Refusal(-1003, text, 418)).with_headers(_retry_after(seconds))

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


def _endpoint(incoming: Incoming) -> Endpoint | None:
    return TABLE.get((incoming.door, incoming.method, incoming.path))


def _error(refusal: Refusal) -> Outgoing:
    return json_answer(refusal.content, status=refusal.status)


def _no_such_page(incoming: Incoming) -> Outgoing:
    """HTML only for those who ask for it (since 2023-12-04)."""
    if "text/html" in incoming.header("accept"):
        return html_page(404, "Not Found")
    return Outgoing(status=404, headers={"content-type": "application/json"}, body=b"{}")


def _retry_after(seconds: float) -> dict[str, str]:
    """Whole seconds, rounded up."""
    return {"retry-after": f"{-int(-seconds // 1)}"}
