"""Kraken's WebSocket v2, simulated: subscriptions, books with checksums, tickers, trades, candles, the account.

Written from docs.kraken.com (websocket-v2 pages as of 2026-05-27); orders stand in sandbox_entry. Numbers are JSON
numbers without the zeros after their last digit, as Kraken writes them. It has no level 3, no instrument channel. Where
the papers are silent it decides so: every subscribed channel is looked at every 50 ms, and a snapshot of executions
bears the open orders only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any
from zlib import crc32

import orjson
from attrs import define, field

from unified.instrument import Instrument
from unified.market_data import Interval, Level
from unified.sandbox.dialect import Outgoing
from unified.sandbox.engine import Engine
from unified.sandbox.entry import Asked, EntryTalk
from unified.sandbox.markets import VenueBook
from unified.sandbox.streams import AccountFeed, BookFeed, Opening, TradeFeed, WalletFeed
from unified.sandbox.wording import fixed, rfc3339
from unified_kraken.sandbox_entry import CALLS, answer_row, order_request
from unified_kraken.sandbox_keys import ApiKey
from unified_kraken.sandbox_pairs import PAIRS, Pair, asset_of
from unified_kraken.sandbox_public import instrument_of
from unified_kraken.sandbox_records import Records
from unified_kraken.sandbox_stream_rows import number, opened_row, reports

_DEPTHS = (10, 25, 100, 500, 1000)
_INTERVALS: Mapping[int, Interval] = {
    1: Interval.M1,
    5: Interval.M5,
    15: Interval.M15,
    30: Interval.M30,
    60: Interval.H1,
    240: Interval.H4,
    1440: Interval.D1,
    10080: Interval.W1,
}
_HEARTBEAT_US = 1_000_000
_PAIRS = {pair.common: pair for pair in PAIRS}
Params = Mapping[str, Any]


class RefusedError(Exception):
    """A subscription is refused with these words."""


@define(eq=False)
class Subscription:
    """One channel of one symbol (or of the account)."""

    channel: str
    symbol: str | None
    terms: dict[str, Any]
    """What the acknowledgement repeats."""
    first: Callable[[], list[dict[str, Any]]]
    """Frames right after the acknowledgement."""
    more: Callable[[], list[dict[str, Any]]]
    """Frames that have become due."""


@define(eq=False)
class KrakenTalk(EntryTalk):
    """One connection."""

    _engine: Engine
    _records: Records
    _opening: Opening
    _tokens: dict[str, ApiKey] = field(factory=dict, init=False)
    """Those of this connection's own subscriptions: they last as long as it does."""
    _subscriptions: dict[tuple[Any, ...], Subscription] = field(factory=dict, init=False)
    _said_us: int = field(default=0, init=False)
    _counters: dict[str, count[int]] = field(factory=dict, init=False)
    refuse_logins: int = field(default=0, init=False)

    def opened(self) -> list[str]:
        """The status of the system."""
        data = {"api_version": "v2", "connection_id": 12393906104898154338 >> 1, "system": "online", "version": "2.0.9"}
        return self._texts([{"channel": "status", "type": "update", "data": [data]}])

    def receive(self, frame: str) -> list[str]:
        try:
            asked = orjson.loads(frame)
            method, params = asked["method"], asked.get("params") or {}
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return self._texts([{"error": "Malformed request", "success": False, **self._times()}])
        about = {"req_id": asked["req_id"]} if isinstance(asked.get("req_id"), int) else {}
        match method:
            case "ping":
                return self._texts([{"method": "pong", **about, **self._times()}])
            case "subscribe" | "unsubscribe":
                return self._texts(self._change(method, params, about))
        words = "EAPI:Invalid token" if method in CALLS else "Event(s) not found"
        return self._texts([{"method": method, "error": words, "success": False, **about}])

    def asked(self, frame: str) -> Asked | None:
        """An order that bears a token."""
        return order_request(frame, self._opening, self._owner_of)

    def answered(self, asked: Asked, answer: Outgoing, said: Any) -> list[str]:
        return self._texts([answer_row(asked, said, self._times())])

    def _owner_of(self, token: str) -> ApiKey | None:
        return self._tokens.get(token) or self._records.owner_of(token)

    def pulse(self) -> list[str]:
        frames = [frame for known in tuple(self._subscriptions.values()) for frame in known.more()]
        if not frames and self._subscriptions and self._engine.true_us - self._said_us >= _HEARTBEAT_US:
            frames = [{"channel": "heartbeat"}]
        return self._texts(frames)

    def spoiled(self, frame: str) -> str | None:
        content = orjson.loads(frame)
        if content.get("channel") != "book":
            return None
        wrong = content["data"][0]["checksum"]
        return frame.replace(f'"checksum":{wrong}', f'"checksum":{wrong ^ 1}')

    def _texts(self, frames: Iterable[Mapping[str, Any]]) -> list[str]:
        texts = [orjson.dumps(frame).decode() for frame in frames]
        if texts:
            self._said_us = self._engine.true_us
        return texts

    def _times(self) -> dict[str, str]:
        now = rfc3339(self._engine.now_us)
        return {"time_in": now, "time_out": now}

    # --- subscriptions

    def _change(self, method: str, params: Params, about: dict[str, Any]) -> list[dict[str, Any]]:
        """One acknowledgement per symbol, each with what follows it at once."""
        symbols = params.get("symbol", [None])
        if not isinstance(symbols, list):
            return [self._refusal(method, "Symbol(s) not found", None, about)]
        frames = []
        for symbol in symbols:
            try:
                known = self._made(params, symbol)
                key = (known.channel, symbol, *(known.terms.get(name) for name in ("depth", "interval")))
                frames += self._begin(key, known, about) if method == "subscribe" else self._end(key, known, about)
            except RefusedError as refusal:
                frames.append(self._refusal(method, str(refusal), symbol, about))
        return frames

    def _begin(self, key: tuple[Any, ...], known: Subscription, about: dict[str, Any]) -> list[dict[str, Any]]:
        if key in self._subscriptions:
            raise RefusedError("Already subscribed")
        self._subscriptions[key] = known
        return [self._confirmed("subscribe", known, about), *known.first()]

    def _end(self, key: tuple[Any, ...], known: Subscription, about: dict[str, Any]) -> list[dict[str, Any]]:
        if self._subscriptions.pop(key, None) is None:
            raise RefusedError("Subscription Not Found")
        return [self._confirmed("unsubscribe", known, about)]

    def _confirmed(self, method: str, known: Subscription, about: dict[str, Any]) -> dict[str, Any]:
        symbol = {} if known.symbol is None else {"symbol": known.symbol}
        result = {"channel": known.channel, **known.terms, **symbol}
        return {"method": method, "result": result, "success": True, **self._times(), **about}

    def _refusal(self, method: str, words: str, symbol: str | None, about: dict[str, Any]) -> dict[str, Any]:
        named = {} if symbol is None else {"symbol": symbol}
        return {"method": method, "error": words, "success": False, **named, **self._times(), **about}

    def _made(self, params: Params, symbol: Any) -> Subscription:
        channel = params.get("channel")
        if channel in ("executions", "balances"):
            return self._of_account(channel, params)
        if channel not in ("book", "ticker", "trade", "ohlc"):
            raise RefusedError("Subscription name invalid")
        pair = _PAIRS.get(symbol) if isinstance(symbol, str) else None
        if pair is None:
            raise RefusedError(f"Currency pair not supported {symbol}")
        makers = {"book": self._book, "ticker": self._ticker, "trade": self._trades, "ohlc": self._candles}
        return makers[channel](pair, instrument_of(self._engine, pair), params)

    # --- markets

    def _book(self, pair: Pair, instrument: Instrument, params: Params) -> Subscription:
        depth = params.get("depth", 10)
        if depth not in _DEPTHS:
            raise RefusedError("Subscription depth not supported")
        feed = BookFeed(self._engine, instrument, depth)

        def frame(kind: str, bids: Iterable[Level], asks: Iterable[Level], book: VenueBook) -> dict[str, Any]:
            row = {
                "symbol": pair.common,
                "bids": _levels(bids),
                "asks": _levels(asks),
                "checksum": checksum(pair, book),
                "timestamp": rfc3339(self._engine.now_us),
            }
            return {"channel": "book", "type": kind, "data": [row]}

        def first() -> list[dict[str, Any]]:
            book = feed.snapshot()
            return [frame("snapshot", book.bids, book.asks, book)]

        def more() -> list[dict[str, Any]]:
            change = feed.change(tell_fallen=False)
            return [] if change is None else [frame("update", change.bids, change.asks, change.book)]

        return Subscription("book", pair.common, {"depth": depth, "snapshot": True}, first, more)

    def _ticker(self, pair: Pair, instrument: Instrument, params: Params) -> Subscription:
        told: list[dict[str, Any]] = []

        def frames(kind: str) -> list[dict[str, Any]]:
            row = self._ticker_row(pair, instrument)
            if told and all(told[-1][name] == row[name] for name in ("bid", "ask", "last", "bid_qty", "ask_qty")):
                return []
            told[:] = [row]
            shown = {key: number(value) if isinstance(value, Decimal) else value for key, value in row.items()}
            return [{"channel": "ticker", "type": kind, "data": [shown]}]

        terms = {"event_trigger": params.get("event_trigger", "trades"), "snapshot": True}
        return Subscription("ticker", pair.common, terms, partial(frames, "snapshot"), partial(frames, "update"))

    def _ticker_row(self, pair: Pair, instrument: Instrument) -> dict[str, Any]:
        day = self._engine.ticker(instrument)
        return {
            "symbol": pair.common,
            "bid": day.bid or Decimal(0),
            "bid_qty": day.bid_quantity or Decimal(0),
            "ask": day.ask or Decimal(0),
            "ask_qty": day.ask_quantity or Decimal(0),
            "last": day.last,
            "volume": day.volume,
            "vwap": Decimal(fixed(day.quote_volume / day.volume if day.volume else day.last, pair.price_decimals)),
            "low": day.low,
            "high": day.high,
            "change": day.change,
            "change_pct": Decimal(fixed(day.change_fraction * 100, 2)),
            "timestamp": rfc3339(self._engine.now_us),
        }

    def _trades(self, pair: Pair, instrument: Instrument, _params: Params) -> Subscription:
        feed = TradeFeed(self._engine, instrument)

        def more() -> list[dict[str, Any]]:
            rows = [
                {
                    "symbol": pair.common,
                    "side": trade.side.value,
                    "price": number(trade.price),
                    "qty": number(trade.quantity),
                    "ord_type": "market",
                    "trade_id": trade.trade_id,
                    "timestamp": rfc3339(trade.time_us),
                }
                for trade in feed.new()
            ]
            return [{"channel": "trade", "type": "update", "data": rows}] if rows else []

        return Subscription("trade", pair.common, {"snapshot": False}, list, more)

    def _candles(self, pair: Pair, instrument: Instrument, params: Params) -> Subscription:
        minutes = params.get("interval")
        interval = _INTERVALS.get(minutes) if isinstance(minutes, int) else None
        if interval is None:
            raise RefusedError("Subscription ohlc interval not supported")
        feed = TradeFeed(self._engine, instrument)

        def frames(kind: str) -> list[dict[str, Any]]:
            if kind == "update" and not feed.new():
                return []
            candles = self._engine.candles(instrument, interval)[-1:]
            rows = [
                {
                    "symbol": pair.common,
                    "open": number(candle.open),
                    "high": number(candle.high),
                    "low": number(candle.low),
                    "close": number(candle.close),
                    "vwap": number(candle.close),
                    "trades": candle.trades,
                    "volume": number(candle.volume),
                    "interval_begin": rfc3339(candle.opened_us).replace("Z", "000Z"),
                    "interval": minutes,
                    "timestamp": rfc3339(candle.closes_us),
                }
                for candle in candles
            ]
            return [{"channel": "ohlc", "type": kind, "timestamp": rfc3339(self._engine.now_us), "data": rows}]

        terms = {"interval": minutes, "snapshot": True}
        return Subscription("ohlc", pair.common, terms, partial(frames, "snapshot"), partial(frames, "update"))

    # --- the account

    def _of_account(self, channel: str, params: Params) -> Subscription:
        key = self._records.owner_of(str(params.get("token") or ""))
        if key is None or self.refuse_logins:
            self.refuse_logins = max(0, self.refuse_logins - 1)
            raise RefusedError("EAPI:Invalid token")
        self._tokens[str(params["token"])] = key
        return (self._executions if channel == "executions" else self._balances)(key, params)

    def _executions(self, key: ApiKey, params: Params) -> Subscription:
        account = self._engine.accounts[key.account]
        feed = AccountFeed(account)

        def frame(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
            return {"channel": "executions", "type": kind, "data": rows, "sequence": self._number("executions")}

        def first() -> list[dict[str, Any]]:
            rows = [opened_row(order) for order in account.open.values()] if params.get("snap_orders") else []
            return [frame("snapshot", rows)]

        def more() -> list[dict[str, Any]]:
            return [frame("update", [row]) for change in feed.new() for row in reports(change)]

        self._counters.pop("executions", None)
        terms = {"maxratecount": key.tier.engine, "snap_orders": bool(params.get("snap_orders")), "snap_trades": False}
        return Subscription("executions", None, terms, first, more)

    def _balances(self, key: ApiKey, _params: Params) -> Subscription:
        wallet = self._engine.accounts[key.account].spot
        feed = WalletFeed(wallet)

        def row(currency: str) -> dict[str, Any]:
            return {"asset": asset_of(currency).common, "balance": number(wallet.total[currency])}

        def frame(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
            return {"channel": "balances", "type": kind, "data": rows, "sequence": self._number("balances")}

        self._counters.pop("balances", None)
        return Subscription(
            "balances",
            None,
            {"snapshot": True},
            lambda: [frame("snapshot", [row(currency) for currency in wallet.total])],
            lambda: [frame("update", [{**row(currency), "type": "trade"}]) for currency in feed.new()],
        )

    def _number(self, channel: str) -> int:
        return next(self._counters.setdefault(channel, count(1)))


def _levels(levels: Iterable[Level]) -> list[dict[str, Any]]:
    return [{"price": number(level.price), "qty": number(level.quantity)} for level in levels]


def checksum(pair: Pair, book: VenueBook) -> int:
    """CRC32 over the ten best asks and bids, all digits written out (docs.kraken.com, guide spot-ws-book-v2)."""
    sides = (book.asks[:10], book.bids[:10])
    text = "".join(
        fixed(level.price, pair.price_decimals).replace(".", "").lstrip("0")
        + fixed(level.quantity, pair.lot_decimals).replace(".", "").lstrip("0")
        for side in sides
        for level in side
    )
    return crc32(text.encode())
