"""The simulated Coinbase Advanced Trade: spot, written from the venue's papers alone.

Knows nothing of the adapter. Here is the table of endpoints, and how a request is let in: limits and token. What
answers it stands in the `sandbox_*` modules beside this one, streams in sandbox_stream. Not simulated: US
derivatives, equities, prediction markets, bracket, TWAP and scaled orders, portfolios, conversions and payments.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import orjson
from attrs import evolve

from unified.sandbox.dialect import (
    ClientAccount,
    Dialect,
    Incoming,
    Outgoing,
    RequestClass,
    Route,
    Router,
    Setting,
    html_page,
    json_answer,
)
from unified.sandbox.limits import LimitScope, RollingWindow, VenueLimit
from unified.sandbox.listing import ClientIds, EngineRules, FeeCurrency, FeeRates
from unified.sandbox.refusal import Reason
from unified.sandbox.streams import Opening, Talk
from unified_coinbase import sandbox_account as account
from unified_coinbase import sandbox_market as market
from unified_coinbase import sandbox_trade as trade
from unified_coinbase.sandbox_calls import Answer, ApiError, Body, Call, Query, invalid
from unified_coinbase.sandbox_keys import HOLDERS, Holder, TokenError, TokenTimeError, verified
from unified_coinbase.sandbox_listings import LISTINGS
from unified_coinbase.sandbox_memory import Memory
from unified_coinbase.sandbox_stream import CoinbaseTalk

_ROOT = "/api/v3/brokerage"
_PRIVATE, _PUBLIC = "private", "public"
_WINDOW_S = 1
_CACHED_US = 1_000_000
"""How long public answers are served again to anybody who does not ask for fresh ones."""


class CoinbaseSandbox(Dialect):
    """Everything on one host."""

    name = "coinbase"
    doors = ("rest",)
    counts_account_frames = True
    listings = LISTINGS
    limits = (
        VenueLimit(
            name=_PRIVATE,
            counting=RollingWindow(limit=30, period_s=_WINDOW_S),
            scope=LimitScope.KEY,
            counts_refused=False,
        ),
        VenueLimit(name=_PUBLIC, counting=RollingWindow(limit=10, period_s=_WINDOW_S), counts_refused=False),
    )
    rules = EngineRules(
        client_ids=ClientIds.FOR_EVER,
        fee_currency=FeeCurrency.QUOTE,
        fees=FeeRates(maker=Decimal("0.004"), taker=Decimal("0.006")),
        late=frozenset({Reason.UNFILLABLE_FOK, Reason.TOO_MANY_OPEN_ORDERS}),
        acceptance_us=(5_000, 60_000),
        cancel_us=(5_000, 40_000),
    )

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._memory = Memory()
        self._cache: dict[str, tuple[int, Outgoing]] = {}
        for holder in HOLDERS:
            self.engine.open_account(holder.name, spot=dict(holder.funds))

    @property
    def accounts(self) -> tuple[ClientAccount, ...]:
        return tuple(ClientAccount(name=holder.name, credentials=holder.credentials) for holder in HOLDERS)

    def classify(self, incoming: Incoming) -> RequestClass:
        found = _ROUTER.find(incoming)
        return RequestClass.READ if found is None else found[0].kind

    def handle(self, incoming: Incoming) -> Outgoing:
        found = _ROUTER.find(incoming)
        if found is None:
            return _no_route(incoming)
        route, names = found
        return route.handle(self, incoming, names)

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """One host stands for both of the venue's, which serve the same channels."""
        found = opening.path == "/"
        return CoinbaseTalk(self.engine, self._memory, opening.peer) if found else html_page(404, "Not Found")

    # --- letting in

    def serve_public(self, incoming: Incoming, names: Mapping[str, str], answer: Answer) -> Outgoing:
        """Behind a cache of a second, as the venue says; `cache-control: no-cache` goes past it."""
        breach = self.keeper.admit([self.use(_PUBLIC, incoming.peer)], self.moment)
        if breach is not None:
            return self.throttled(incoming, breach.retry_after_us / 1_000_000)
        name, now_us = f"{incoming.path}?{incoming.query}", self.moment.true_us
        kept = self._cache.get(name)
        if kept is not None and now_us - kept[0] < _CACHED_US and "no-cache" not in incoming.header("cache-control"):
            fresh = evolve(kept[1], stamped=False)
        else:
            fresh = self._answered(incoming, names, answer, None)
            self._cache[name] = now_us, fresh
        return fresh.with_headers(self._quota_headers(_PUBLIC, incoming.peer))

    def serve_private(
        self, incoming: Incoming, names: Mapping[str, str], answer: Answer, *, trades: bool = False
    ) -> Outgoing:
        """`trades`: the key needs more than the permission to view."""
        try:
            holder = verified(incoming, self.now_us)
        except TokenTimeError:
            self.refused_for_clock(incoming)
            return _unauthorized()
        except TokenError:
            return _unauthorized()
        breach = self.keeper.admit([self.use(_PRIVATE, holder.key_name)], self.moment)
        if breach is not None:
            return self.throttled(incoming, breach.retry_after_us / 1_000_000)
        if trades and not holder.may_trade:
            shown = ApiError(403, "unknown", "Missing required scopes").answer()
        else:
            shown = self._answered(incoming, names, answer, holder)
        return shown.with_headers(self._quota_headers(_PRIVATE, holder.key_name))

    def _answered(
        self, incoming: Incoming, names: Mapping[str, str], answer: Answer, holder: Holder | None
    ) -> Outgoing:
        try:
            call = Call(
                incoming=incoming,
                engine=self.engine,
                moment=self.moment,
                memory=self._memory,
                names=names,
                query=Query(parse_qsl(incoming.query)),
                body=Body(_content(incoming) if incoming.method == "POST" else {}),
                owner=holder,
            )
            return answer(call)
        except ApiError as error:
            return error.answer()

    def _quota_headers(self, limit: str, key: str) -> dict[str, str]:
        most = {_PRIVATE: 30, _PUBLIC: 10}[limit]
        left = most - self.keeper.used(limit, key, self.moment)
        return {
            "x-ratelimit-limit": str(most),
            "x-ratelimit-remaining": str(max(0, left)),
            "x-ratelimit-reset": str(_WINDOW_S),
        }

    # --- what stands in front of the endpoints

    def overloaded(self, incoming: Incoming) -> Outgoing:
        content = {"error": "UNAVAILABLE", "code": 14, "message": "upstream connect error", "details": []}
        return json_answer(content, status=503)

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return html_page(503, "Coinbase is down for maintenance")

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        """Without the wait: Coinbase does not tell it. New orders meet a page of the gateway (seen 2025-09)."""
        if incoming.path == f"{_ROOT}/orders":
            return html_page(429, "Coinbase")
        return json_answer({"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}, status=429)

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        """Coinbase documents no bans."""
        return None


def _content(incoming: Incoming) -> Mapping[str, Any]:
    """The JSON of a body."""
    try:
        content = orjson.loads(incoming.body)
    except orjson.JSONDecodeError:
        raise invalid("the body is not valid JSON") from None
    if not isinstance(content, dict):
        raise invalid("the body is not a JSON object")
    return content


def _unauthorized() -> Outgoing:
    """The same for everything that can be wrong with a token."""
    return Outgoing(status=401, headers={"content-type": "text/plain"}, body=b"Unauthorized")


def _no_route(incoming: Incoming) -> Outgoing:
    """In plain text: what the venue shows here is not documented."""
    others = [method for method in ("GET", "POST") if _ROUTER.find(evolve(incoming, method=method)) is not None]
    status, text = (405, b"Method Not Allowed") if others else (404, b"404 page not found")
    return Outgoing(status=status, headers={"content-type": "text/plain"}, body=text)


# --- the table


def _public(path: str, answer: Answer, kind: RequestClass = RequestClass.READ) -> Route[CoinbaseSandbox]:
    return Route(
        method="GET",
        path=f"{_ROOT}{path}",
        handle=lambda venue, incoming, names: venue.serve_public(incoming, names, answer),
        kind=kind,
    )


def _private(path: str, answer: Answer) -> Route[CoinbaseSandbox]:
    return Route(
        method="GET",
        path=f"{_ROOT}{path}",
        handle=lambda venue, incoming, names: venue.serve_private(incoming, names, answer),
        kind=RequestClass.PRIVATE_READ,
        signed=True,
    )


def _write(path: str, answer: Answer, kind: RequestClass, *, trades: bool = True) -> Route[CoinbaseSandbox]:
    return Route(
        method="POST",
        path=f"{_ROOT}{path}",
        handle=lambda venue, incoming, names: venue.serve_private(incoming, names, answer, trades=trades),
        kind=kind,
        signed=True,
    )


_ROUTER = Router(
    (
        _public("/time", market.time, RequestClass.TIME),
        _public("/market/products", market.products),
        _public("/market/products/{product_id}", market.product),
        _public("/market/products/{product_id}/ticker", market.ticker),
        _public("/market/products/{product_id}/candles", market.candles),
        _public("/market/product_book", market.product_book),
        _private("/products", market.products),
        _private("/products/{product_id}", market.product),
        _private("/products/{product_id}/ticker", market.ticker),
        _private("/products/{product_id}/candles", market.candles),
        _private("/product_book", market.product_book),
        _private("/best_bid_ask", market.best_bid_ask),
        _private("/accounts", account.accounts),
        _private("/accounts/{account_uuid}", account.account),
        _private("/transaction_summary", account.transaction_summary),
        _private("/key_permissions", account.key_permissions),
        _private("/orders/historical/batch", account.orders),
        _private("/orders/historical/fills", account.fills),
        _private("/orders/historical/{order_id}", account.order),
        _write("/orders", trade.create, RequestClass.ORDER),
        _write("/orders/preview", trade.preview, RequestClass.PRIVATE_READ, trades=False),
        _write("/orders/batch_cancel", trade.batch_cancel, RequestClass.CANCEL),
        _write("/orders/edit", trade.edit, RequestClass.WRITE),
        _write("/orders/edit_preview", trade.edit_preview, RequestClass.PRIVATE_READ, trades=False),
    )
)
