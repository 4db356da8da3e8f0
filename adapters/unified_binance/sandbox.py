"""A simulated Binance: spot and USD-M as two systems of one venue, each with its clock, limits and error texts.

Written from the venue's papers alone (spot documentation of 2026-07-21, USD-M pages of 2026-05-28 and the SDK
18.1.0), never from the adapter beside it. No WebSocket; no COIN-M; trailing stops and order lists are refused.
What each endpoint answers stands in the rooms `sandbox_*.py`; here a request is let in, or not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import ClassVar
from urllib.parse import unquote_plus

from attrs import frozen

from unified.instrument import Instrument, Product
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
from unified.sandbox.limits import (
    SECOND_US,
    Breach,
    CalendarWindow,
    Escalation,
    LimitScope,
    Use,
    VenueLimit,
)
from unified.sandbox.listing import ClientIds, EngineRules, Listing
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import uuid_of
from unified.secret import Credentials
from unified_binance import (
    sandbox_account,
    sandbox_algo,
    sandbox_history,
    sandbox_linear,
    sandbox_market,
    sandbox_spot,
)
from unified_binance.sandbox_calls import Call, Door, Endpoint, Fields, Refusal, Security, missing, not_valid
from unified_binance.sandbox_keys import Holder, holders
from unified_binance.sandbox_refusals import refusal_of

_D = Decimal
_MILLION = 1_000_000

DOORS: Mapping[str, Door] = {
    "spot": Door(name="spot", product=Product.SPOT, ahead_us=0, reads_all=True),
    "linear": Door(name="linear", product=Product.LINEAR, ahead_us=-400_000, reads_all=False),
}

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

_BANS = Escalation(refusals=5, within_s=60, first_s=120, longest_s=259_200)
"""From two minutes to three days; how many 429s it takes the venue does not say."""
_SIGNATURE = re.compile(r"(?:^|&)signature=([^&]*)")
_SQL = re.compile(r"\b(union|select|insert|drop)\b[\s+]", re.IGNORECASE)
"""What the gateway's filter takes for an attack."""
_KEY = re.compile(r"[A-Za-z0-9-]+")
_AHEAD_MS = 1000
_USUAL_WINDOW_MS = Decimal(5000)
_LONGEST_WINDOW_MS = Decimal(60_000)
_MICROSECONDS_FROM = 10**15
"""A timestamp at least so large is one of microseconds."""
_UNKNOWN_OUTCOME = Refusal(
    -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.", 503
)
_MAINTENANCE = Refusal(-1016, "This service is no longer available.", 503)
_TOO_OLD = Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")
_TOO_EARLY = Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
_TOO_OLD_FOR_ENGINE = Refusal(-5028, "Timestamp for this request is outside of the ME recvWindow.")
_CLOCK_REFUSALS = (_TOO_OLD, _TOO_EARLY, _TOO_OLD_FOR_ENGINE)
_BAD_KEY = Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)

# --- what is traded


def _spot(base: str, price: int, lot: str, most: str, most_at_market: str) -> Listing:
    return Listing(
        instrument=Instrument(
            symbol=f"{base}USDT",
            product=Product.SPOT,
            base=base,
            quote="USDT",
            tick_size=_D("0.01"),
            lot_size=_D(lot),
            min_quantity=_D(lot),
            max_quantity=_D(most),
            max_market_quantity=_D(most_at_market),
            min_price=_D("0.01"),
            max_price=_D(_MILLION),
            min_notional=_D(5),
            max_notional=_D(9 * _MILLION),
            quote_step=_D("0.00000001"),
        ),
        price=_D(price),
    )


def _linear(base: str, price: int, tick: str, least: int, hours: int) -> Listing:
    return Listing(
        instrument=Instrument(
            symbol=f"{base}USDT",
            product=Product.LINEAR,
            base=base,
            quote="USDT",
            settle="USDT",
            tick_size=_D(tick),
            lot_size=_D("0.001"),
            min_quantity=_D("0.001"),
            max_quantity=_D(1000),
            max_market_quantity=_D(120),
            min_price=_D("39.80"),
            max_price=_D(4_529_764),
            min_notional=_D(least),
        ),
        price=_D(price),
        max_leverage=_D(125),
        funding_interval_s=hours * 3600,
    )


@frozen
class _Signed:
    """A request whose signature, key and timestamp are in order."""

    holder: Holder


class BinanceSandbox(Dialect):
    """Accounts by type of key: `hmac`, `ed25519`, `rsa`; `poor` has little money, `reader` may not trade."""

    name = "binance"
    doors = ("spot", "linear")
    rules = EngineRules(
        # Spot and USD-M look for duplicates each among its own open orders; the rooms do that.
        client_ids=ClientIds.UNCHECKED,
        late=frozenset({Reason.UNFILLABLE_FOK, Reason.NO_LIQUIDITY}),
        trims_reduce_only=True,
    )
    listings = (
        _spot("BTC", 61_120, "0.00001", "9000", "120.5"),
        _spot("ETH", 3_060, "0.0001", "9000", "2800"),
        _linear("BTC", 61_120, "0.1", 50, 8),
        _linear("ETH", 3_060, "0.01", 20, 4),
    )
    limits = (
        VenueLimit(name="spot weight", counting=CalendarWindow(limit=6000, period_s=60), escalation=_BANS),
        VenueLimit(name="spot raw", counting=CalendarWindow(limit=300_000, period_s=300), escalation=_BANS),
        VenueLimit(
            name="spot orders 1",
            counting=CalendarWindow(limit=100, period_s=10),
            scope=LimitScope.KEY,
            counts_refused=False,
        ),
        VenueLimit(
            name="spot orders 2",
            counting=CalendarWindow(limit=200_000, period_s=86_400),
            scope=LimitScope.KEY,
            counts_refused=False,
        ),
        VenueLimit(name="linear weight", counting=CalendarWindow(limit=2400, period_s=60), escalation=_BANS),
        VenueLimit(name="linear funding", counting=CalendarWindow(limit=500, period_s=300), escalation=_BANS),
        VenueLimit(
            name="linear orders 1",
            counting=CalendarWindow(limit=300, period_s=10),
            scope=LimitScope.KEY,
            counts_refused=False,
        ),
        VenueLimit(
            name="linear orders 2",
            counting=CalendarWindow(limit=1200, period_s=60),
            scope=LimitScope.KEY,
            counts_refused=False,
        ),
    )
    order_periods: ClassVar[Mapping[str, tuple[str, str]]] = {"spot": ("10S", "1D"), "linear": ("10S", "1M")}

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._holders = {holder.credentials.key: holder for holder in holders()}
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
        endpoint = TABLE.get((incoming.door, incoming.method, incoming.path))
        return RequestClass.READ if endpoint is None else endpoint.kind

    def handle(self, incoming: Incoming) -> Outgoing:
        door, endpoint = DOORS[incoming.door], TABLE.get((incoming.door, incoming.method, incoming.path))
        if _SQL.search(unquote_plus(incoming.query + incoming.body.decode("utf-8", "replace"))):
            return self.html_error(403)
        fields = _fields(incoming)
        uses = self._uses(incoming, door, endpoint, fields)
        breach = self.keeper.admit(uses, self._moment_at(door))
        if breach is not None:
            return self._refused_for_limit(incoming, breach)
        if endpoint is None:
            return self._told(incoming, door, Outgoing(status=404, headers={"content-type": "application/json"}))
        try:
            content = self._answer(incoming, door, endpoint, fields)
        except Refusal as refusal:
            self._settle(incoming, door, endpoint, fields, refusal)
            return self._told(incoming, door, self._error(refusal))
        told = json_answer(content, stamped=endpoint.kind is RequestClass.TIME)
        return self._told(incoming, door, told.with_headers(self._order_headers(incoming, door, endpoint)), endpoint)

    def _answer(self, incoming: Incoming, door: Door, endpoint: Endpoint, fields: Fields) -> object:
        _check_repeats(incoming)
        signed = None if endpoint.security is Security.NONE else self._signed(incoming, door, endpoint, fields)
        _check_names(fields, endpoint, door)
        holder = None if signed is None else signed.holder
        call = Call(
            engine=self.engine,
            door=door,
            fields=fields,
            holder=None if holder is None else self.engine.accounts[holder.name],
            unit_us=_unit(incoming, door),
            mint=self._mint,
            counts=lambda: self._order_counts(incoming, door),
            may_trade=holder is not None and holder.may_trade,
        )
        try:
            return endpoint.answer(call)
        except EngineRefusal as refusal:
            raise refusal_of(refusal, call) from refusal

    def _mint(self) -> str:
        """An id of the venue's making."""
        return uuid_of(next(self._minted), f"{self.setting.seed}/client").replace("-", "")[:22]

    # --- key, signature, timestamp

    def _signed(self, incoming: Incoming, door: Door, endpoint: Endpoint, fields: Fields) -> _Signed:
        key = incoming.header("x-mbx-apikey")
        if _KEY.fullmatch(key) is None:
            raise Refusal(-2014, "API-key format invalid.", 401)
        signature, stamp = fields.text("signature"), _timestamp_us(fields)
        self._check_time(incoming, door, endpoint, stamp, _window_us(fields, door))
        holder = self._holders.get(key)
        if holder is None:
            raise _BAD_KEY
        if not holder.matches(_signed_text(incoming), signature) or (door.name == "linear" and not _is_last(incoming)):
            raise Refusal(-1022, "Signature for this request is not valid.")
        if endpoint.security is Security.TRADE and not holder.may_trade:
            raise _BAD_KEY
        return _Signed(holder)

    def _check_time(self, incoming: Incoming, door: Door, endpoint: Endpoint, stamp_us: int, window_us: int) -> None:
        """Judge the timestamp at the door and, where the way in was long, again before the engine."""
        now_us = self.engine.now_us + door.ahead_us
        came_us = self.clock.shown_at(incoming.arrived_us) + door.ahead_us if incoming.delayed else now_us
        if stamp_us >= came_us + _AHEAD_MS * 1000:
            refusal = _TOO_EARLY
        elif came_us - stamp_us > window_us:
            refusal = _TOO_OLD
        elif now_us - stamp_us > window_us:
            at_engine = door.product is Product.LINEAR and endpoint.kind is RequestClass.ORDER
            refusal = _TOO_OLD_FOR_ENGINE if at_engine else _TOO_OLD
        else:
            return
        self.refused_for_clock(incoming)
        raise refusal

    # --- limits

    def _moment_at(self, door: Door) -> Moment:
        """Now, as the door's own clock shows it: its calendar windows follow that."""
        moment = self.moment
        return Moment(moment.true_us, moment.shown_us + door.ahead_us)

    def _uses(self, incoming: Incoming, door: Door, endpoint: Endpoint | None, fields: Fields) -> list[Use]:
        weight = 1 if endpoint is None else endpoint.cost(fields)
        if endpoint is not None and endpoint.free_when_done:
            weight = 0
        uses = [self.use(f"{door.name} weight", _address(incoming), weight)]
        if door.name == "spot":
            uses.append(self.use("spot raw", _address(incoming)))
        if endpoint is not None and endpoint.funding:
            uses.append(self.use("linear funding", _address(incoming)))
        return uses + ([] if endpoint is None else self._order_uses(incoming, door, endpoint))

    def _order_uses(self, incoming: Incoming, door: Door, endpoint: Endpoint) -> list[Use]:
        return [
            self.use(f"{door.name} orders {which}", _counted(incoming), cost)
            for which, cost in enumerate(endpoint.orders, 1)
            if cost
        ]

    def _settle(self, incoming: Incoming, door: Door, endpoint: Endpoint, fields: Fields, refusal: Refusal) -> None:
        """A refusal on spot costs its weight, and gives back the order that it did not place."""
        moment = self._moment_at(door)
        if endpoint.free_when_done:
            self.keeper.charge(self.use("spot weight", _address(incoming), endpoint.cost(fields)), moment)
        if door.name == "spot" and refusal not in _CLOCK_REFUSALS:
            for use in self._order_uses(incoming, door, endpoint):
                self.keeper.charge(self.use(use.limit, use.key, -1), moment)

    def _order_counts(self, incoming: Incoming, door: Door) -> tuple[int, int]:
        moment, key = self._moment_at(door), _counted(incoming)
        first, second = (self.keeper.used(f"{door.name} orders {which}", key, moment) for which in (1, 2))
        return first, second

    def _refused_for_limit(self, incoming: Incoming, breach: Breach) -> Outgoing:
        door, wait_s = DOORS[incoming.door], -(-breach.retry_after_us // SECOND_US)
        if breach.limit.scope is LimitScope.IP:
            return self.throttled(incoming, wait_s)
        rule = breach.limit.counting
        limit = f"{rule.limit} orders per {rule.period_s} SECOND" if isinstance(rule, CalendarWindow) else ""
        refusal = Refusal(-1015, f"Too many new orders; current limit is {limit}.", 429)
        return self._told(incoming, door, self._error(refusal).with_headers({"retry-after": f"{wait_s}"}))

    # --- headers

    def _told(self, incoming: Incoming, door: Door, answer: Outgoing, endpoint: Endpoint | None = None) -> Outgoing:
        """With the headers that every answer carries."""
        used = self.keeper.used(f"{door.name} weight", _address(incoming), self._moment_at(door))
        if endpoint is not None and endpoint.misleads:
            used = 1
        serial = "x-mbx-uuid" if door.name == "spot" else "x-response-time"
        told = uuid_of(next(self._minted), "answer") if door.name == "spot" else "1ms"
        return answer.with_headers(
            {"x-mbx-used-weight": f"{used}", "x-mbx-used-weight-1m": f"{used}", serial: told, "server": "nginx"}
        )

    def _order_headers(self, incoming: Incoming, door: Door, endpoint: Endpoint) -> dict[str, str]:
        if not any(endpoint.orders):
            return {}
        counts = zip(self.order_periods[door.name], self._order_counts(incoming, door), strict=True)
        return {f"x-mbx-order-count-{period.lower()}": f"{used}" for period, used in counts}

    # --- the venue's own forms of refusal

    def _error(self, refusal: Refusal) -> Outgoing:
        return json_answer(refusal.content, status=refusal.status)

    def overloaded(self, incoming: Incoming) -> Outgoing:
        """The request may have run: the text says so."""
        return self._told(incoming, DOORS[incoming.door], self._error(_UNKNOWN_OUTCOME))

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return self._error(_MAINTENANCE)

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        door = DOORS[incoming.door]
        if door.name == "spot":
            text = (
                "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. "
                "Please use WebSocket Streams for live updates to avoid polling the API."
            )
        else:
            text = (
                "Too many requests; current limit is 2400 requests per minute. "
                "Please use the websocket for live updates to avoid polling the API."
            )
        answer = self._error(Refusal(-1003, text, 429)).with_headers({"retry-after": _whole_seconds(retry_after)})
        return self._told(incoming, door, answer)

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        door = DOORS[incoming.door]
        until_ms = -(-(self._moment_at(door).shown_us + round(seconds * SECOND_US)) // 1000)
        if door.name == "spot":
            text = (
                f"Way too much request weight used; IP banned until {until_ms}. "
                "Please use WebSocket Streams for live updates to avoid bans."
            )
        else:
            text = (
                f"Way too many requests; IP({incoming.peer}) banned until {until_ms}. "
                "Please use the websocket for live updates to avoid bans."
            )
        return self._error(Refusal(-1003, text, 418)).with_headers({"retry-after": _whole_seconds(seconds)})

    def ban_keys(self, incoming: Incoming) -> tuple[tuple[LimitScope, str], ...]:
        """Each system bans for itself."""
        return ((LimitScope.IP, _address(incoming)),)

    def html_error(self, status: int) -> Outgoing:
        return html_page(status, "ERROR: The request could not be satisfied. Generated by cloudfront (CloudFront)")


# --- reading a request


def _address(incoming: Incoming) -> str:
    return f"{incoming.door} {incoming.peer}"


def _counted(incoming: Incoming) -> str:
    """Whose orders are counted together: every account here has one key."""
    return f"{incoming.door} {incoming.header('x-mbx-apikey')}"


def _fields(incoming: Incoming) -> Fields:
    """Query and form as one; the query wins."""
    return Fields({**incoming.form_fields(), **incoming.query_fields()})


def _check_repeats(incoming: Incoming) -> None:
    for text in (incoming.query, incoming.body.decode("utf-8", "replace")):
        names = [part.partition("=")[0] for part in text.split("&") if part]
        if len(names) != len(set(names)):
            raise Refusal(-1101, "Duplicate values for a parameter detected.")


def _check_names(fields: Fields, endpoint: Endpoint, door: Door) -> None:
    """What must be there is, nothing is empty, and spot has read it all."""
    own = {"timestamp", "signature", "recvWindow"} if endpoint.security is not Security.NONE else set()
    for name in endpoint.must:
        fields.text(name)
    for name in fields:
        if not fields.get(name):
            raise Refusal(-1105, f"Parameter '{name}' was empty.")
    unread = [name for name in fields if name not in endpoint.known | own]
    if unread and door.reads_all:
        sent = len(list(fields))
        if not endpoint.known and not own:
            raise Refusal(-1101, f"Too many parameters; expected '0' and received '{sent}'.")
        read = sent - len(unread)
        raise Refusal(-1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'.")


def _unit(incoming: Incoming, door: Door) -> int:
    """Microseconds in one unit of the answer's times."""
    wanted = incoming.header("x-mbx-time-unit").upper()
    if door.name != "spot" or wanted in ("", "MILLISECOND"):
        return 1000
    if wanted != "MICROSECOND":
        raise Refusal(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.")
    return 1


def _timestamp_us(fields: Fields) -> int:
    stamp = fields.whole("timestamp")
    if stamp is None:
        raise missing("timestamp")
    return stamp if stamp >= _MICROSECONDS_FROM else stamp * 1000


def _window_us(fields: Fields, door: Door) -> int:
    window = fields.number("recvWindow")
    if window is None:
        window = _USUAL_WINDOW_MS
    if window > _LONGEST_WINDOW_MS and door.name == "spot":
        raise Refusal(-1131, "recvWindow must be less than 60000.")
    if door.name == "linear" and window != window.to_integral_value():
        raise not_valid("recvWindow")
    return int(window * 1000)


def _signed_text(incoming: Incoming) -> bytes:
    """Query and body without anything between them, and without the signature itself."""
    return _SIGNATURE.sub("", incoming.query).encode() + _SIGNATURE.sub("", incoming.body.decode("latin-1")).encode(
        "latin-1"
    )


def _is_last(incoming: Incoming) -> bool:
    whole = incoming.body.decode("latin-1") or incoming.query
    return whole.rpartition("&")[2].startswith("signature=")


def _whole_seconds(seconds: float) -> str:
    return f"{-int(-seconds // 1)}"
