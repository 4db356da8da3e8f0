"""A simulated Bybit V5: spot and linear USDT perpetuals, one unified wallet. No demo.

Written from the venue's papers (2026-07-24), not from the adapter. What the papers leave open is decided so:

- client order ids are unique for ever and over both categories;
- spot refuses a post-only price that crosses at once (170218); contracts end such an order after its acknowledgement;
- requests refused for an endpoint's rate are not counted under it, but every request counts for its address.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import md5
from itertools import count

from attrs import field, frozen

from unified.instrument import Product
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
from unified.sandbox.limits import Escalation, LimitScope, RollingWindow, Use, VenueLimit
from unified.sandbox.listing import ClientIds, EngineRules, FeeRates
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.streams import Opening, Talk
from unified_bybit.sandbox_account import ACCOUNT
from unified_bybit.sandbox_calls import (
    CATEGORIES,
    Announcement,
    Answer,
    Call,
    Endpoint,
    Fields,
    Records,
    Refusal,
    Right,
    wrong,
)
from unified_bybit.sandbox_entry import TRADE_PATH, BybitTradeTalk
from unified_bybit.sandbox_keys import Holder, holders
from unified_bybit.sandbox_market import LISTINGS, MARKET
from unified_bybit.sandbox_orders import ORDERS
from unified_bybit.sandbox_refusals import refusal_of
from unified_bybit.sandbox_stream import PATHS, BybitTalk

ENDPOINTS: Mapping[tuple[str, str], Endpoint] = {
    (endpoint.method, endpoint.path): endpoint for endpoint in (*MARKET, *ORDERS, *ACCOUNT)
}
_BAN_S = 600
_DEFAULT_WINDOW_MS = 5_000
_AHEAD_MS = 1_000
"""A timestamp must lie before the venue's time plus this."""
_RATES = sorted({rate for endpoint in ENDPOINTS.values() for rate in (endpoint.rate, endpoint.spot_rate) if rate})


@frozen(kw_only=True)
class _Rate:
    """Where a request is counted beside its address."""

    limit: int
    use: Use


@frozen(kw_only=True)
class _Pass:
    """A request that may run."""

    endpoint: Endpoint
    fields: Fields
    holder: Holder | None = None
    rate: _Rate | None = field(default=None)


class BybitSandbox(Dialect):
    """One Bybit."""

    name = "bybit"
    doors = ("rest",)
    rules = EngineRules(
        client_ids=ClientIds.REFUSED_FOR_EVER,
        fees=FeeRates(maker=Decimal("0.001"), taker=Decimal("0.001")),
        linear_fees=FeeRates(maker=Decimal("0.0002"), taker=Decimal("0.00055")),
        unified_wallet=True,
        late=frozenset({Reason.WOULD_TAKE, Reason.UNFILLABLE_FOK, Reason.NO_LIQUIDITY}),
        acceptance_us=(1_000, 12_000),
        cancel_us=(1_000, 12_000),
        stops_hold_funds=False,
        stops_may_trigger_at_once=False,
        trims_reduce_only=True,
    )
    listings = LISTINGS
    limits = (
        VenueLimit(
            name="address",
            counting=RollingWindow(limit=600, period_s=5),
            escalation=Escalation(refusals=0, within_s=5, first_s=_BAN_S, longest_s=_BAN_S),
        ),
        VenueLimit(name="frames", counting=RollingWindow(limit=3000, period_s=1)),
        *(
            VenueLimit(
                name=f"{rate} a second",
                counting=RollingWindow(limit=rate, period_s=1),
                scope=LimitScope.KEY,
                counts_refused=False,
            )
            for rate in _RATES
        ),
    )

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.records = Records()
        self._traces = count(1)
        self._banned_until_us: dict[str, int] = {}
        self._holders = {holder.credentials.key: holder for holder in holders()}
        for holder in holders():
            self.engine.open_account(holder.name, spot=holder.funds)

    @property
    def accounts(self) -> tuple[ClientAccount, ...]:
        return tuple(ClientAccount(name=holder.name, credentials=holder.credentials) for holder in holders())

    def announce(self, title: str, *, begin_us: int, end_us: int) -> None:
        """Put a maintenance on the status page; nothing else follows from it."""
        self.records.announcements.append(Announcement(title=title, begin_us=begin_us, end_us=end_us))

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """Lead a stream connection, or refuse it."""
        if opening.path == TRADE_PATH:
            return BybitTradeTalk(self.engine, self._holders, opening)
        if opening.path not in PATHS:
            return html_page(404, "Not Found")
        return BybitTalk(self.engine, PATHS[opening.path], self._holders)

    # --- a request

    def handle(self, incoming: Incoming) -> Outgoing:
        if incoming.method == "GET" and incoming.body:
            return html_page(403, "ERROR: The request could not be satisfied. Bad request.")
        if incoming.session:
            if self.keeper.admit([self.use("frames", incoming.peer)], self.moment) is not None:
                return self._told(Refusal(10403, "Exceeded IP rate limit."))
        elif self.keeper.admit([self.use("address", incoming.peer)], self.moment) is not None:
            self._banned_until_us[incoming.peer] = self.moment.true_us + _BAN_S * 1_000_000
            return self._too_frequent()
        if incoming.method not in ("GET", "POST"):
            return self._told(wrong("only GET and POST are supported"), status=400)
        endpoint = ENDPOINTS.get((incoming.method, incoming.path))
        if endpoint is None:
            return self._told(Refusal(10017, "Route not found."), status=404)
        try:
            admitted = self._let_in(endpoint, incoming)
        except Refusal as refusal:
            return self._told(refusal)
        if admitted.rate is not None and not endpoint.by_order and not self._admit(admitted.rate):
            return self._told(_TOO_MANY, rate=admitted.rate)
        return self._run(admitted)

    def _run(self, admitted: _Pass) -> Outgoing:
        rate = admitted.rate
        call = Call(
            engine=self.engine,
            records=self.records,
            fields=admitted.fields,
            holder=admitted.holder,
            admit=lambda: rate is None or self._admit(rate),
        )
        try:
            return self._told(admitted.endpoint.answer(call), rate=rate)
        except EngineRefusal as refusal:
            return self._told(refusal_of(refusal, call.product), rate=rate)
        except Refusal as refusal:
            return self._told(refusal, rate=rate)

    def _let_in(self, endpoint: Endpoint, incoming: Incoming) -> _Pass:
        """Who asks, whether they may, and what for."""
        holder = None if endpoint.right is Right.NONE else self._authenticated(incoming, endpoint.right)
        fields = self._fields(endpoint, incoming)
        if holder is None:
            return _Pass(endpoint=endpoint, fields=fields)
        return _Pass(endpoint=endpoint, fields=fields, holder=holder, rate=_rate_of(endpoint, holder, fields))

    def _fields(self, endpoint: Endpoint, incoming: Incoming) -> Fields:
        if endpoint.method == "GET":
            return Fields({**endpoint.defaults, **incoming.query_fields()}, typed=False)
        body = incoming.json_body()
        if not isinstance(body, dict):
            raise wrong("the body must be a JSON object")
        return Fields(body, typed=True)

    # --- who asks

    def _authenticated(self, incoming: Incoming, right: Right) -> Holder:
        holder = self._of_session(incoming) if incoming.session else self._of_signature(incoming)
        if right is Right.TRADE and not holder.may_trade:
            raise Refusal(10005, "Permission denied, please check your API key permissions.")
        return holder

    def _of_session(self, incoming: Incoming) -> Holder:
        """Its login stands for the signature; the time is looked at in every frame."""
        stamp, window = incoming.header("x-bapi-timestamp"), incoming.header("x-bapi-recv-window")
        if not (stamp.isdecimal() and (window or "0").isdecimal()):
            raise Refusal(10001, "Params Error")
        self._check_time(incoming, int(stamp), int(window or _DEFAULT_WINDOW_MS))
        return self._holders[incoming.session]

    def _of_signature(self, incoming: Incoming) -> Holder:
        key, stamp = incoming.header("x-bapi-api-key"), incoming.header("x-bapi-timestamp")
        window, signature = incoming.header("x-bapi-recv-window"), incoming.header("x-bapi-sign")
        if not (key and signature and stamp.isdecimal() and (window or "0").isdecimal()):
            raise Refusal(10001, "sign params error")
        holder = self._holders.get(key)
        if holder is None:
            raise Refusal(10003, "API key is invalid.")
        if holder.addresses != ("*",) and incoming.peer not in holder.addresses:
            raise Refusal(10010, "Unmatched IP, please check your API key's bound IP addresses.")
        self._check_time(incoming, int(stamp), int(window or _DEFAULT_WINDOW_MS))
        payload = incoming.body if incoming.method == "POST" else incoming.query.encode("latin-1", "replace")
        origin = f"{stamp}{key}{window}".encode() + payload
        if not holder.matches(origin, signature):
            raise Refusal(10004, f"error sign! origin_string[{origin.decode('utf-8', 'replace')}]")
        return holder

    def _check_time(self, incoming: Incoming, stamp_ms: int, window_ms: int) -> None:
        now_ms = self.now_ms
        if not now_ms - window_ms <= stamp_ms < now_ms + _AHEAD_MS:
            self.refused_for_clock(incoming)
            raise Refusal(
                10002,
                "invalid request, please check your server timestamp or recv_window param. "
                f"req_timestamp[{stamp_ms}],server_timestamp[{now_ms}],recv_window[{window_ms}]",
            )

    # --- limits

    def _admit(self, rate: _Rate) -> bool:
        return self.keeper.admit([rate.use], self.moment) is None

    def _rate_headers(self, rate: _Rate) -> dict[str, str]:
        """The reset is now unless the limit is used up."""
        left = max(0, rate.limit - self.keeper.used(rate.use.limit, rate.use.key, self.moment))
        wait_us = 0 if left else self.keeper.wait_us(rate.use, self.moment)
        return _limit_headers(rate.limit, left, self.now_ms - -wait_us // 1000)

    # --- what goes back

    def _told(self, told: Answer | Refusal, *, status: int = 200, rate: _Rate | None = None) -> Outgoing:
        """The envelope, which tells the venue's time in the body and in a header."""
        now_ms = self.now_ms
        code, extra = (0, told.extra) if isinstance(told, Answer) else (told.code, {})
        content = {
            "retCode": code,
            "retMsg": told.message,
            "result": told.result,
            "retExtInfo": extra,
            "time": now_ms,
        }
        trace = md5(f"{self.setting.seed}/{next(self._traces)}".encode(), usedforsecurity=False).hexdigest()
        headers = {"Traceid": trace, "Timenow": str(now_ms), "Ret_code": str(code)}
        if rate is not None:
            headers |= self._rate_headers(rate)
        return json_answer(content, status=status, headers=headers, stamped=True)

    def _too_frequent(self) -> Outgoing:
        return Outgoing(status=403, headers={"content-type": "text/plain"}, body=b"403, access too frequent")

    # --- the venue's own forms of trouble

    def classify(self, incoming: Incoming) -> RequestClass:
        endpoint = ENDPOINTS.get((incoming.method, incoming.path))
        return RequestClass.READ if endpoint is None else endpoint.kind

    def overloaded(self, incoming: Incoming) -> Outgoing:
        """No 5xx: the venue says so in an envelope of HTTP 200 (recorded 2024)."""
        return self._told(Refusal(10000, "Server Timeout"))

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        """No form of its own is documented: a gateway's 503."""
        return html_page(503, "Service Temporarily Unavailable")

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        """An earned ban of the address, else a full bucket: public endpoints name no limit then (recorded 2026-01)."""
        if self._banned_until_us.get(incoming.peer, 0) > self.moment.true_us:
            return self._too_frequent()
        refusal, endpoint = self._told(_TOO_MANY), ENDPOINTS.get((incoming.method, incoming.path))
        if endpoint is None or not endpoint.rate:
            return refusal
        limit = _limit_of(endpoint, self._category(endpoint, incoming))
        return refusal.with_headers(_limit_headers(limit, 0, self.now_ms + round(retry_after * 1000)))

    def _category(self, endpoint: Endpoint, incoming: Incoming) -> str | None:
        """Which product is asked about, as far as the request can be read at all."""
        try:
            return self._fields(endpoint, incoming).get("category")
        except Refusal:
            return None

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        """The venue tells nobody how long a ban lasts."""
        return None


_TOO_MANY = Refusal(10006, "Too many visits. Exceeded the API Rate Limit.")


def _rate_of(endpoint: Endpoint, holder: Holder, fields: Fields) -> _Rate:
    """By account and endpoint; endpoints with a rate for spot count it apart."""
    category = fields.get("category")
    limit = _limit_of(endpoint, category)
    key = f"{holder.uid} {endpoint.path} {'spot' if _counts_apart(endpoint, category) else ''}"
    return _Rate(limit=limit, use=Use(limit=f"{limit} a second", key=key))


def _counts_apart(endpoint: Endpoint, category: str | None) -> bool:
    return CATEGORIES.get(category or "") is Product.SPOT and bool(endpoint.spot_rate)


def _limit_of(endpoint: Endpoint, category: str | None) -> int:
    return endpoint.spot_rate if _counts_apart(endpoint, category) else endpoint.rate


def _limit_headers(limit: int, left: int, reset_ms: int) -> dict[str, str]:
    return {
        "X-Bapi-Limit": str(limit),
        "X-Bapi-Limit-Status": str(left),
        "X-Bapi-Limit-Reset-Timestamp": str(reset_ms),
    }
