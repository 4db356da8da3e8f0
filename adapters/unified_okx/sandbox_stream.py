"""OKX's WebSocket v5, simulated: login, subscriptions, books by their chain, markets, orders, balances, positions.

Written from the OKX docs (#overview-websocket, 2026-07-06, and the page of each channel); orders in frames stand in
sandbox_entry. It has no algo orders, no tick-by-tick books. Where the papers are silent it decides so: a push of the
account or of positions comes again every 5 s without a change, mark prices are looked at every 200 ms, funding every
30 s.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from attrs import define

from unified.instrument import Instrument, Product
from unified.sandbox.dialect import Outgoing
from unified.sandbox.engine import Engine
from unified.sandbox.entry import Asked, EntryTalk
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.streams import AccountFeed, BookFeed, Opening, TradeFeed, WalletFeed
from unified_okx.sandbox_account import account_row
from unified_okx.sandbox_calls import TYPE_OF, ms
from unified_okx.sandbox_entry import ORDER_PATHS, order_request
from unified_okx.sandbox_keys import Holder, LoginError, logged_in
from unified_okx.sandbox_market import bar_of, candle_row, candles_of, funding_row, level_row, ticker_row
from unified_okx.sandbox_rows import price, size
from unified_okx.sandbox_sayings import Refusal
from unified_okx.sandbox_stream_rows import TYPES, PositionFeed, order_push, position_push

PATHS = ("public", "private", "business")
_SECOND_US = 1_000_000
_QUIET_US = 30 * _SECOND_US
_QUIET_CODE = 4004
_REQUESTS_PER_HOUR = 480
_DEPTH = 400
_IDLE_BOOK_US = 60 * _SECOND_US
_REGULAR_US = 5 * _SECOND_US
_WORDS = {
    "60001": '"OK-ACCESS-KEY" can not be empty.',
    "60002": '"OK-ACCESS-SIGN" can not be empty.',
    "60003": '"OK-ACCESS-PASSPHRASE" can not be empty.',
    "60004": "Invalid timestamp",
    "60005": "Invalid apiKey",
    "60006": "Timestamp request expired",
    "60007": "Invalid sign",
    "60009": "Login failure",
    "60011": "Please log in",
    "60012": "Invalid request",
    "60013": "Invalid args",
    "60014": "Requests too frequent",
    "60018": "Wrong URL or channel, instrument ID doesn't exist. Please use the correct URL, channel and parameters",
    "60024": "Wrong passphrase",
    "60031": "The WebSocket endpoint does not allow multiple or repeated logins.",
    "60032": "API key doesn't exist",
    "63999": "Login failed due to internal error. Please try again later.",
}
"""OKX docs, #error-code-websocket-public (2026-07-13), shortened."""
Args = Mapping[str, Any]
Rows = list[Any]


class RefusedError(Exception):
    """A request is refused with this code."""


@define(eq=False)
class Subscription:
    """One channel with its arguments."""

    arg: dict[str, str]
    first: Callable[[], Rows]
    """Rows right after the acknowledgement."""
    more: Callable[[], Rows]
    """Rows that have become due."""
    every_us: int
    """How often it is looked at."""
    next_us: int = 0


class _Book:
    """The channel `books`: a snapshot, then updates that each name the one before."""

    def __init__(self, engine: Engine, item: Instrument) -> None:
        self._engine, self._item = engine, item
        self._feed = BookFeed(engine, item, _DEPTH)
        self._last = -1
        self._told_us = 0

    def first(self) -> list[dict[str, Any]]:
        book = self._feed.snapshot()
        return [{"action": "snapshot", "data": [self._row(book.bids, book.asks, book.sequence)]}]

    def more(self) -> list[dict[str, Any]]:
        change = self._feed.change()
        if change is not None:
            return [{"action": "update", "data": [self._row(change.bids, change.asks, change.book.sequence)]}]
        if self._engine.true_us - self._told_us >= _IDLE_BOOK_US:
            return [{"action": "update", "data": [self._row((), (), self._last)]}]
        return []

    def _row(self, bids: Iterable[Any], asks: Iterable[Any], number: int) -> dict[str, Any]:
        before, self._last, self._told_us = self._last, number, self._engine.true_us
        return {
            "asks": [level_row(self._item, level) for level in asks],
            "bids": [level_row(self._item, level) for level in bids],
            "ts": ms(self._engine.now_us),
            "checksum": 0,
            "prevSeqId": before,
            "seqId": number,
        }


class OkxTalk(EntryTalk):
    """One connection."""

    def __init__(self, engine: Engine, path: str, opening: Opening) -> None:
        self._engine, self._path, self._opening = engine, path, opening
        self._holder: Holder | None = None
        self._subscriptions: dict[tuple[str, ...], Subscription] = {}
        self._requests: deque[int] = deque()
        self._active_us = engine.true_us
        self._number = f"{engine.true_us & 0xFFFFFFFF:08x}"

    # --- the frame of it

    def receive(self, frame: str) -> list[str]:
        self._active_us = self._engine.true_us
        if frame == "ping":
            return ["pong"]
        about: dict[str, str] = {}
        try:
            asked = orjson.loads(frame)
            about = {"id": asked["id"]} if isinstance(asked.get("id"), str) else {}
            return self._texts(self._answered(asked.get("op"), asked["args"], about))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return self._texts([self._error("60012", about)])
        except RefusedError as refused:
            return self._texts([self._error(str(refused), about)])

    def asked(self, frame: str) -> Asked | None:
        """An order, of somebody who is logged in; all else is answered here, refusals included."""
        if self._holder is None or self._path != "private":
            return None
        asked = order_request(frame, self._opening, self._holder)
        if asked is not None:
            self._active_us = self._engine.true_us
        return asked

    def answered(self, asked: Asked, answer: Outgoing, said: Any) -> list[str]:
        return self._texts([{**asked.about, **said}])

    def _answered(self, op: Any, args: Any, about: dict[str, str]) -> list[dict[str, Any]]:
        if not isinstance(args, list) or not args or not all(isinstance(arg, dict) for arg in args):
            raise RefusedError("60013")
        self._count()
        match op:
            case "login":
                return [self._login(args[0])]
            case "subscribe":
                return [frame for arg in args for frame in self._begin(arg, about)]
            case "unsubscribe":
                return [frame for arg in args for frame in self._end(arg, about)]
            case _ if op in ORDER_PATHS:
                raise RefusedError("60011" if self._path == "private" else "60018")
        raise RefusedError("60012")

    def _count(self) -> None:
        now = self._engine.true_us
        while self._requests and self._requests[0] <= now - 3600 * _SECOND_US:
            self._requests.popleft()
        if len(self._requests) >= _REQUESTS_PER_HOUR:
            raise RefusedError("60014")
        self._requests.append(now)

    def _error(self, code: str, about: Mapping[str, str]) -> dict[str, Any]:
        return {**about, "event": "error", "code": code, "msg": _WORDS[code], "connId": self._number}

    def pulse(self) -> list[str]:
        now, frames = self._engine.true_us, []
        for known in tuple(self._subscriptions.values()):
            if now >= known.next_us:
                known.next_us = now + known.every_us
                frames += self._pushed(known, known.more())
        return self._texts(frames)

    def announced_end(self) -> list[str]:
        """Service upgrades are announced on these two paths only."""
        if self._path == "business":
            return []
        words = "The connection will soon be closed for a service upgrade. Please reconnect."
        return self._texts([{"event": "notice", "code": "64008", "msg": words, "connId": self._number}])

    def wants_close(self) -> int | None:
        return _QUIET_CODE if self._engine.true_us - self._active_us > _QUIET_US else None

    def _texts(self, frames: Iterable[Mapping[str, Any]]) -> list[str]:
        texts = [orjson.dumps(frame).decode() for frame in frames]
        if texts:
            self._active_us = self._engine.true_us
        return texts

    # --- login and subscriptions

    def _login(self, arg: Args) -> dict[str, Any]:
        if self._holder is not None:
            raise RefusedError("60031")
        if self.refuse_logins:
            self.refuse_logins -= 1
            raise RefusedError("63999")
        try:
            self._holder = logged_in(arg, self._engine.now_us, self._opening.peer)
        except LoginError as error:
            raise RefusedError(error.code) from None
        return {"event": "login", "code": "0", "msg": "", "connId": self._number}

    def _begin(self, arg: Args, about: dict[str, str]) -> list[dict[str, Any]]:
        named = {str(name): str(value) for name, value in arg.items()}
        try:
            known = self._made(named)
        except (EngineRefusal, Refusal, KeyError):
            raise RefusedError("60018") from None
        self._subscriptions[tuple(named.values())] = known
        known.next_us = self._engine.true_us + known.every_us
        answer = {**about, "event": "subscribe", "arg": named, "connId": self._number}
        return [answer, *self._pushed(known, known.first())]

    def _end(self, arg: Args, about: dict[str, str]) -> list[dict[str, Any]]:
        named = {str(name): str(value) for name, value in arg.items()}
        self._subscriptions.pop(tuple(named.values()), None)
        return [{**about, "event": "unsubscribe", "arg": named, "connId": self._number}]

    def _pushed(self, known: Subscription, rows: Rows) -> list[dict[str, Any]]:
        """Rows of books are whole frames, with their action; trades and orders come one by one."""
        if not rows:
            return []
        uid = {} if self._holder is None else {"uid": self._holder.uid}
        arg = {**known.arg, **(uid if self._path == "private" else {})}
        match known.arg["channel"]:
            case "books":
                return [{"arg": arg, **row} for row in rows]
            case "trades" | "orders":
                return [{"arg": arg, "data": [row]} for row in rows]
        return [{"arg": arg, "data": rows}]

    def _made(self, arg: dict[str, str]) -> Subscription:
        channel = arg["channel"]
        if self._path == "private":
            return self._of_account(channel, arg)
        item = self._instrument(arg["instId"])
        if self._path == "business":
            return self._candles(channel, item, arg)
        return self._of_market(channel, item, arg)

    def _instrument(self, symbol: str) -> Instrument:
        for product in TYPE_OF:
            try:
                return self._engine.instrument(product, symbol)
            except EngineRefusal:
                continue
        raise RefusedError("60018")

    # --- markets

    def _of_market(self, channel: str, item: Instrument, arg: dict[str, str]) -> Subscription:
        engine = self._engine
        if channel == "books":
            book = _Book(engine, item)
            return Subscription(arg, book.first, book.more, 100_000)
        if channel == "trades":
            feed = TradeFeed(engine, item)
            return Subscription(arg, list, lambda: [_trade(item, trade) for trade in feed.new()], 0)
        if channel == "tickers":
            return _changing(arg, lambda: ticker_row(engine, item), 100_000)
        if item.product is not Product.LINEAR:
            raise RefusedError("60018")
        if channel == "mark-price":
            return _changing(arg, lambda: self._mark(item), 200_000)
        if channel == "funding-rate":
            return Subscription(
                arg, lambda: [funding_row(engine, item)], lambda: [funding_row(engine, item)], 30 * _SECOND_US
            )
        raise RefusedError("60018")

    def _mark(self, item: Instrument) -> dict[str, Any]:
        market = self._engine.market(item)
        return {"instType": "SWAP", "instId": item.symbol, "markPx": price(market.mark), "ts": ms(self._engine.now_us)}

    def _candles(self, channel: str, item: Instrument, arg: dict[str, str]) -> Subscription:
        if not channel.startswith("candle"):
            raise RefusedError("60018")
        bar, engine = bar_of(channel.removeprefix("candle")), self._engine
        told: list[Any] = []

        def rows() -> Rows:
            """The running candle where it changed, after the one that it closed."""
            found = [candle_row(item, candle, engine.now_us) for candle in candles_of(engine, item, bar)[-2:]]
            fresh = [row for row in found if row not in told]
            told[:] = found
            return [row for row in fresh if row is found[-1] or row[-1] == "1"]

        return Subscription(arg, rows, rows, _SECOND_US)

    # --- the account

    def _of_account(self, channel: str, arg: dict[str, str]) -> Subscription:
        if channel not in ("orders", "account", "positions"):
            raise RefusedError("60018")
        if self._holder is None:
            raise RefusedError("60011")
        engine, account = self._engine, self._engine.accounts[self._holder.name]
        if channel == "orders":
            products, happened = TYPES[arg["instType"]], AccountFeed(account)

            def orders() -> Rows:
                changes = [one for one in happened.new() if one.order.instrument.product in products]
                return [row for one in changes if (row := order_push(engine, account, one)) is not None]

            return Subscription(arg, list, orders, 0)
        if channel == "account":
            wallet = WalletFeed(account.margin)
            return _repeated(
                engine,
                arg,
                lambda: [account_row(engine, account, [name for name, total in account.margin.total.items() if total])],
                lambda: [account_row(engine, account, names)] if (names := wallet.new()) else [],
            )
        if arg["instType"] not in ("SWAP", "ANY"):
            raise RefusedError("60018")
        positions = PositionFeed(account)
        return _repeated(
            engine,
            arg,
            lambda: [position_push(engine, account, position) for position in positions.all()],
            lambda: [position_push(engine, account, position) for position in positions.new()],
        )


def _changing(arg: dict[str, str], made: Callable[[], dict[str, Any]], every_us: int) -> Subscription:
    """A row whenever anything but its time has changed."""
    told: list[dict[str, Any]] = []

    def more() -> Rows:
        row = made()
        if told and all(told[0][name] == value for name, value in row.items() if name != "ts"):
            return []
        told[:] = [row]
        return [row]

    return Subscription(arg, more, more, every_us)


def _repeated(
    engine: Engine, arg: dict[str, str], whole: Callable[[], Rows], changed: Callable[[], Rows]
) -> Subscription:
    """All at first and at regular times, and what changed as it does."""
    told_us = engine.true_us

    def more() -> Rows:
        nonlocal told_us
        rows = changed()
        if engine.true_us - told_us < _REGULAR_US:
            return rows
        told_us = engine.true_us
        return whole()

    return Subscription(arg, whole, more, 0)


def _trade(item: Instrument, trade: Any) -> dict[str, Any]:
    return {
        "instId": item.symbol,
        "tradeId": str(trade.trade_id),
        "px": price(trade.price),
        "sz": size(item, trade.quantity),
        "side": trade.side.value,
        "ts": ms(trade.time_us),
        "count": "1",
        "source": "0",
        "seqId": trade.trade_id,
    }
