"""Kraken's streams: the worked checksums of the papers, recorded frames, and what is asked for how."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

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
from unified_kraken.stream import (
    BOOK,
    STREAMS,
    FetchStreamToken,
    KrakenStream,
    checksum,
    digits_of,
    fitted,
    parse_token,
)

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


def levels(text: str) -> list[tuple[str, str]]:
    return [(price, quantity) for price, _, quantity in (level.partition("/") for level in text.split())]


C1_ASKS = levels(
    "45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660 45291.8/1.54553491 "
    "45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827"
)
C1_BIDS = levels(
    "45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586 45279.0/0.07990000 "
    "45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238"
)
C2_ASKS = levels(
    "0.5668/4410.79769741 0.5669/4655.40412487 0.567/49844.89424998 0.5671/24306.41678 0.5672/29783.25223475 "
    "0.5673/57234.71239278 0.5674/45065.04744 0.5675/5912.76380354 0.5676/42514.92434778 0.5677/36304.0847022"
)
C2_BIDS = levels(
    "0.5666/4831.75496356 0.5665/6658.22734739 0.5664/18724.91513344 0.5663/11563.92544914 0.5662/14006.65365711 "
    "0.5661/17454.85679807 0.566/18097.1547 0.5659/33644.89175666 0.5658/148.3464 0.5657/606.70854372"
)


@pytest.mark.parametrize(
    ("instrument", "bids", "asks", "wanted"),
    [
        pytest.param(BTC, C1_BIDS, C1_ASKS, 3310070434, id="guide spot-ws-book-v2"),
        pytest.param(MATIC, C2_BIDS, C2_ASKS, 2439117997, id="numbers without their last zeros"),
        pytest.param(MATIC, [*C2_BIDS[:9], ("0.5657", "1098.3947558")], C2_ASKS, 2114181697, id="after an update"),
    ],
)
def test_the_worked_checksums(
    instrument: Instrument, bids: Sequence[tuple[str, str]], asks: Sequence[tuple[str, str]], wanted: int
) -> None:
    watch = WatchBook(instrument=instrument, depth=10)
    assert checksum(watch, bids, asks) == wanted
    assert checksum(watch, bids[:-1], asks) != wanted


def test_digits_without_the_right_decimals_give_another_sum() -> None:
    coarse = WatchBook(instrument=evolve(MATIC, lot_size=Decimal(1)), depth=10)
    assert checksum(coarse, C2_BIDS, C2_ASKS) != 2439117997
    assert digits_of("1e-7", 8) == "10"
    assert digits_of("45285.2", 1) == "452852"


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
