"""Coinbase's WebSocket, simulated: subscriptions, heartbeats, whole books, tickers, trades, candles, own orders.

Written from docs.cdp.coinbase.com, websocket-overview and websocket-channels (2026-08-22), and frames recorded
2024-10-04. One counter for each connection, over all that is sent. It has no `status`, no `ticker_batch` and nothing of
futures. Where the papers are silent it decides so: a message with one bad product is refused whole; books and own
orders are looked at every 50 ms; a product that shares another's book is shown with that book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from attrs import define

from unified.instrument import Instrument, Product
from unified.market_data import Interval, Level
from unified.sandbox.engine import Engine
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.streams import AccountFeed, BookFeed, Talk, TradeFeed
from unified.sandbox.wording import at_step, plain, rfc3339
from unified_coinbase.sandbox_keys import Holder, TokenError, verified_message
from unified_coinbase.sandbox_listings import FACTS
from unified_coinbase.sandbox_market import candle_row, trade_row
from unified_coinbase.sandbox_memory import Memory
from unified_coinbase.sandbox_rows import user_id
from unified_coinbase.sandbox_stream_rows import changed_state, order_state

_SECOND_US = 1_000_000
_FIRST_WORD_US = 5 * _SECOND_US
_NOTHING_SAID = 1008
_WHOLE_BOOK = 10_000
_SNAPSHOT_TRADES = 50
_SNAPSHOT_ORDERS = 50
Events = list[dict[str, Any]]


class RefusedError(Exception):
    """A message is refused with these words."""


@define(eq=False)
class Subscription:
    """One channel of one product (or of the user, or of the connection)."""

    name: str
    """The channel as its frames name it."""
    first: Callable[[], list[Events]]
    """The events of each frame right after the acknowledgement."""
    more: Callable[[], Events]
    """Events that have become due."""
    every_us: int
    next_us: int = 0


class CoinbaseTalk(Talk):
    """One connection."""

    def __init__(self, engine: Engine, memory: Memory, peer: str) -> None:
        self._engine, self._memory, self._peer = engine, memory, peer
        self._number = 0
        self._opened_us = engine.true_us
        self._spoken = False
        self._user_id = ""
        self._active: dict[tuple[str, str], Subscription] = {}

    def receive(self, frame: str) -> list[str]:
        self._spoken = True
        try:
            return self._answered(orjson.loads(frame))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return [_error("malformed message")]
        except RefusedError as refused:
            return [_error(str(refused))]

    def _answered(self, asked: Mapping[str, Any]) -> list[str]:
        kind, channel = asked.get("type"), asked.get("channel")
        if kind not in ("subscribe", "unsubscribe"):
            raise RefusedError("unsupported type")
        holder = self._holder(asked.get("jwt"), needed=channel == "user")
        names = self._names(str(channel), asked.get("product_ids"))
        if kind == "unsubscribe":
            for name in names or [key[1] for key in self._active if key[0] == channel]:
                self._active.pop((str(channel), name), None)
            return [self._acknowledged()]
        made = {(str(channel), name): self._made(str(channel), name, holder) for name in names}
        self._active |= made
        frames = [self._acknowledged()]
        for known in made.values():
            known.next_us = self._engine.true_us + known.every_us
            frames += [self._frame(known.name, events) for events in known.first()]
        return frames

    def _holder(self, token: Any, *, needed: bool) -> Holder | None:
        if token is None and not needed:
            return None
        if self.refuse_logins and needed:
            self.refuse_logins -= 1
            raise RefusedError("authentication failure")
        try:
            return verified_message(str(token), self._engine.now_us, self._peer)
        except TokenError:
            raise RefusedError("authentication failure") from None

    def _names(self, channel: str, products: Any) -> list[str]:
        """The products of a message; one nameless one for channels that have none."""
        if channel in ("heartbeats", "user"):
            return [""]
        if channel not in ("level2", "ticker", "market_trades", "candles"):
            raise RefusedError("authentication failure")  # so the venue answers for channels that it does not know
        if not isinstance(products, list) or not products:
            raise RefusedError("product_ids required")
        for name in products:
            self._instrument(str(name))
        return [str(name) for name in products]

    def _instrument(self, name: str) -> Instrument:
        """The product whose market it is: an alias shows the other's."""
        try:
            item = self._engine.instrument(Product.SPOT, name)
        except EngineRefusal:
            raise RefusedError(f"invalid product_ids: {name}") from None
        alias = FACTS[item.symbol].alias
        return self._engine.instrument(Product.SPOT, alias) if alias else item

    def pulse(self) -> list[str]:
        now, frames = self._engine.true_us, []
        for known in tuple(self._active.values()):
            if now >= known.next_us:
                known.next_us = now + known.every_us
                events = known.more()
                if events:
                    frames.append(self._frame(known.name, events))
        return frames

    def wants_close(self) -> int | None:
        silent = not self._spoken and self._engine.true_us - self._opened_us > _FIRST_WORD_US
        return _NOTHING_SAID if silent else None

    def _frame(self, channel: str, events: Events) -> str:
        said = {
            "channel": channel,
            "client_id": "",
            "timestamp": rfc3339(self._engine.now_us),
            "sequence_num": self._number,
            "events": events,
        }
        self._number += 1
        return orjson.dumps(said).decode()

    def _acknowledged(self) -> str:
        active: dict[str, list[str]] = {}
        for channel, name in self._active:
            active.setdefault(channel, []).append(self._user_id if channel == "user" else name or channel)
        return self._frame("subscriptions", [{"subscriptions": active}])

    # --- channels

    def _made(self, channel: str, name: str, holder: Holder | None) -> Subscription:
        if channel == "heartbeats":
            return Subscription("heartbeats", list, self._beat, _SECOND_US)
        if channel == "user":
            assert holder is not None
            return self._user(holder)
        item = self._instrument(name)
        return {
            "level2": self._book,
            "ticker": self._ticker,
            "market_trades": self._trades,
            "candles": self._candles,
        }[channel](item)

    def _beat(self) -> Events:
        now = rfc3339(self._engine.now_us)
        return [{"current_time": f"{now} +0000 UTC", "heartbeat_counter": self._engine.true_us // _SECOND_US}]

    def _book(self, item: Instrument) -> Subscription:
        feed = BookFeed(self._engine, item, _WHOLE_BOOK)

        def event(kind: str, bids: Iterable[Level], asks: Iterable[Level]) -> dict[str, Any]:
            now = rfc3339(self._engine.now_us)
            sides = [("bid", level) for level in bids] + [("offer", level) for level in asks]
            updates = [
                {
                    "side": side,
                    "event_time": now,
                    "price_level": at_step(level.price, item.tick_size),
                    "new_quantity": plain(level.quantity),
                }
                for side, level in sides
            ]
            return {"type": kind, "product_id": item.symbol, "updates": updates}

        def first() -> list[Events]:
            book = feed.snapshot()
            return [[event("snapshot", book.bids, book.asks)]]

        def more() -> Events:
            change = feed.change()
            return [] if change is None else [event("update", change.bids, change.asks)]

        return Subscription("l2_data", first, more, 0)

    def _ticker(self, item: Instrument) -> Subscription:
        feed = TradeFeed(self._engine, item)

        def row() -> dict[str, Any]:
            day = self._engine.ticker(item)
            best = {"best_bid": day.bid, "best_bid_quantity": day.bid_quantity}
            best |= {"best_ask": day.ask, "best_ask_quantity": day.ask_quantity}
            return {
                "type": "ticker",
                "product_id": item.symbol,
                "price": plain(day.last),
                "volume_24_h": plain(day.volume),
                "low_24_h": plain(day.low),
                "high_24_h": plain(day.high),
                "low_52_w": plain(day.low),
                "high_52_w": plain(day.high),
                "price_percent_chg_24_h": plain(day.change_fraction * 100),
                **{name: "" if value is None else plain(value) for name, value in best.items()},
            }

        def more() -> Events:
            return [{"type": "update", "tickers": [row()]}] if feed.new() else []

        return Subscription("ticker", lambda: [[{"type": "snapshot", "tickers": [row()]}]], more, 0)

    def _trades(self, item: Instrument) -> Subscription:
        feed = TradeFeed(self._engine, item)

        def rows(trades: Iterable[Any]) -> list[dict[str, Any]]:
            """Newest first, without what only REST tells."""
            found = [trade_row(item, trade) for trade in trades]
            names = ("trade_id", "product_id", "price", "size", "time", "side")
            return [{name: row[name] for name in names} for row in reversed(found)]

        def first() -> list[Events]:
            return [[{"type": "snapshot", "trades": rows(self._engine.trades(item, _SNAPSHOT_TRADES))}]]

        def more() -> Events:
            trades = feed.new()
            return [{"type": "update", "trades": rows(trades)}] if trades else []

        return Subscription("market_trades", first, more, 250_000)

    def _candles(self, item: Instrument) -> Subscription:
        told: list[Any] = []

        def rows(count: int) -> list[dict[str, Any]]:
            found = self._engine.candles(item, Interval.M5)[-count:]
            return [{**candle_row(candle), "product_id": item.symbol} for candle in reversed(found)]

        def more() -> Events:
            fresh = [row for row in rows(2) if row not in told]
            told[:] = rows(2)
            return [{"type": "update", "candles": fresh}] if fresh else []

        return Subscription("candles", lambda: [[{"type": "snapshot", "candles": rows(100)}]], more, _SECOND_US)

    def _user(self, holder: Holder) -> Subscription:
        account = self._engine.accounts[holder.name]
        feed = AccountFeed(account)

        def event(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
            positions: dict[str, list[Any]] = {"perpetual_futures_positions": [], "expiring_futures_positions": []}
            return {"type": kind, "orders": rows, "positions": positions}

        def first() -> list[Events]:
            """Batches of fifty; one with fewer ends the list."""
            rows = [order_state(self._memory, account, order) for order in account.open.values()]
            whole = range(0, len(rows) + 1, _SNAPSHOT_ORDERS)
            return [[event("snapshot", rows[at : at + _SNAPSHOT_ORDERS])] for at in whole]

        def more() -> Events:
            rows = [changed_state(self._memory, account, change) for change in feed.new()]
            return [event("update", rows)] if rows else []

        self._user_id = user_id(account)
        return Subscription("user", first, more, 0)


def _error(words: str) -> str:
    """Without channel and number."""
    return orjson.dumps({"type": "error", "message": words}).decode()
