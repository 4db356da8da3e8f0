"""The streams of the simulated Paper: requests by id, topics by name, one number for every frame of a connection.

    {"id": 1, "do": "login", "as": {the headers of a signed GET /stream}}
    {"id": 2, "do": "subscribe", "topic": "book.BTCUSDT.10"}     or "unsubscribe"
    {"kind": "done", "number": 1, "id": 2}                       or "refused" with an "error"
    {"kind": "news", "number": 2, "topic": "book.BTCUSDT.10", "data": ...}
    {"kind": "heartbeat", "number": 3}                           after a second without another frame
    {"kind": "ending", "number": 4}                              a while before the venue closes

What topics tell stands in `sandbox_topics.py`. More than fifty frames of the client in a second are closed with 1008.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

import orjson
from attrs import define, field

from unified.sandbox.accounts import Account
from unified.sandbox.engine import Engine
from unified.sandbox.streams import Talk
from unified_paper.sandbox_calls import Call, Refusal, carried_out
from unified_paper.sandbox_topics import ACCOUNT, MARKETS, Due

PATH = "/stream"
_SECOND_US = 1_000_000
_FRAMES, _TOO_MUCH = 50, 1008


@define(eq=False)
class PaperTalk(Talk):
    """One connection."""

    _engine: Engine
    _account: Account
    _log_in: Callable[[Mapping[str, str]], None]
    """Refuses by raising."""
    _known: bool = field(default=False, init=False)
    """Whether somebody has logged in."""
    _topics: dict[str, Due] = field(factory=dict, init=False)
    _numbers: Any = field(factory=lambda: count(1), init=False)
    _said_us: int = field(default=0, init=False)
    _came: deque[int] = field(factory=lambda: deque(maxlen=_FRAMES + 1), init=False)
    refuse_logins: int = field(default=0, init=False)

    def receive(self, frame: str) -> list[str]:
        self._came.append(self._engine.true_us)
        try:
            asked = orjson.loads(frame)
            number, done = asked["id"], asked["do"]
        except (ValueError, LookupError, TypeError):
            return [self._frame("refused", id=None, error=Refusal("bad_request").content)]
        try:
            news = self._done(done, asked)
        except Refusal as refusal:
            return [self._frame("refused", id=number, error=refusal.content)]
        return [self._frame("done", id=number), *self._told(str(asked.get("topic")), news)]

    def _done(self, what: Any, asked: Mapping[str, Any]) -> list[Any]:
        """The topic's news that follow the confirmation. Raises Refusal."""
        topic = str(asked.get("topic"))
        match what:
            case "login":
                self._logged_in(asked.get("as"))
                return []
            case "subscribe":
                due = self._topics[topic] = self._made(topic)
                return due()
            case "unsubscribe":
                self._topics.pop(topic, None)
                return []
        raise Refusal("no_such_call")

    def _logged_in(self, headers: Any) -> None:
        if self.refuse_logins:
            self.refuse_logins -= 1
            raise Refusal("overloaded")
        if not isinstance(headers, dict):
            raise Refusal("bad_request")
        self._log_in(headers)
        self._known = True

    def _made(self, topic: str) -> Due:
        """Raises Refusal."""
        name, _, rest = topic.partition(".")
        if name in ACCOUNT and not rest:
            if not self._known:
                raise Refusal("bad_key", "log in first")
            return ACCOUNT[name](self._account)
        if name not in MARKETS:
            raise Refusal("no_such_call")
        symbol, *terms = rest.split(".")

        def begun(call: Call) -> Due:
            try:
                return MARKETS[name](call.engine, call.instrument(), *terms)
            except TypeError:
                raise ValueError(f"{topic} has too many parts, or too few") from None

        call = Call(engine=self._engine, account=self._account, fields={"symbol": symbol})
        due: Due = carried_out(begun, call)
        return due

    def pulse(self) -> list[str]:
        frames = [frame for topic, due in self._topics.items() for frame in self._told(topic, due())]
        if not frames and self._engine.true_us - self._said_us >= _SECOND_US:
            frames = [self._frame("heartbeat")]
        return frames

    def announced_end(self) -> list[str]:
        return [self._frame("ending")]

    def wants_close(self) -> int | None:
        crowded = len(self._came) > _FRAMES and self._came[-1] - self._came[0] < _SECOND_US
        return _TOO_MUCH if crowded else None

    def _told(self, topic: str, found: Iterable[Any]) -> list[str]:
        return [self._frame("news", topic=topic, data=data) for data in found]

    def _frame(self, kind: str, **content: Any) -> str:
        self._said_us = self._engine.true_us
        return orjson.dumps({"kind": kind, "number": next(self._numbers), **content}).decode()
