"""The account of spot on the WebSocket API: one signed subscription, which brings everything. Opens no socket.

Listen keys are gone since 2026-02-20. The subscription needs no login and takes every type of key; it stands for the
login of the connection here. How its events are read the dialect knows (stream_account).

Source: Binance web-socket-api.md, "User Data Stream subscriptions" (2026-07-21).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from unified.feeds import Ending, Event, Gap, LoggedIn, LoginRefused, Refused, Ticket
from unified.watches import Watch
from unified_binance.faults import FAULTS
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.rows import Row
from unified_binance_dialect.stream import frame_of
from unified_binance_dialect.stream_account import Watched, spot_events

_SURFACES = ("spot",)
_LOGIN = 1
"""The id of the one request whose answer matters."""


class SpotUserStream:
    """One connection to the WebSocket API."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._watched = Watched()
        self._last_id = _LOGIN

    def login(self, ticket: Ticket) -> Sequence[str]:
        """The subscription. Raises VenueError (not_sent) without a key."""
        params = self._auth.signed_frame({"timestamp": ticket.stamp.time_ms})
        request = {"id": _LOGIN, "method": "userDataStream.subscribe.signature", "params": params}
        return [orjson.dumps(request).decode()]

    def ping(self) -> str | None:
        """A request that weighs one and is answered."""
        self._last_id += 1
        return orjson.dumps({"id": self._last_id, "method": "ping"}).decode()

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """Nothing: the subscription brings everything."""
        self._watched.add(watches)
        return ()

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        self._watched.drop(watches)
        return ()

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says. Raises `malformed_response`."""
        said = frame_of(frame)
        event = said.get("event")
        return self._answer(said) if event is None else self._event(event)

    def _event(self, event: Row) -> Iterable[Event]:
        match event.get("e"):
            case "eventStreamTerminated":
                return (Gap(None, "the venue ended the subscription"),)
            case "serverShutdown":
                return (Ending("the venue restarts this connection's server"),)
        return spot_events(self._watched, event)

    def _answer(self, said: Row) -> Iterable[Event]:
        asked, refusal = said.get("id"), said.get("error")
        if refusal is None:
            return (LoggedIn(),) if asked == _LOGIN else ()
        fault = FAULTS.of_frame(refusal, _SURFACES, said.get("status", 200))
        return (LoginRefused(fault) if asked == _LOGIN else Refused(None, fault),)
