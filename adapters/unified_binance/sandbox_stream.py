"""The streams of the simulated Binance: which path leads to what, listen keys, marks, and the two ways to an account.

Written from web-socket-api.md and user-data-stream.md (2026-07-21) and the USD-M pages (2026-05-28), never from the
adapter. Market streams the dialect has (sandbox_stream, sandbox_stream_rows); rows of accounts stand in
sandbox_stream_rows. Where the papers are silent it decides so: a path with an unknown listen key does not exist, and
USD-M announces no restart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson
from attrs import define, field

from unified.sandbox.dialect import RequestClass
from unified.sandbox.engine import Engine
from unified.sandbox.streams import AccountFeed, Opening, Talk, WalletFeed
from unified.sandbox.wording import fixed
from unified_binance.sandbox_stream_rows import PositionFeed, account_update, algo_update, funds, order_update, report
from unified_binance_dialect.sandbox_calls import Call, Door, Endpoint, ListenKeys, Refusal, Security, error
from unified_binance_dialect.sandbox_keys import Holder
from unified_binance_dialect.sandbox_rows import Row
from unified_binance_dialect.sandbox_stream import SECOND_US, MarketTalk, Patience, Source, texts
from unified_binance_dialect.sandbox_stream_rows import Market, maker

_PUBLIC = frozenset({"bookTicker", "depth"})
_MARKET = frozenset({"aggTrade", "markPrice", "kline", "ticker"})
_PRIVATE = "/private/ws/"
_SPOT_FRAMES, _LINEAR_FRAMES = 5, 10
_WINDOW_MS, _AHEAD_MS = 5000, 1000

# --- listen keys of USD-M

_GONE = error(-1125, "This listenKey does not exist.")


def _start(call: Call) -> Row:
    return {"listenKey": call.listen_keys.start(call.account.name, call.engine.true_us, call.mint)}


def _extend(call: Call) -> Row:
    key = call.listen_keys.extend(call.account.name, call.engine.true_us)
    if key is None:
        raise _GONE()
    return {"listenKey": key}


def _end(call: Call) -> Row:
    call.listen_keys.end(call.account.name)
    return {}


def _keyed(method: str, answer: Callable[[Call], Row]) -> Endpoint:
    return Endpoint(
        method=method, path="/fapi/v1/listenKey", answer=answer, kind=RequestClass.PRIVATE_READ, security=Security.KEY
    )


LISTEN_KEY = (_keyed("POST", _start), _keyed("PUT", _extend), _keyed("DELETE", _end))

# --- paths


def talk_of(
    opening: Opening, door: Door, engine: Engine, keys: ListenKeys, holders: Mapping[str, Holder]
) -> Talk | None:
    """Who leads a connection to this path; None where there is none."""
    patience = Patience(engine, _SPOT_FRAMES if door.name == "spot" else _LINEAR_FRAMES)
    if opening.path.startswith(_PRIVATE) and door.name == "linear":
        key = opening.path.removeprefix(_PRIVATE)
        owner = keys.owner(key)
        return None if owner is None else LinearUserTalk(engine, door, patience, keys, key, owner)
    also = partial(_marks, engine, door)
    match door.name, opening.path:
        case "spot", "/stream":
            return MarketTalk(engine, maker(engine, door), patience, partial(_shutdown, engine))
        case "spot", "/ws-api/v3":
            return SpotUserTalk(engine, door, holders)
        case "linear", "/public/stream" | "/stream":
            return MarketTalk(engine, maker(engine, door, only=_PUBLIC), patience)
        case "linear", "/market/stream":
            return MarketTalk(engine, maker(engine, door, also, only=_MARKET), patience)
    return None


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


# --- the account of spot: the WebSocket API


@define(eq=False)
class SpotUserTalk(Talk):
    """One connection to the WebSocket API. It has the user stream, pings and the time, and no order entry."""

    _engine: Engine
    _door: Door
    _holders: Mapping[str, Holder]
    _more: Callable[[], list[Row]] | None = field(default=None, init=False)
    """What has happened to the subscribed account."""
    _patience: Patience = field(init=False)
    refuse_logins: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._patience = Patience(self._engine, 100)  # requests are weighed here, not counted

    def receive(self, frame: str) -> list[str]:
        self._patience.note()
        try:
            asked = orjson.loads(frame)
            number, method, params = asked.get("id"), asked["method"], asked.get("params") or {}
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return texts([_told(None, Refusal(-1135, "Malformed JSON request."))])
        try:
            return texts([{"id": number, "status": 200, "result": self._answer(method, params)}])
        except Refusal as refusal:
            return texts([_told(number, refusal)])

    def _answer(self, method: str, params: Mapping[str, Any]) -> Row:
        match method:
            case "ping":
                return {}
            case "time":
                return {"serverTime": self._engine.now_us // 1000}
            case "userDataStream.subscribe.signature":
                return self._subscribed(params)
        raise Refusal(-1105, f"Unknown method '{method}'.")

    def _subscribed(self, params: Mapping[str, Any]) -> Row:
        holder = self._holders.get(str(params.get("apiKey")))
        if holder is None:
            raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        stamp, now_ms = params.get("timestamp"), self._engine.now_us // 1000
        late = not isinstance(stamp, int) or not now_ms - _WINDOW_MS <= stamp < now_ms + _AHEAD_MS
        if late or self.refuse_logins:
            self.refuse_logins = max(0, self.refuse_logins - 1)
            raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")
        signed = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")
        if not holder.matches(signed.encode(), str(params.get("signature"))):
            raise Refusal(-1022, "Signature for this request is not valid.")
        if self._more is not None:
            raise Refusal(-2035, "User Data Stream subscription already active.")
        self._more = self._events(holder.name)
        return {"subscriptionId": 0}

    def _events(self, name: str) -> Callable[[], list[Row]]:
        account = self._engine.accounts[name]
        feed, wallet = AccountFeed(account), WalletFeed(account.spot)

        def more() -> list[Row]:
            changes = (change for change in feed.new() if change.order.instrument.product is self._door.product)
            now_ms = self._engine.now_us // 1000
            found = [row for change in changes for row in report(change, now_ms)]
            changed = wallet.new()
            return [*found, funds(account.spot, changed, now_ms)] if changed else found

        return more

    def pulse(self) -> list[str]:
        return [] if self._more is None else texts({"subscriptionId": 0, "event": row} for row in self._more())

    def announced_end(self) -> list[str]:
        return texts([{"event": {"e": "serverShutdown", "E": self._engine.now_us // 1000}}])

    def wants_close(self) -> int | None:
        return self._patience.wants_close()


def _told(number: Any, refusal: Refusal) -> Row:
    return {"id": number, "status": refusal.status, "error": refusal.content}


# --- the account of USD-M: a listen key


@define(eq=False)
class LinearUserTalk(Talk):
    """One connection to a listen key's path."""

    _engine: Engine
    _door: Door
    _patience: Patience
    _keys: ListenKeys
    _key: str
    _owner: str
    _feed: AccountFeed = field(init=False)
    _wallet: WalletFeed = field(init=False)
    _positions: PositionFeed = field(init=False)
    _told_end: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        account = self._engine.accounts[self._owner]
        self._feed, self._wallet = AccountFeed(account), WalletFeed(account.margin)
        self._positions = PositionFeed(account)

    def receive(self, frame: str) -> list[str]:
        self._patience.note()
        try:
            number, method = (asked := orjson.loads(frame))["id"], asked["method"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return texts([{"code": 2, "msg": "Invalid request: missing field"}])
        if method != "LIST_SUBSCRIPTIONS":
            return texts([{"code": 2, "msg": f"Invalid request: unknown variant `{method}`", "id": number}])
        return texts([{"result": [self._key], "id": number}])

    def pulse(self) -> list[str]:
        if not self._keys.lives(self._key, self._engine.true_us):
            return self._expired()
        now_ms = (self._engine.now_us + self._door.ahead_us) // 1000
        rows = []
        for change in self._feed.new():
            if change.order.instrument.product is self._door.product:
                rows += [*algo_update(change, now_ms), *order_update(change, now_ms)]
        positions, changed = self._positions.new(), self._wallet.new()
        if positions or changed:
            rows.append(account_update(self._engine, self._engine.accounts[self._owner], positions, now_ms))
        return texts(rows)

    def _expired(self) -> list[str]:
        """Said once; then there is silence."""
        if self._told_end:
            return []
        self._told_end = True
        now_ms = (self._engine.now_us + self._door.ahead_us) // 1000
        return texts([{"e": "listenKeyExpired", "E": now_ms, "listenKey": self._key}])

    def wants_close(self) -> int | None:
        return self._patience.wants_close()
