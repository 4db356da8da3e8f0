"""What every WebSocket connection of OKX has: login, pings, notices. Streams and orders build on it.

OKX sends nothing by itself on a quiet line: a text ping of ours keeps it alive, its pong proves it.
Source: OKX API v5 docs, #overview-websocket (2026-07-06); no lifetime is documented.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

import orjson

from unified.adapter import Charge
from unified.errors import Fault
from unified.feeds import Ending, LoggedIn, LoginRefused, Ticket
from unified.wire import Json, malformed, text_or_none
from unified_okx.auth import Auth
from unified_okx.faults import fault_of_code
from unified_okx.limits import STREAM_CONNECTS, STREAM_REQUESTS

SURFACES = ("ws",)
_PLANNED_END = "64008"
Control = LoggedIn | LoginRefused | Ending


class LineTerms(TypedDict):
    """What is the same for every kind of connection."""

    ping_every: float
    ping_cost: tuple[Charge, ...]
    silence: float
    connect: tuple[Charge, ...]
    source: str


# The venue closes what is quiet for 30 s; our pings are answered at once.
TERMS = LineTerms(
    ping_every=8.0,
    ping_cost=(),
    silence=15.0,
    connect=(Charge(STREAM_CONNECTS),),
    source="OKX API v5 docs, #overview-websocket (2026-07-06); no lifetime is documented",
)
FRAME = (Charge(STREAM_REQUESTS),)
"""A login, a subscription; orders are not counted so."""


class OkxLine:
    """One connection."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._logging_in = False

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Raises `bad_credentials` (not_sent) without a key."""
        self._logging_in = True
        return [text_of({"op": "login", "args": [self._auth.login(ticket.stamp)]})]

    def ping(self) -> str | None:
        """A text, not a ping of the protocol."""
        return "ping"

    def _said(self, frame: str | bytes) -> dict[str, Any] | None:
        """The object of a frame; None for a pong. Raises `malformed_response`."""
        if frame == "pong":
            return None
        try:
            said = orjson.loads(frame)
        except ValueError:
            said = None
        if type(said) is not dict:
            raise malformed("a frame is neither pong nor a JSON object")
        return said

    def _control(self, event: str, said: dict[str, Any]) -> Iterable[Control] | None:
        """What an event says of the connection; None where it is about something else."""
        match event:
            case "login":
                self._logging_in = False
                return (LoggedIn(),) if said.get("code") == "0" else (LoginRefused(fault_of(said)),)
            case "error" if self._logging_in:  # a login has no id
                self._logging_in = False
                return (LoginRefused(fault_of(said)),)
            case "notice" if said.get("code") == _PLANNED_END:
                return (Ending(str(said.get("msg", ""))),)
        return None


def fault_of(said: Mapping[str, Json]) -> Fault:
    """What a refusal says, without the echo of the request: a login's holds its key and signature."""
    words = (text_or_none(said, "msg") or "").partition("{")[0].rstrip(" :")
    return fault_of_code(text_or_none(said, "code") or "", words, None, SURFACES)


def text_of(content: Mapping[str, Any]) -> str:
    """A frame."""
    return orjson.dumps(content).decode()
