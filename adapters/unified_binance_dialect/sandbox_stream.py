"""Market streams of a simulated venue of this make: control frames, streams by name, when each has something to say.

Written from web-socket-streams.md (2026-07-21) and the USD-M pages (2026-05-28), never from the adapters. What a stream
is called and brings each venue's table says (`Maker`). A name that does not exist is accepted and stays silent, as at
the venue. Where the papers are silent it decides so: whoever sends more frames in a second than allowed is closed with
1008, a day-old connection with 1001.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from attrs import define, field, frozen

from unified.sandbox.engine import Engine
from unified.sandbox.streams import Talk
from unified_binance_dialect.sandbox_rows import Row

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
TOO_MUCH, GOING_AWAY = 1008, 1001
_ID_LENGTH = 36
"""Of a text; web-socket-streams.md (2026-07-21)."""
_METHODS = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"


@frozen(kw_only=True)
class Source:
    """What one stream says, and how often it may."""

    due: Callable[[], Iterable[Row]]
    """What there is to say; called once a period."""
    every_us: int
    """0: as soon as there is something."""

    def following(self, due_us: int, now_us: int) -> int:
        """When it may speak again, who was due then and speaks now."""
        if not self.every_us:
            return now_us
        return due_us + self.every_us * max(1, -(-(now_us - due_us) // self.every_us))


Maker = Callable[[str], Source | None]
"""The stream of a name; None where there is none of it."""


@define(eq=False)
class _Subscription:
    source: Source | None
    next_us: int


class Patience:
    """How many frames a client may send, and how long a connection lives."""

    def __init__(self, engine: Engine, frames_per_second: int) -> None:
        self._engine, self._most = engine, frames_per_second
        self._came: deque[int] = deque(maxlen=frames_per_second + 1)
        self._opened_us = engine.true_us

    def note(self) -> None:
        """A frame of the client came."""
        self._came.append(self._engine.true_us)

    def wants_close(self) -> int | None:
        """The close code, where it is over."""
        if len(self._came) > self._most and self._came[-1] - self._came[0] < SECOND_US:
            return TOO_MUCH
        return GOING_AWAY if self._engine.true_us - self._opened_us >= DAY_US else None


@define(eq=False)
class MarketTalk(Talk):
    """One connection to the path of combined streams, or of raw ones: those say what a stream says without its name."""

    _engine: Engine
    _make: Maker
    _patience: Patience
    _shutdown: Callable[[], list[Row]] = list
    """What is said before a restart."""
    _raw: bool = False
    _subscriptions: dict[str, _Subscription] = field(factory=dict, init=False)

    def receive(self, frame: str) -> list[str]:
        self._patience.note()
        try:
            asked = orjson.loads(frame)
        except orjson.JSONDecodeError as error:
            return texts([{"code": 3, "msg": f"Invalid JSON: {error.msg}"}])
        return texts([self._answer(asked if isinstance(asked, dict) else {})])

    def _answer(self, asked: Mapping[str, Any]) -> Row:
        number, method, params = asked.get("id"), asked.get("method"), asked.get("params", [])
        if not _may_be_id(number):
            return {"code": 2, "msg": "Invalid request: request ID must be an unsigned integer"}
        if not isinstance(params, list) or not all(isinstance(name, str) for name in params):
            return {"code": 2, "msg": "Invalid request: invalid type, expected a sequence", "id": number}
        match method:
            case "SUBSCRIBE":
                self.subscribe(params)
            case "UNSUBSCRIBE":
                for name in params:
                    self._subscriptions.pop(name, None)
            case "LIST_SUBSCRIPTIONS":
                return {"result": list(self._subscriptions), "id": number}
            case _:
                text = f"Invalid request: unknown variant `{method}`, expected one of {_METHODS}"
                return {"code": 2, "msg": text, "id": number}
        return {"result": None, "id": number}

    def subscribe(self, names: Iterable[str]) -> None:
        """Begin these streams, where they are not begun."""
        for name in names:
            if name not in self._subscriptions:
                self._subscriptions[name] = _Subscription(self._make(name), self._engine.true_us)

    def pulse(self) -> list[str]:
        now = self._engine.true_us
        said: list[Row] = []
        for name, known in self._subscriptions.items():
            if known.source is not None and now >= known.next_us:
                known.next_us = known.source.following(known.next_us, now)
                said += [{"stream": name, "data": row} for row in known.source.due()]
        return self._worded(said)

    def announced_end(self) -> list[str]:
        return self._worded(self._shutdown())

    def _worded(self, said: Iterable[Row]) -> list[str]:
        return texts(row["data"] for row in said) if self._raw else texts(said)

    def wants_close(self) -> int | None:
        return self._patience.wants_close()


def combined(path: str) -> tuple[str, bool]:
    """The path of combined streams that brings the same, and whether raw ones are meant: `/ws`, whatever follows it.

    Streams that are named in the path are not begun: clients that are known here subscribe by frames.
    """
    before, found, after = path.partition("/ws")
    return (f"{before}/stream", True) if found and (not after or after.startswith("/")) else (path, False)


def _may_be_id(number: object) -> bool:
    """An unsigned integer, or a text of at most 36 characters: the official SDKs number their requests by UUID."""
    if isinstance(number, str):
        return 0 < len(number) <= _ID_LENGTH
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def texts(frames: Iterable[Mapping[str, Any]]) -> list[str]:
    """Frames as they are sent."""
    return [orjson.dumps(frame).decode() for frame in frames]
