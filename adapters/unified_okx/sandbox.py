"""The simulated OKX: spot and USDT-margined swaps of API v5, written from the venue's papers alone.

Knows nothing of the adapter. Here is the table of endpoints, and how a request is let in: key, limits, body. What
answers it stands in the `sandbox_*` modules beside this one, streams in sandbox_stream. Not simulated: margin
trading, options, futures, transfers, two-legged and trailing algo orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
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
from unified.sandbox.listing import ClientIds, EngineRules, FeeRates
from unified.sandbox.refusal import Reason
from unified.sandbox.streams import Opening, Talk
from unified_okx import sandbox_account as account
from unified_okx import sandbox_limits as quotas
from unified_okx import sandbox_market as market
from unified_okx import sandbox_trade as trade
from unified_okx.sandbox_calls import Answer, Call, Fields, NothingHereError, rows
from unified_okx.sandbox_keys import HOLDERS, Holder, of_session, verified
from unified_okx.sandbox_limits import LIMITS, Quota
from unified_okx.sandbox_listings import LISTINGS
from unified_okx.sandbox_sayings import Refusal
from unified_okx.sandbox_stream import PATHS, OkxTalk

_ROOT = "/api/v5"
_FIRST_ORDER_ID = 2_910_000_000_000_000_001
"""Ids of the venue exceed what a double can count."""


@frozen(kw_only=True)
class Endpoint:
    """One line of the table."""

    method: str
    answer: Answer
    kind: RequestClass
    quota: Quota | None = None
    """None where the answer charges by itself, by order."""

    @property
    def is_public(self) -> bool:
        return self.kind in (RequestClass.TIME, RequestClass.READ)

    @property
    def writes(self) -> bool:
        return self.method == "POST"


def _public(answer: Answer, quota: Quota, kind: RequestClass = RequestClass.READ) -> Endpoint:
    return Endpoint(method="GET", answer=answer, kind=kind, quota=quota)


def _private(answer: Answer, quota: Quota) -> Endpoint:
    return Endpoint(method="GET", answer=answer, kind=RequestClass.PRIVATE_READ, quota=quota)


def _write(answer: Answer, kind: RequestClass = RequestClass.WRITE, quota: Quota | None = None) -> Endpoint:
    return Endpoint(method="POST", answer=answer, kind=kind, quota=quota)


ENDPOINTS: Mapping[str, tuple[Endpoint, ...]] = {
    "/public/time": (_public(market.time, quotas.TIME, RequestClass.TIME),),
    "/system/status": (_public(market.status, quotas.STATUS),),
    "/public/instruments": (_public(market.instruments, quotas.INSTRUMENTS),),
    "/market/ticker": (_public(market.ticker, quotas.TICKER),),
    "/market/tickers": (_public(market.tickers, quotas.TICKERS),),
    "/market/books": (_public(market.book, quotas.BOOK),),
    "/market/trades": (_public(market.trades, quotas.TRADES),),
    "/market/history-trades": (_public(market.old_trades, quotas.OLD_TRADES),),
    "/market/candles": (_public(market.candles, quotas.CANDLES),),
    "/market/history-candles": (_public(market.candles, quotas.OLD_CANDLES),),
    "/public/funding-rate": (_public(market.funding_rate, quotas.FUNDING),),
    "/public/price-limit": (_public(market.price_limit, quotas.BAND),),
    "/account/instruments": (_private(market.instruments, quotas.OWN_INSTRUMENTS),),
    "/account/config": (_private(account.config, quotas.CONFIG),),
    "/account/balance": (_private(account.balance, quotas.BALANCE),),
    "/account/trade-fee": (_private(account.trade_fee, quotas.FEES),),
    "/account/positions": (_private(account.positions, quotas.POSITIONS),),
    "/account/set-leverage": (_write(account.set_leverage, quota=quotas.SET_LEVERAGE),),
    "/account/set-position-mode": (_write(account.set_position_mode, quota=quotas.SET_MODE),),
    "/trade/account-rate-limit": (_private(account.rate_limit, quotas.RATE_STATE),),
    "/trade/order": (
        _private(account.get_order, quotas.GET_ORDER),
        _write(trade.place, RequestClass.ORDER),
    ),
    "/trade/order-precheck": (_write(trade.precheck, quota=quotas.PRECHECK),),
    "/trade/batch-orders": (_write(trade.place_batch, RequestClass.ORDER),),
    "/trade/cancel-order": (_write(trade.cancel, RequestClass.CANCEL),),
    "/trade/cancel-batch-orders": (_write(trade.cancel_batch, RequestClass.CANCEL),),
    "/trade/amend-order": (_write(trade.amend),),
    "/trade/amend-batch-orders": (_write(trade.amend_batch),),
    "/trade/orders-pending": (_private(account.pending_orders, quotas.PENDING),),
    "/trade/orders-history": (_private(account.closed_orders, quotas.HISTORY),),
    "/trade/orders-history-archive": (_private(account.closed_orders, quotas.ARCHIVE),),
    "/trade/fills": (_private(account.fills, quotas.FILLS),),
    "/trade/fills-history": (_private(account.old_fills, quotas.OLD_FILLS),),
    "/trade/order-algo": (
        _private(account.get_algo, quotas.GET_ALGO),
        _write(trade.place_algo, RequestClass.ORDER),
    ),
    "/trade/cancel-algos": (_write(trade.cancel_algos, RequestClass.CANCEL),),
    "/trade/orders-algo-pending": (_private(account.pending_algos, quotas.PENDING_ALGO),),
    "/trade/orders-algo-history": (_private(account.closed_algos, quotas.HISTORY_ALGO),),
}


class OkxSandbox(Dialect):
    """Everything on one host. Demo trading (`x-simulated-trading: 1`) shows the same markets and accounts."""

    name = "okx"
    doors = ("rest",)
    listings = LISTINGS
    limits = LIMITS
    rules = EngineRules(
        client_ids=ClientIds.WHILE_OPEN,
        fees=FeeRates(maker=Decimal("0.0008"), taker=Decimal("0.001")),
        unified_wallet=True,
        late=frozenset({Reason.WOULD_TAKE, Reason.UNFILLABLE_FOK, Reason.NO_LIQUIDITY}),
        acceptance_us=(1_000, 8_000),
        cancel_us=(1_000, 8_000),
        stops_hold_funds=False,
        first_order_id=_FIRST_ORDER_ID,
    )

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        for holder in HOLDERS:
            self.engine.open_account(holder.name, spot=dict(holder.funds))

    @property
    def accounts(self) -> tuple[ClientAccount, ...]:
        return tuple(
            ClientAccount(name=holder.name, credentials=holder.credentials, options=holder.options)
            for holder in HOLDERS
        )

    def classify(self, incoming: Incoming) -> RequestClass:
        found = _find(incoming)
        return RequestClass.READ if found is None else found.kind

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """WebSocket v5: three paths on one host, as at the venue."""
        path = opening.path.removeprefix("/ws/v5/")
        return OkxTalk(self.engine, path, opening) if path in PATHS else html_page(404, "Not Found")

    def handle(self, incoming: Incoming) -> Outgoing:
        """Key, then limits, then the body, then the endpoint itself."""
        if not _known(incoming):
            return html_page(404, "Not Found")
        try:
            endpoint = _find(incoming)
            if endpoint is None:
                raise Refusal("50115")
            holder = None if endpoint.is_public else self._let_in(incoming, writes=endpoint.writes)
            call = self._call(incoming, endpoint, holder)
            if endpoint.quota is not None and call.spend(endpoint.quota.use(call)) is not None:
                raise Refusal("50011")
            return endpoint.answer(call)
        except Refusal as refusal:
            if refusal.code == "50102":
                self.refused_for_clock(incoming)
            return refusal.answer()
        except NothingHereError:
            return rows([])

    def _let_in(self, incoming: Incoming, *, writes: bool) -> Holder:
        holder = of_session(incoming.session) if incoming.session else verified(incoming, self.now_us)
        if writes and not holder.may_trade:
            raise Refusal("50120")
        return holder

    def _call(self, incoming: Incoming, endpoint: Endpoint, holder: Holder | None) -> Call:
        content: Any = _content(incoming) if endpoint.writes else incoming.query_fields()
        return Call(
            incoming=incoming,
            engine=self.engine,
            keeper=self.keeper,
            moment=self.moment,
            fields=Fields(content if isinstance(content, dict) else {}),
            items=content if isinstance(content, list) else (),
            owner=holder,
        )

    # --- what stands in front of the endpoints

    def overloaded(self, incoming: Incoming) -> Outgoing:
        return Refusal("50026").answer()

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return Refusal("50001").answer()

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        """Without the wait: OKX does not tell it."""
        return Refusal("50011").answer()

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        """OKX documents no bans."""
        return None


def _known(incoming: Incoming) -> tuple[Endpoint, ...]:
    """The endpoints of a path, one for each method; none for an unknown path."""
    path = incoming.path
    return ENDPOINTS.get(path.removeprefix(_ROOT), ()) if path.startswith(_ROOT) else ()


def _find(incoming: Incoming) -> Endpoint | None:
    return next((endpoint for endpoint in _known(incoming) if endpoint.method == incoming.method), None)


def _content(incoming: Incoming) -> Any:
    """The JSON of a body."""
    if not incoming.body:
        raise Refusal("50000")
    if not incoming.header("content-type").lower().startswith("application/json"):
        raise Refusal("50006")
    try:
        content = orjson.loads(incoming.body)
    except orjson.JSONDecodeError:
        raise Refusal("50002") from None
    if not isinstance(content, dict | list):
        raise Refusal("50002")
    return content
