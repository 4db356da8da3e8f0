"""The streams of the simulated Binance: which path leads to what, marks, and the two ways to an account.

Written from web-socket-api.md and user-data-stream.md (2026-07-21) and the USD-M pages (2026-05-28), never from the
adapter. Market streams, listen keys and rows of spot accounts the dialect has (its sandbox_stream*,
sandbox_listen_keys); rows of USD-M stand in sandbox_stream_rows. Where the papers are silent it decides so: a path with
an unknown listen key does not exist, and USD-M announces no restart. A listen key is a stream like others (SDK 18.0.1):
whoever subscribes to one that does not exist hears nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import define, field

from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Outgoing
from unified.sandbox.engine import Engine
from unified.sandbox.entry import Asked, EntryTalk
from unified.sandbox.streams import AccountFeed, Opening, Talk, WalletFeed
from unified.sandbox.wording import fixed
from unified_binance.sandbox_stream_rows import PositionFeed, account_update, algo_update, order_update
from unified_binance_dialect.sandbox_calls import Door, ListenKeys, Refusal
from unified_binance_dialect.sandbox_entry import Calls, Request, Session, answer_frame, late, order_request, request_of
from unified_binance_dialect.sandbox_keys import Holder
from unified_binance_dialect.sandbox_listen_keys import account_source
from unified_binance_dialect.sandbox_rows import Row
from unified_binance_dialect.sandbox_stream import SECOND_US, MarketTalk, Patience, Source, combined, texts
from unified_binance_dialect.sandbox_stream_account import spot_news
from unified_binance_dialect.sandbox_stream_rows import Market, maker

_PUBLIC = frozenset({"bookTicker", "depth"})
_MARKET = frozenset({"aggTrade", "markPrice", "kline", "ticker"})
_PRIVATE = "/private"
_SPOT_FRAMES, _LINEAR_FRAMES = 5, 10
_UNCOUNTED: Mapping[str, Any] = {"rateLimits": []}
"""Every answer tells what was used of the limits, which no request here uses but orders."""
SPOT_CALLS = {
    "order.place": ("POST", "/api/v3/order"),
    "order.cancel": ("DELETE", "/api/v3/order"),
    "order.amend.keepPriority": ("PUT", "/api/v3/order/amend/keepPriority"),
}
LINEAR_CALLS = {
    "order.place": ("POST", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "order.modify": ("PUT", "/fapi/v1/order"),
}

# --- paths


def talk_of(
    opening: Opening, door: Door, engine: Engine, keys: ListenKeys, holders: Mapping[str, Holder]
) -> Talk | None:
    """Who leads a connection to this path; None where there is none."""
    patience = Patience(engine, _SPOT_FRAMES if door.name == "spot" else _LINEAR_FRAMES)
    if opening.path.startswith(f"{_PRIVATE}/") and door.name == "linear":
        return _private(opening.path, engine, door, keys, patience)
    also = partial(_marks, engine, door)
    path, raw = combined(opening.path)
    match door.name, path:
        case "spot", "/stream":
            return MarketTalk(engine, maker(engine, door), patience, partial(_shutdown, engine), raw)
        case "spot", "/ws-api/v3":
            return ApiTalk(engine, door, holders, opening, SPOT_CALLS)
        case "linear", "/ws-fapi/v1":
            return ApiTalk(engine, door, holders, opening, LINEAR_CALLS)
        case "linear", "/public/stream" | "/stream":
            return MarketTalk(engine, maker(engine, door, only=_PUBLIC), patience, raw=raw)
        case "linear", "/market/stream":
            return MarketTalk(engine, maker(engine, door, also, only=_MARKET), patience, raw=raw)
    return None


def _private(path: str, engine: Engine, door: Door, keys: ListenKeys, patience: Patience) -> Talk | None:
    """Listen keys by subscription, or the one that stands in the path."""

    def account(key: str) -> Source | None:
        owner = keys.owner(key)
        if owner is None:
            return None

        def expired() -> list[Row]:
            return [{"e": "listenKeyExpired", "E": (engine.now_us + door.ahead_us) // 1000, "listenKey": key}]

        news = _linear_news(engine, door, engine.accounts[owner])
        return account_source(lambda: keys.lives(key, engine.true_us), news, expired)

    route, raw = combined(path)
    if route != f"{_PRIVATE}/stream":
        return None
    talk = MarketTalk(engine, account, patience, raw=raw)
    named = path.removeprefix(f"{_PRIVATE}/ws").removeprefix("/") if raw else ""
    if named and keys.owner(named) is None:
        return None
    talk.subscribe([named] if named else [])
    return talk


def _shutdown(engine: Engine) -> list[Row]:
    return [{"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": engine.now_us // 1000}}]


def _marks(engine: Engine, door: Door, stream: str) -> Source | None:
    """The mark price and funding of a perpetual."""
    symbol, _, name = stream.partition("@")
    if name not in ("markPrice", "markPrice@1s"):
        return None
    item = engine.instrument(door.product, symbol.upper())
    market = Market(engine, door, item)

    def due() -> list[Row]:
        funding = engine.funding(item)
        mark = fixed(funding.mark_price, 8)
        row = {**market.head("markPriceUpdate"), "p": mark, "ap": mark, "i": mark, "P": mark}
        return [{**row, "r": fixed(funding.rate, 8), "T": funding.next_us // 1000}]

    return Source(due=due, every_us=(1 if name.endswith("@1s") else 3) * SECOND_US)


# --- the WebSocket APIs: requests, orders among them, and the account of spot


@define(eq=False)
class ApiTalk(EntryTalk):
    """One connection to a WebSocket API."""

    _engine: Engine
    _door: Door
    _holders: Mapping[str, Holder]
    _opening: Opening
    _calls: Calls
    _more: Callable[[], list[Row]] | None = field(default=None, init=False)
    """What has happened to the subscribed account."""
    _patience: Patience = field(init=False)
    _session: Session = field(init=False)
    refuse_logins: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._patience = Patience(self._engine, 100)  # requests are weighed here, not counted
        self._session = Session(self._holders, self._now_ms)

    def receive(self, frame: str) -> list[str]:
        self._patience.note()
        request = request_of(frame)
        if request is None:
            return texts([_told(None, Refusal(-1135, "Malformed JSON request."))])
        try:
            return texts([{"id": request.number, "status": 200, "result": self._answer(request), **_UNCOUNTED}])
        except Refusal as refusal:
            return texts([_told(request.number, refusal)])

    def asked(self, frame: str) -> Asked | None:
        """An order that is signed well; the refusal of another is said by `receive`."""
        request = request_of(frame)
        if request is None:
            return None
        try:
            asked = order_request(request, self._calls, self._opening, self._session)
        except Refusal:
            return None
        if asked is not None:
            self._patience.note()
        return asked

    def answered(self, asked: Asked, answer: Outgoing, said: Any) -> list[str]:
        return texts([answer_frame(asked, answer, said, self._now_ms(), self._door.rates)])

    def _now_ms(self) -> int:
        return (self._engine.now_us + self._door.ahead_us) // 1000

    def _answer(self, request: Request) -> Row:
        match request.method, self._door.name:
            case "ping", "spot":
                return {}
            case "time", "spot":
                return {"serverTime": self._now_ms()}
            case "session.status", _:
                return self._session.status()
            case "session.logon", _:
                self._let_in()
                return self._session.log_on(request.params)
            case "session.logout", _:
                return self._session.log_out()
            case "userDataStream.subscribe.signature", "spot":
                self._let_in()
                return self._subscribed(self._session.timely(request.params))
            case "userDataStream.subscribe", "spot":
                return self._subscribed(self._session.current())
        if request.method in self._calls:
            self._session.holder(request.params)
        raise Refusal(-1105, f"Unknown method '{request.method}'.")

    def _let_in(self) -> None:
        """Unless the next login is to be refused."""
        if self.refuse_logins:
            self.refuse_logins -= 1
            raise late()

    def _subscribed(self, holder: Holder) -> Row:
        if self._more is not None:
            raise Refusal(-2035, "User Data Stream subscription already active.")
        self._more = spot_news(self._engine, self._engine.accounts[holder.name])
        return {"subscriptionId": 0}

    def pulse(self) -> list[str]:
        return [] if self._more is None else texts({"subscriptionId": 0, "event": row} for row in self._more())

    def announced_end(self) -> list[str]:
        """USD-M announces none."""
        if self._door.name != "spot":
            return []
        return texts([{"event": {"e": "serverShutdown", "E": self._now_ms()}}])

    def wants_close(self) -> int | None:
        return self._patience.wants_close()


def _told(number: Any, refusal: Refusal) -> Row:
    return {"id": number, "status": refusal.status, "error": refusal.content, **_UNCOUNTED}


# --- the account of USD-M: a listen key


def _linear_news(engine: Engine, door: Door, account: Account) -> Callable[[], list[Row]]:
    feed, wallet, positions = AccountFeed(account), WalletFeed(account.margin), PositionFeed(account)

    def news() -> list[Row]:
        now_ms = (engine.now_us + door.ahead_us) // 1000
        rows: list[Row] = []
        for change in feed.new():
            if change.order.instrument.product is door.product:
                rows += [*algo_update(change, now_ms), *order_update(change, now_ms)]
        moved, changed = positions.new(), wallet.new()
        if moved or changed:
            rows.append(account_update(engine, account, moved, now_ms))
        return rows

    return news
