"""Listen keys and the connection that one opens; what events say the readers of the venues are tested for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.adapters.binance_dialect.test_stream import SPOT, TICKET
from unified.errors import Kind, VenueError
from unified.feeds import Event, Gap, Own
from unified.instrument import Instruments
from unified.secret import Secret
from unified.watches import WatchBalances
from unified_binance.faults import FAULTS
from unified_binance_dialect.rows import Row
from unified_binance_dialect.stream import MarketStream
from unified_binance_dialect.stream_account import Watched
from unified_binance_dialect.stream_keys import KeepUserStream, KeyedStream, StartUserStream, parse_kept, parse_started
from unified_binance_dialect.stream_names import spot_names

BALANCES = WatchBalances(listing=Instruments([SPOT]))


def read(watched: Watched, row: Row) -> Iterable[Event]:
    """Every event, as it is, to whoever watches balances."""
    watch = watched.of(WatchBalances)
    return () if watch is None else (Own(watch, row),)


def connection() -> KeyedStream:
    one = KeyedStream(MarketStream(spot_names, FAULTS), read)
    assert one.login(TICKET) == ()
    assert one.subscribe([BALANCES], TICKET) == (), "the key brings everything"
    return one


def told(one: KeyedStream, frame: Any) -> list[Any]:
    return list(one.receive(json.dumps(frame)))


def test_an_event_is_read_bare_or_in_the_wrapping_of_combined_streams() -> None:
    event = {"e": "balanceUpdate", "a": "BTC"}
    assert told(connection(), event) == told(connection(), {"stream": "dummy", "data": event}) == [Own(BALANCES, event)]


def test_what_nobody_watches_any_more_says_nothing() -> None:
    one = connection()
    assert one.unsubscribe([BALANCES], TICKET) == ()
    assert told(one, {"e": "balanceUpdate"}) == []


def test_an_expired_key_ends_the_connection() -> None:
    (event,) = told(connection(), {"e": "listenKeyExpired", "E": 1, "listenKey": "dummy"})
    assert isinstance(event, Gap)
    assert event.watches is None


def test_pings_are_answered_into_nothing() -> None:
    one = connection()
    asked = json.loads(one.ping() or "")
    assert told(one, {"result": ["dummy"], "id": asked["id"]}) == []


def test_a_listen_key_is_a_secret() -> None:
    key = parse_started(StartUserStream(), {"listenKey": "dummy-listen-key"})
    kept = KeepUserStream(key=key)
    assert key.reveal() == "dummy-listen-key"
    assert "dummy" not in f"{key!r} {kept!r}"
    assert isinstance(hash(kept), int)


def test_a_renewal_answers_an_object() -> None:
    kept = KeepUserStream(key=Secret("dummy"))
    parse_kept(kept, {})
    with pytest.raises(VenueError) as refused:
        parse_kept(kept, [])
    assert refused.value.kind is Kind.MALFORMED_RESPONSE
