"""Kraken's streams: recorded frames, and what is asked for how."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.shared import require_shared
from unified.adapter import Stamp
from unified.book import BookBuilder
from unified.errors import Kind, VenueError
from unified.feeds import Accepted, Delta, News, Refused, Snapshot, Step, Ticket, Unclear
from unified.instrument import Instrument, Instruments, Product
from unified.market_data import Candle, Interval, Ticker, Trade
from unified.secret import Secret
from unified.watches import (
    Watch,
    WatchBalances,
    WatchBook,
    WatchCandles,
    WatchExecutions,
    WatchTicker,
    WatchTrades,
)
from unified_kraken.books import BOOK
from unified_kraken.stream import STREAMS, FetchStreamToken, KrakenStream, fitted, parse_token

TICKET = Ticket(stamp=Stamp(time_ms=0, window_ms=0, nonce=1, token=""), access=Secret("dummy-token"))


def pair(base: str, quote: str, tick: str) -> Instrument:
    return Instrument(
        symbol=base + quote,
        product=Product.SPOT,
        base=base,
        quote=quote,
        tick_size=Decimal(tick),
        lot_size=Decimal("0.00000001"),
    )


BTC = pair("BTC", "USD", "0.1")
MATIC = pair("MATIC", "USD", "0.0001")
ETH = pair("ETH", "USDT", "0.0001")
LISTING = Instruments([BTC, MATIC, ETH])


def recorded(name: str) -> list[Any]:
    path = require_shared("corpus", "kraken", "spot", "stream", f"{name}.json")
    frames = json.loads(path.read_text(), parse_float=Decimal)["frames"]
    return [frame["message"] for frame in frames if frame["direction"] == "received"]


def as_sent(message: Any) -> str:
    """JSON with every number in the digits of the recording."""
    if isinstance(message, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{as_sent(value)}" for key, value in message.items()) + "}"
    if isinstance(message, list):
        return "[" + ",".join(map(as_sent, message)) + "]"
    return str(message) if isinstance(message, Decimal) else json.dumps(message)


@pytest.mark.parametrize(
    ("name", "watch", "kind"),
    [
        ("AggBook", WatchBook(instrument=ETH, depth=10), Snapshot),
        ("Ticker", WatchTicker(instrument=ETH), Ticker),
        ("Trades", WatchTrades(instrument=ETH), Trade),
        ("Kline", WatchCandles(instrument=ETH, interval=Interval.M5), Candle),
    ],
)
def test_recorded_frames_are_understood(name: str, watch: Watch[Any], kind: type[Any]) -> None:
    stream = KrakenStream()
    stream.subscribe([watch], TICKET)
    answer, data = (list(stream.receive(as_sent(message))) for message in recorded(name))
    assert answer == [Accepted(watch)]
    (event,) = data
    if isinstance(event, News):
        value = event.read(event.watch, event.raw)
        assert isinstance(value, kind)
        assert value.instrument is ETH
    else:
        assert isinstance(event, Snapshot)
        builder = BookBuilder(event.watch, BOOK)
        assert builder.snapshot(event, 0.0) is Step.APPLY, "the recorded checksum fits"
        assert builder.levels(1)[0] == [("0.5666", "4831.75496356")]


def test_one_frame_names_all_symbols_that_ask_for_the_same() -> None:
    stream = KrakenStream()
    frames = stream.subscribe(
        [WatchBook(instrument=BTC, depth=10), WatchBook(instrument=ETH, depth=10), WatchTicker(instrument=BTC)], TICKET
    )
    assert [json.loads(frame)["params"] for frame in frames] == [
        {"channel": "book", "depth": 10, "symbol": ["BTC/USD", "ETH/USDT"], "snapshot": True},
        {"channel": "ticker", "event_trigger": "bbo", "symbol": ["BTC/USD"], "snapshot": True},
    ]
    (frame,) = stream.unsubscribe([WatchBook(instrument=BTC, depth=10)], TICKET)
    assert json.loads(frame)["params"] == {"channel": "book", "depth": 10, "symbol": ["BTC/USD"]}


def test_private_subscriptions_carry_the_token_and_say_both_flags() -> None:
    stream = KrakenStream()
    frames = stream.subscribe([WatchExecutions(listing=LISTING), WatchBalances(listing=LISTING)], TICKET)
    executions, balances = (json.loads(frame)["params"] for frame in frames)
    assert executions == {
        "channel": "executions",
        "token": "dummy-token",
        "snap_orders": True,
        "snap_trades": False,
        "order_status": True,
    }
    assert balances["token"] == "dummy-token"
    changed = '{"channel":"balances","type":"update","data":[],"sequence":2}'
    assert list(stream.receive(changed)) == [Unclear(WatchBalances(listing=LISTING))]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Currency pair not supported BTC/USD", Kind.UNKNOWN_SYMBOL),
        ("Subscription depth not supported", Kind.SUBSCRIPTION_REJECTED),
        ("Already subscribed", Kind.NO_CHANGE),
        ("EAPI:Invalid token", Kind.SESSION_EXPIRED),
        ("Exceeded msg rate", Kind.RATE_LIMITED),
    ],
)
def test_a_refusal_is_matched_by_its_request_even_without_a_symbol(words: str, kind: Kind) -> None:
    stream, watch = KrakenStream(), WatchBook(instrument=BTC, depth=10)
    stream.subscribe([watch], TICKET)
    (event,) = stream.receive(json.dumps({"method": "subscribe", "error": words, "success": False, "req_id": 1}))
    assert isinstance(event, Refused)
    assert (event.watch, event.fault.kind) == (watch, kind)


def test_answers_to_pings_ends_and_strange_channels_say_nothing() -> None:
    stream = KrakenStream()
    assert json.loads(stream.ping() or "")["method"] == "ping"
    assert stream.login(TICKET) == ()
    for frame in (
        '{"method":"pong","req_id":1}',
        '{"method":"unsubscribe","error":"Subscription Not Found","success":false,"req_id":2}',
        '{"channel":"heartbeat"}',
        '{"channel":"status","data":[]}',
    ):
        assert list(stream.receive(frame)) == []


@pytest.mark.parametrize("frame", ['{"channel":"bo', "", "[]", "7"])
def test_what_is_no_frame_is_malformed(frame: str) -> None:
    with pytest.raises(VenueError) as refused:
        list(KrakenStream().receive(frame))
    assert refused.value.kind is Kind.MALFORMED_RESPONSE


def test_an_update_is_a_delta_in_the_venues_digits() -> None:
    stream, watch = KrakenStream(), WatchBook(instrument=BTC, depth=10)
    stream.subscribe([watch], TICKET)
    frame = (
        '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.10000000}],'
        '"asks":[{"price":45286.0,"qty":0}],"checksum":7,"timestamp":"2026-11-21T12:00:00.000000Z"}]}'
    )
    (event,) = stream.receive(frame)
    assert isinstance(event, Delta)
    assert (event.bids, event.asks, event.checksum) == ([("45283.5", "0.10000000")], [("45286.0", "0")], 7)


@pytest.mark.parametrize(("asked", "depth"), [(1, 10), (10, 10), (11, 25), (1000, 1000)])
def test_the_least_depth_that_holds_as_many_levels(asked: int, depth: int) -> None:
    assert fitted(WatchBook(instrument=BTC, depth=asked)).depth == depth


def test_the_table_and_the_token() -> None:
    assert {product for _, product in STREAMS} == {Product.SPOT}
    assert parse_token(FetchStreamToken(), {"token": "t", "expires": 900}).reveal() == "t"
