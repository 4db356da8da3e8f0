"""Kraken spot, simulated: its REST dialect over the sandbox's engine. Opens no socket.

Written from Kraken's documentation (docs.kraken.com as of 2026-05-27, with later changes noted at their place)
and from recorded answers. Streams stand in sandbox_stream. It has no margin, no
EditOrder, no dead-man switch and no ledgers. Where the papers are silent it decides so:

- Public calls have no documented limit: 5 a second per address with a burst of 20 are let through.
- An amendment, a batch and a cancel of all orders cost 1 on the REST counter, since nothing exempts them.
- `validate` costs the engine's fixed part, as an order that fails validation does.
- A crossing post-only order is refused at once or canceled after its acknowledgement: see `PostOnly`.
- Fees are paid in the quote asset, whatever an order's flags prefer.
- Wrong keys and signatures lock a key out, wrong nonces do not.
- Every answer bears the header Date, as those of its content network do; it shows the venue's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from email.utils import formatdate
from fractions import Fraction
from itertools import cycle
from typing import Any

from attrs import frozen

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
from unified.sandbox.engine import Engine
from unified.sandbox.limits import DecayingCounter, LimitScope, TokenBucket, Use, VenueLimit
from unified.sandbox.listing import ClientIds, EngineRules, FeeCurrency
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.streams import Opening, Talk
from unified.sandbox.wording import rfc3339
from unified_kraken import sandbox_public as public
from unified_kraken.sandbox_call import SECOND_US, Call, Fields, Refused
from unified_kraken.sandbox_keys import TIERS, ApiKey, KeyRing, Permission, demo_keys
from unified_kraken.sandbox_orders import OTHERWISE, WORDS
from unified_kraken.sandbox_pairs import ETH, PAIRS, SOL, USD, USDT, XBT, XDG, rates
from unified_kraken.sandbox_records import VOLUMES, Records
from unified_kraken.sandbox_stream import KrakenTalk
from unified_kraken.sandbox_trading import Trading

_PUBLIC_LIMIT = "public"
_PUBLIC, _PRIVATE = "/0/public/", "/0/private/"
_FUNDS: Mapping[str, Mapping[str, Decimal]] = {
    "maker": {
        USD.id: Decimal(1_000_000),
        USDT.id: Decimal(1_000_000),
        XBT.id: Decimal(20),
        ETH.id: Decimal(300),
        SOL.id: Decimal(5_000),
        XDG.id: Decimal(1_000_000),
    },
    "taker": {USD.id: Decimal(500_000), USDT.id: Decimal(500_000), XBT.id: Decimal(10), ETH.id: Decimal(100)},
    "starter": {USD.id: Decimal(100_000), USDT.id: Decimal(100_000), XBT.id: Decimal(2)},
    "poor": {USD.id: Decimal(10), XBT.id: Decimal("0.0001")},
}
_TROUBLE = ((200, "EService:Busy"), (503, "EService:Unavailable"), (200, "EGeneral:Internal error"))
"""How Kraken says that it could not cope; whether the request ran is not known after any of them."""


@frozen(kw_only=True)
class _Public:
    handle: Callable[[Engine, Fields], dict[str, Any]]
    kind: RequestClass = RequestClass.READ


@frozen(kw_only=True)
class _Private:
    handle: Callable[[Call, ApiKey], dict[str, Any]]
    needs: frozenset[Permission]
    """Any of them is enough; none at all where it is empty."""
    kind: RequestClass = RequestClass.PRIVATE_READ
    calls: int = 1
    """Cost on the REST call counter."""


PUBLIC: Mapping[str, _Public] = {
    "Time": _Public(handle=public.time, kind=RequestClass.TIME),
    "SystemStatus": _Public(handle=public.status),
    "Assets": _Public(handle=public.assets),
    "AssetPairs": _Public(handle=public.pairs),
    "Ticker": _Public(handle=public.ticker),
    "Depth": _Public(handle=public.depth),
    "Trades": _Public(handle=public.trades),
    "OHLC": _Public(handle=public.candles),
}


def _limits() -> tuple[VenueLimit, ...]:
    calls = [
        VenueLimit(
            name=tier.calls_limit,
            counting=DecayingCounter(limit=tier.calls, decay=tier.calls_decay),
            scope=LimitScope.KEY,
        )
        for tier in TIERS
    ]
    engine = [
        VenueLimit(
            name=tier.engine_limit,
            counting=DecayingCounter(limit=tier.engine, decay=tier.engine_decay),
            scope=LimitScope.KEY,
            counts_refused=False,
        )
        for tier in TIERS
    ]
    slow = VenueLimit(name=_PUBLIC_LIMIT, counting=TokenBucket(rate=Fraction(5), burst=20), counts_refused=False)
    return (slow, *calls, *engine)


class KrakenSandbox(Dialect):
    """One host for everything; errors are texts in an answer of status 200."""

    name = "kraken"
    doors = ("rest",)
    counts_account_frames = True
    rules = EngineRules(
        client_ids=ClientIds.WHILE_OPEN,
        fee_currency=FeeCurrency.QUOTE,
        fees=rates(0),
        late=frozenset({Reason.WOULD_TAKE, Reason.UNFILLABLE_FOK, Reason.NO_LIQUIDITY}),
        stops_may_trigger_at_once=True,
    )
    listings = tuple(pair.listing() for pair in PAIRS)
    limits = _limits()
    ban_scope = LimitScope.KEY

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        for name, funds in _FUNDS.items():
            account = self.engine.open_account(name, spot=dict(funds))
            account.fees[Product.SPOT] = rates(VOLUMES.get(name, 0))
        self.keys = KeyRing(demo_keys(), self.keeper)
        self.trading = Trading(self.engine, self.keeper, setting.seed)
        self.records = Records(self.engine, setting.seed)
        self.private = _private(self.trading, self.records)
        self._troubles = cycle(_TROUBLE)

    @property
    def accounts(self) -> tuple[ClientAccount, ...]:
        """The main one first; the last reaches it with a key that may only read."""
        return tuple(
            ClientAccount(name=key.account, credentials=key.credentials, options={"tier": key.tier.name})
            for key in self.keys.keys
        )

    # --- the way of a request

    def handle(self, incoming: Incoming) -> Outgoing:
        if not incoming.path.startswith((_PUBLIC, _PRIVATE)):
            return html_page(404, "Not Found")
        try:
            return self._answer({"error": [], "result": self._result(incoming)})
        except Refused as refusal:
            return self._error(refusal.words)
        except EngineRefusal as refusal:
            return self._error(WORDS.get(refusal.reason, OTHERWISE))

    def _answer(self, content: dict[str, Any], status: int = 200) -> Outgoing:
        date = formatdate(self.now_us // SECOND_US, usegmt=True)
        return json_answer(content, status=status, headers={"date": date}, stamped=True)

    def _error(self, words: str, status: int = 200) -> Outgoing:
        return self._answer({"error": [words]}, status)

    def classify(self, incoming: Incoming) -> RequestClass:
        _, _, method = incoming.path.rpartition("/")
        found = self.private.get(method) if incoming.path.startswith(_PRIVATE) else PUBLIC.get(method)
        return RequestClass.READ if found is None else found.kind

    def _result(self, incoming: Incoming) -> dict[str, Any]:
        private = incoming.path.removeprefix(_PRIVATE)
        if private in self.private and incoming.method == "POST":
            return self._signed(self.private[private], incoming)
        if self.keeper.admit([Use(limit=_PUBLIC_LIMIT, key=incoming.peer)], self.moment) is not None:
            raise Refused("EGeneral:Too many requests")
        found = PUBLIC.get(incoming.path.removeprefix(_PUBLIC))
        if found is None or incoming.method not in ("GET", "POST"):
            raise Refused("EGeneral:Unknown method")
        values = incoming.query_fields() if incoming.method == "GET" else _body(incoming)
        return found.handle(self.engine, Fields(values))

    def _signed(self, found: _Private, incoming: Incoming) -> dict[str, Any]:
        fields = Fields(_body(incoming))
        key = self.keys.open(incoming, fields, self.moment)
        use = Use(limit=key.tier.calls_limit, key=key.text, cost=found.calls)
        if found.calls and not incoming.session and self.keeper.admit([use], self.moment) is not None:
            raise Refused("EAPI:Rate limit exceeded")
        if found.needs and not found.needs & key.permissions:
            raise Refused("EGeneral:Permission denied")
        return found.handle(Call(incoming=incoming, fields=fields), key)

    def talk(self, opening: Opening) -> Talk | Outgoing:
        """WebSocket v2. One host stands for both of Kraken's: whether a subscription is private its channel tells."""
        return KrakenTalk(self.engine, self.records, opening) if opening.path == "/v2" else html_page(404, "Not Found")

    # --- what goes wrong

    def overloaded(self, incoming: Incoming) -> Outgoing:
        status, words = next(self._troubles)
        return self._error(words, status)

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        if incoming.path == f"{_PUBLIC}SystemStatus":
            result = {"status": "maintenance", "timestamp": rfc3339(self.now_us, digits=0)}
            return self._answer({"error": [], "result": result})
        return self._error("EService:Unavailable")

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        """The one refusal of Kraken's that tells when to come back, in whole Unix seconds; private calls only."""
        if not incoming.path.startswith(_PRIVATE):
            return self._error("EGeneral:Too many requests")
        until_s = -(-(self.now_us + round(retry_after * SECOND_US)) // SECOND_US)
        return self._error(f"EService: Throttled: {until_s}")

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        """Kraken announces no ban."""
        return None


def _private(trading: Trading, records: Records) -> Mapping[str, _Private]:
    """Permissions as each endpoint's page names them (docs.kraken.com, 2026-05-27)."""
    funds = frozenset({Permission.QUERY_FUNDS})
    opened, closed = frozenset({Permission.QUERY_OPEN}), frozenset({Permission.QUERY_CLOSED})
    modify, close = frozenset({Permission.MODIFY}), frozenset({Permission.MODIFY, Permission.CLOSE})
    order, cancel, write = RequestClass.ORDER, RequestClass.CANCEL, RequestClass.WRITE
    return {
        "Balance": _Private(handle=records.balance, needs=funds),
        "BalanceEx": _Private(handle=records.balance_ex, needs=funds),
        "TradeVolume": _Private(handle=records.trade_volume, needs=funds),
        "OpenPositions": _Private(handle=records.positions, needs=opened),
        "OpenOrders": _Private(handle=records.open_orders, needs=opened),
        "ClosedOrders": _Private(handle=records.closed_orders, needs=closed),
        "QueryOrders": _Private(handle=records.query_orders, needs=opened | closed),
        "TradesHistory": _Private(handle=records.trades_history, needs=closed, calls=2),
        "QueryTrades": _Private(handle=records.query_trades, needs=closed, calls=2),
        "GetWebSocketsToken": _Private(handle=records.token, needs=frozenset({Permission.STREAM})),
        "GetApiKeyInfo": _Private(handle=records.key_info, needs=frozenset()),
        "AddOrder": _Private(handle=trading.add_order, needs=modify, kind=order, calls=0),
        "AddOrderBatch": _Private(handle=trading.add_batch, needs=modify, kind=order),
        "AmendOrder": _Private(handle=trading.amend_order, needs=close, kind=write),
        "CancelOrder": _Private(handle=trading.cancel_order, needs=close, kind=cancel, calls=0),
        "CancelAll": _Private(handle=trading.cancel_all, needs=close, kind=cancel),
        "CancelOrderBatch": _Private(handle=trading.cancel_batch, needs=close, kind=cancel),
    }


def _body(incoming: Incoming) -> dict[str, Any]:
    """The parameters of a POST: a form, or JSON where the content type says so."""
    if "json" not in incoming.header("content-type").lower():
        return dict(incoming.form_fields())
    content = incoming.json_body()
    if not isinstance(content, dict):
        raise Refused("EAPI:Bad request")
    return content
