"""The streams of the simulated Bitzoom: one envelope, subscription ids, the answers of REST pushed again.

Written from bitzoom-futures/futures.doc, docs/websocket.md and docs/authentication.md at 3bcd596 (after 2026-02-13),
never from the adapter. Where the papers are silent it decides so: nothing is pushed that has not changed, positions
change with their marks; errors tell nothing; a subscription that there is already is refused; whatever is due at one
moment comes in one frame, a line each; more than ten frames in a second are closed with 1008, a day-old connection with
1001. It counts no connections of an address.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import orjson
from attrs import define, field, frozen

from unified.sandbox.engine import Engine
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.streams import Talk
from unified_bitzoom import sandbox_market, sandbox_trade
from unified_bitzoom.sandbox_calls import Call, Refusal
from unified_bitzoom.sandbox_keys import Holder

PATH = "/ws"
_LOGON = "logon"
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US
_MOST, _FRAMES = 200, 10
_TOO_MUCH, _GOING_AWAY = 1008, 1001


@frozen(kw_only=True)
class Channel:
    """What a channel pushes, and how often it may."""

    answer: Callable[[Call], Any]
    every_us: int
    private: bool = False
    limits: tuple[str, ...] = ()
    """The only ones that it takes, as the venue's tester sends them; empty where any will do."""
    needs: tuple[str, ...] = ("symbol",)


_QUICK_US = _SECOND_US // 4
CHANNELS: Mapping[str, Channel] = {
    "/api/v1/ticker/hr24": Channel(answer=sandbox_market.day, every_us=_SECOND_US),
    "/api/v1/depth": Channel(
        answer=sandbox_market.depth, every_us=_SECOND_US // 10, limits=("5", "10", "20"), needs=("symbol", "limit")
    ),
    "/api/v1/trades": Channel(answer=sandbox_market.trades, every_us=_QUICK_US),
    "/api/v1/klines": Channel(answer=sandbox_market.klines, every_us=_SECOND_US, needs=("symbol", "interval")),
    "/api/v1/premiumindex": Channel(answer=sandbox_market.premium, every_us=_SECOND_US),
    "/api/v1/exchangeinfo": Channel(answer=sandbox_market.exchange_info, every_us=_SECOND_US, needs=()),
    "/api/v1/openorders": Channel(answer=sandbox_trade.open_orders, every_us=0, private=True, needs=()),
    "/api/v1/balance": Channel(answer=sandbox_trade.balance, every_us=_QUICK_US, private=True, needs=()),
    "/api/v1/positionrisk": Channel(answer=sandbox_trade.positions, every_us=_QUICK_US, private=True, needs=()),
}


@define(eq=False)
class _Subscription:
    number: str
    name: str
    channel: Channel
    call: Call
    next_us: int
    told: Any = None

    def due(self, now_us: int) -> Any:
        """What has changed; None for nothing."""
        if now_us < self.next_us:
            return None
        self.next_us = now_us + self.channel.every_us
        shown = self.channel.answer(self.call)
        if shown == self.told:
            return None
        self.told = shown
        return shown


@define(eq=False)
class BitzoomTalk(Talk):
    """One connection."""

    _engine: Engine
    _logged_on: Callable[[Mapping[str, Any]], Holder]
    """Whose logon it is; refuses by raising."""
    _holder: Holder | None = field(default=None, init=False)
    _subscriptions: dict[tuple[str, str], _Subscription] = field(factory=dict, init=False)
    _numbers: Any = field(factory=lambda: count(1), init=False)
    _came: deque[int] = field(factory=lambda: deque(maxlen=_FRAMES + 1), init=False)
    _opened_us: int = field(init=False)
    refuse_logins: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._opened_us = self._engine.true_us

    def receive(self, frame: str) -> list[str]:
        self._came.append(self._engine.true_us)
        try:
            asked = orjson.loads(frame)
            channel, event, data = asked["channel"], asked["event"], asked.get("data", {})
        except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
            return [_line("", "error", {})]
        try:
            return [self._answer(channel, event, data)]
        except (Refusal, EngineRefusal, TypeError):
            return [_line(channel, "error", {})]

    def _answer(self, name: Any, event: Any, data: Any) -> str:
        if name == _LOGON and event == "sub":
            return self._log_on(data)
        channel, key = CHANNELS.get(name), (str(name), orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode())
        if channel is None or event not in ("sub", "unsub"):
            raise Refusal(-3002, "Invalid method")
        if event == "unsub":
            if key not in self._subscriptions:
                raise Refusal(-3003, "Invalid params")
            return _line(name, "unsub", self._subscriptions.pop(key).number)
        if key in self._subscriptions or len(self._subscriptions) >= _MOST:
            raise Refusal(-3004, "Too many subscriptions")
        subscription = self._begun(name, channel, data)
        self._subscriptions[key] = subscription
        return _line(name, "sub", {subscription.number: {}})

    def _log_on(self, data: Any) -> str:
        if self.refuse_logins:
            self.refuse_logins -= 1
            raise Refusal(-1021, "Timestamp outside recv window")
        self._holder = self._logged_on(data)
        return _line(_LOGON, "success", {})

    def _begun(self, name: str, channel: Channel, data: Mapping[str, Any]) -> _Subscription:
        if any(need not in data for need in channel.needs) or (channel.private and self._holder is None):
            raise Refusal(-3003, "Invalid params")
        if channel.limits and data["limit"] not in channel.limits:
            raise Refusal(-3003, "Invalid params")
        holder = self._holder if channel.private else None
        account = None if holder is None else self._engine.accounts[holder.name]
        call = Call(engine=self._engine, fields=data, holder=account)
        channel.answer(call)  # refuses what it cannot show
        return _Subscription(f"s{next(self._numbers):05x}", name, channel, call, self._engine.true_us)

    def pulse(self) -> list[str]:
        now = self._engine.true_us
        due = ((one, one.due(now)) for one in self._subscriptions.values())
        lines = [_line(one.name, one.number, shown) for one, shown in due if shown is not None]
        return ["\n".join(lines)] if lines else []

    def wants_close(self) -> int | None:
        if len(self._came) > _FRAMES and self._came[-1] - self._came[0] < _SECOND_US:
            return _TOO_MUCH
        return _GOING_AWAY if self._engine.true_us - self._opened_us >= _DAY_US else None


def _line(channel: Any, event: str, data: Any) -> str:
    return orjson.dumps({"channel": channel, "event": event, "data": data}).decode()
