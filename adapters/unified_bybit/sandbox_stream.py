"""Bybit's WebSocket V5, simulated: login, topics, books by their update number, markets, orders, wallet, positions.

Written from ws/connect.mdx and the pages of each topic (2026-07-24), never from the adapter; order entry stands in
sandbox_entry. Where the papers are silent it decides so: a private topic before the login is refused, candles are told
every second, and who neither pings nor is told anything for ten minutes is closed with 1001.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from attrs import define, field

from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.engine import Engine
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.streams import AccountFeed, BookFeed, Talk, TradeFeed, WalletFeed
from unified.sandbox.wording import plain
from unified_bybit.sandbox_calls import Row
from unified_bybit.sandbox_keys import Holder, LoginError, logged_in
from unified_bybit.sandbox_market import book_level, interval_of, ticker_row
from unified_bybit.sandbox_rows import fill_row, order_row, position_row, price, sided, trade_id

PATHS: Mapping[str, Product | None] = {
    "/v5/public/spot": Product.SPOT,
    "/v5/public/linear": Product.LINEAR,
    "/v5/private": None,
}
"""What each path is for; None is the account."""
_PERIODS_US = {1: 50_000, 50: 50_000, 200: 100_000, 1000: 200_000}
"""Of the books, by depth; the finest that is simulated is 50 ms."""
_SECOND_US = 1_000_000
_IDLE_US = 600 * _SECOND_US
_GOING_AWAY = 1001
Due = Callable[[], Iterable[Row]]


class RefusedError(Exception):
    """A request is refused with these words."""


@define(eq=False)
class _Subscription:
    """One topic: what it says first, and what has become due."""

    first: Due
    more: Due
    every_us: int
    next_us: int = 0


@define(eq=False)
class BybitTalk(Talk):
    """One connection."""

    _engine: Engine
    _product: Product | None
    _holders: Mapping[str, Holder]
    _account: Account | None = field(default=None, init=False)
    _topics: dict[str, _Subscription] = field(factory=dict, init=False)
    _heard_us: int = field(init=False)
    refuse_logins: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._heard_us = self._engine.true_us

    def receive(self, frame: str) -> list[str]:
        self._heard_us = self._engine.true_us
        try:
            asked = orjson.loads(frame)
            op, args = asked["op"], asked.get("args", [])
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return _texts([self._told("", {}, words="Params Error")])
        match op:
            case "ping":
                return _texts([self._pong(asked)])
            case "auth":
                return _texts([self._done(op, asked, lambda: self._log_in(args))])
            case "subscribe":
                told = self._done(op, asked, lambda: self._subscribe(args))
                fresh = [self._topics[topic] for topic in args if told["success"]]
                return _texts([told, *(row for known in fresh for row in known.first())])
            case "unsubscribe":
                for topic in args:
                    self._topics.pop(topic, None)
                return _texts([self._told(op, asked)])
        return _texts([self._told(op, asked, words="error:request op invalid")])

    def _done(self, op: str, asked: Row, act: Callable[[], None]) -> Row:
        try:
            act()
        except RefusedError as refused:
            return self._told(op, asked, words=str(refused))
        return self._told(op, asked)

    def _told(self, op: str, asked: Row, *, words: str | None = None) -> Row:
        fine = words is None
        about = {"req_id": asked["req_id"]} if "req_id" in asked else {}
        return {"success": fine, "ret_msg": words or "", "conn_id": "cejreaspqfh3sjdnldmg-p", **about, "op": op}

    def _pong(self, asked: Row) -> Row:
        """Private connections word it differently."""
        if self._product is not None:
            return {**self._told("ping", asked), "ret_msg": "pong"}
        return {"req_id": asked.get("req_id", ""), "op": "pong", "args": [str(self._now_ms())], "conn_id": "c-p"}

    def _now_ms(self) -> int:
        return self._engine.now_us // 1000

    # --- login

    def _log_in(self, args: Any) -> None:
        if self._product is not None:
            raise RefusedError("Params Error")
        if self.refuse_logins:
            self.refuse_logins -= 1
            raise RefusedError("request expired")
        try:
            holder = logged_in(self._holders, args, self._now_ms())
        except LoginError as error:
            raise RefusedError(str(error)) from None
        self._account = self._engine.accounts[holder.name]

    # --- subscriptions

    def _subscribe(self, topics: Any) -> None:
        if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
            raise RefusedError("Params Error")
        if self._product is Product.SPOT and len(topics) > 10:
            raise RefusedError("args size >10")
        if len(set(topics)) != len(topics) or any(topic in self._topics for topic in topics):
            raise RefusedError(f"error:handler already subscribed,topic:{topics[0]}")
        made = {topic: self._made(topic) for topic in topics}
        for known in made.values():
            known.next_us = self._engine.true_us + known.every_us
        self._topics |= made

    def _made(self, topic: str) -> _Subscription:
        kind, _, rest = topic.partition(".")
        if self._product is None:
            return self._of_account(kind, rest, topic)
        term, _, symbol = rest.rpartition(".")
        try:
            item = self._engine.instrument(self._product, symbol)
        except EngineRefusal:
            raise RefusedError(f"error:handler not found,topic:{topic}") from None
        match kind:
            case "orderbook" if term.isdecimal() and int(term) in _PERIODS_US:
                return self._book(topic, item, int(term))
            case "tickers":
                return self._ticker(topic, item)
            case "publicTrade":
                return self._trades(topic, item)
            case "kline":
                return self._candles(topic, item, term)
        raise RefusedError(f"error:handler not found,topic:{topic}")

    def _frame(self, topic: str, kind: str, data: Any) -> Row:
        return {"topic": topic, "type": kind, "ts": self._now_ms(), "data": data}

    def _book(self, topic: str, item: Instrument, depth: int) -> _Subscription:
        """Numbers without a hole; of one level every change is a snapshot."""
        feed, numbers = BookFeed(self._engine, item, depth), [self._engine.book(item, 1).sequence]

        def row(kind: str, bids: Any, asks: Any, sequence: int) -> Row:
            sides = {"b": [book_level(item, level) for level in bids], "a": [book_level(item, level) for level in asks]}
            data = {"s": item.symbol, **sides, "u": numbers[0], "seq": 7_000_000_000 + sequence}
            return {**self._frame(topic, kind, data), "cts": self._now_ms()}

        def first() -> Iterable[Row]:
            book = feed.snapshot()
            return [row("snapshot", book.bids, book.asks, book.sequence)]

        def more() -> Iterable[Row]:
            change = feed.change(tell_fallen=False)
            if change is None:
                return []
            numbers[0] += 1
            if depth == 1:
                return [row("snapshot", change.book.bids, change.book.asks, change.book.sequence)]
            return [row("delta", change.bids, change.asks, change.book.sequence)]

        return _Subscription(first, more, _PERIODS_US[depth])

    def _ticker(self, topic: str, item: Instrument) -> _Subscription:
        """Linear tells changes; spot tells all, without best prices."""
        told: dict[str, Any] = {}

        def now() -> Row:
            row = ticker_row(self._engine, item)
            is_spot = item.product is Product.SPOT
            return {key: value for key, value in row.items() if not (is_spot and key.startswith(("bid1", "ask1")))}

        def first() -> Iterable[Row]:
            told.update(now())
            return [self._frame(topic, "snapshot", dict(told))]

        def more() -> Iterable[Row]:
            changed = {key: value for key, value in now().items() if told.get(key) != value}
            told.update(changed)
            if not changed:
                return []
            if item.product is Product.SPOT:
                return [self._frame(topic, "snapshot", dict(told))]
            return [self._frame(topic, "delta", {"symbol": item.symbol, **changed})]

        return _Subscription(first, more, 50_000 if item.product is Product.SPOT else 100_000)

    def _trades(self, topic: str, item: Instrument) -> _Subscription:
        feed = TradeFeed(self._engine, item)

        def more() -> Iterable[Row]:
            rows = [
                {
                    "T": trade.time_us // 1000,
                    "s": item.symbol,
                    "S": sided(trade.side),
                    "v": plain(trade.quantity),
                    "p": price(item, trade.price),
                    "L": "PlusTick",
                    "i": trade_id(item.product, trade.trade_id * 2),
                    "BT": False,
                    "RPI": False,
                    "seq": trade.trade_id,
                }
                for trade in feed.new()
            ]
            return [self._frame(topic, "snapshot", rows)] if rows else []

        return _Subscription(list, more, 50_000)

    def _candles(self, topic: str, item: Instrument, term: str) -> _Subscription:
        interval = interval_of(term)
        if interval is None:
            raise RefusedError(f"error:handler not found,topic:{topic}")

        def more() -> Iterable[Row]:
            rows = [
                {
                    "start": candle.opened_us // 1000,
                    "end": candle.closes_us // 1000 - 1,
                    "interval": term,
                    "open": price(item, candle.open),
                    "close": price(item, candle.close),
                    "high": price(item, candle.high),
                    "low": price(item, candle.low),
                    "volume": plain(candle.volume),
                    "turnover": plain(candle.quote_volume),
                    "confirm": candle.closes_us <= self._engine.now_us,
                    "timestamp": self._now_ms(),
                }
                for candle in self._engine.candles(item, interval)[-1:]
            ]
            return [self._frame(topic, "snapshot", rows)] if rows else []

        return _Subscription(list, more, _SECOND_US)

    # --- the account: no snapshot on subscribing

    def _of_account(self, kind: str, category: str, topic: str) -> _Subscription:
        account = self._account
        if account is None:
            raise RefusedError(f"error:topic {topic} needs auth")
        makers = {"order": self._orders, "execution": self._fills, "position": self._positions, "wallet": self._wallet}
        if kind not in makers or category not in ("", "spot", "linear"):
            raise RefusedError(f"error:handler not found,topic:{topic}")
        changed = makers[kind](account, category)

        def more() -> Iterable[Row]:
            rows = list(changed())
            return (
                [{"id": f"{self._now_ms()}", "topic": topic, "creationTime": self._now_ms(), "data": rows}]
                if rows
                else []
            )

        return _Subscription(list, more, 50_000)

    def _orders(self, account: Account, category: str) -> Due:
        feed = AccountFeed(account)

        def changed() -> Iterable[Row]:
            orders = {change.order.order_id: change.order for change in feed.new()}
            mine = (order for order in orders.values() if category in ("", order.instrument.product))
            return [{"category": order.instrument.product.value, **order_row(order)} for order in mine]

        return changed

    def _fills(self, account: Account, category: str) -> Due:
        feed = AccountFeed(account)

        def changed() -> Iterable[Row]:
            fills = [change.fill for change in feed.new() if change.fill is not None]
            rows = []
            for fill in fills:
                item = fill.order.instrument
                rate = self._engine.fees(account, item.product)
                shown = fill_row(fill, self._engine.market(item).mark, rate.taker)
                if category in ("", item.product):
                    rows.append({"category": item.product.value, **shown})
            return rows

        return changed

    def _positions(self, account: Account, _category: str) -> Due:
        def now() -> dict[Any, Any]:
            return {key: (held.quantity, held.cost) for key, held in account.positions.items()}

        told = now()

        def changed() -> Iterable[Row]:
            nonlocal told
            before, told = told, now()
            rows = []
            for key, held in account.positions.items():
                if before.get(key, (0, 0)) != told[key]:
                    row = position_row(self._engine, account.name, held.instrument, held.side)
                    row["entryPrice"] = row.pop("avgPrice")
                    rows.append({"category": "linear", **row})
            return rows

        return changed

    def _wallet(self, account: Account, _category: str) -> Due:
        feed = WalletFeed(account.spot)

        def changed() -> Iterable[Row]:
            coins = [
                {
                    "coin": coin,
                    "walletBalance": plain(account.spot.total[coin]),
                    "locked": plain(account.spot.held.get(coin, 0 * account.spot.total[coin])),
                    "spotBorrow": "0",
                }
                for coin in feed.new()
            ]
            return [{"accountType": "UNIFIED", "coin": coins}] if coins else []

        return changed

    # --- what is due

    def pulse(self) -> list[str]:
        now, said = self._engine.true_us, list[Row]()
        for known in self._topics.values():
            if now >= known.next_us:
                known.next_us = now + known.every_us
                said += known.more()
        if said:
            self._heard_us = now
        return _texts(said)

    def wants_close(self) -> int | None:
        return _GOING_AWAY if self._engine.true_us - self._heard_us >= _IDLE_US else None


def _texts(frames: Iterable[Row]) -> list[str]:
    return [orjson.dumps(frame).decode() for frame in frames]
