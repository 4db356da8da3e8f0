"""Coinbase's streams: recorded frames, the counter of the connection, tokens, and what is asked for how."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from tests.adapters.coinbase.venue import BTC, BTC_USDC, CREDENTIALS, ETH, LISTING, STAMP, adapter
from tests.shared import require_shared
from unified.book import BookBuilder
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import Accepted, Delta, Event, Gap, News, Own, Refused, Snapshot, Step, Ticket, Unclear
from unified.instrument import Product
from unified.market_data import Candle, Interval, Ticker, Trade
from unified.order import Order
from unified.watches import (
    Watch,
    WatchBalances,
    WatchBook,
    WatchCandles,
    WatchExecutions,
    WatchTicker,
    WatchTrades,
)
from unified_coinbase.auth import Auth
from unified_coinbase.stream import BOOK, DEPTH, CoinbaseStream, streams_of

TICKET = Ticket(stamp=STAMP)
STREAMS = streams_of(Auth(CREDENTIALS))
BOOKS = WatchBook(instrument=BTC, depth=DEPTH)
EXECUTIONS, BALANCES = WatchExecutions(listing=LISTING), WatchBalances(listing=LISTING)


def stream(*watches: Watch[Any], signs: bool = False) -> CoinbaseStream:
    one = CoinbaseStream(Auth(CREDENTIALS), signs=signs)
    one.subscribe(watches, TICKET)
    return one


def say(one: CoinbaseStream, number: int, channel: str = "heartbeats", *events: Any) -> list[Event]:
    said = {"channel": channel, "client_id": "", "timestamp": "2026-04-07T14:30:01.456789Z", "sequence_num": number}
    return list(one.receive(json.dumps({**said, "events": events})))


def levels(kind: str, *rows: str, product: str = "BTC-USD") -> dict[str, Any]:
    parts = [row.split("/") for row in rows]
    updates = [{"side": side, "price_level": price, "new_quantity": quantity} for side, price, quantity in parts]
    return {"type": kind, "product_id": product, "updates": updates}


# --- recorded frames


@pytest.mark.parametrize(
    ("name", "watch", "kinds"),
    [
        ("Ticker", WatchTicker(instrument=ETH), [Ticker]),
        ("Trades", WatchTrades(instrument=ETH), [Trade, Trade]),
        ("Klines", WatchCandles(instrument=ETH, interval=Interval.M5), [Candle]),
        ("User", EXECUTIONS, [Order]),
        ("Heartbeat", WatchTicker(instrument=ETH), []),
    ],
)
def test_recorded_frames_are_understood(name: str, watch: Watch[Any], kinds: list[type[Any]]) -> None:
    """Numbers are made to follow each other: the recordings put documented examples behind live acknowledgements."""
    path = require_shared("corpus", "coinbase", "stream", f"{name}.json")
    frames = [frame["message"] for frame in json.loads(path.read_text())["frames"] if frame["direction"] == "received"]
    one = stream(watch)
    answer, data = (list(one.receive(json.dumps({**said, "sequence_num": at}))) for at, said in enumerate(frames))
    assert answer == ([Accepted(watch)] if kinds else [])
    values = [event.read(event.watch, event.raw) if isinstance(event, News) else event for event in data]
    assert [type(value.value if isinstance(value, Own) else value) for value in values] == kinds


def test_trades_come_oldest_first_and_the_snapshots_lie_before_the_subscription() -> None:
    one = stream(WatchTrades(instrument=BTC))
    rows = [{"product_id": "BTC-USD", "trade_id": str(number), "price": "1", "size": "1"} for number in (2, 1)]
    found = say(one, 0, "market_trades", {"type": "update", "trades": rows})
    assert [event.key for event in found if isinstance(event, News)] == ["1", "2"]
    assert say(one, 1, "market_trades", {"type": "snapshot", "trades": rows}) == []


# --- books and the counter


def test_a_book_is_a_snapshot_and_what_changed_with_the_numbers_of_the_connection() -> None:
    one = stream(BOOKS)
    (snapshot,) = say(one, 0, "l2_data", levels("snapshot", "bid/99/1", "bid/98/2", "offer/101/3"))
    (delta,) = say(one, 1, "l2_data", levels("update", "bid/99/0.00000000", "offer/100/1"))
    assert isinstance(snapshot, Snapshot)
    assert isinstance(delta, Delta)
    builder = BookBuilder(BOOKS, BOOK)
    assert builder.snapshot(snapshot, 0.0) is Step.APPLY
    assert builder.delta(delta, 0.0) is Step.APPLY
    assert builder.levels(1) == ([("98", "2")], [("100", "1")])
    book = builder.book(1, lambda: 0.0)
    assert book.sequence == 1
    assert book.time is not None


def test_bids_that_reach_asks_are_a_gap_for_there_is_no_checksum() -> None:
    one = stream(BOOKS)
    (snapshot,) = say(one, 0, "l2_data", levels("snapshot", "bid/102/1", "offer/101/3"))
    assert isinstance(snapshot, Snapshot)
    assert BookBuilder(BOOKS, BOOK).snapshot(snapshot, 0.0) is Step.GAP


def test_a_number_left_out_voids_everything_on_the_connection() -> None:
    ticker = WatchTicker(instrument=ETH)
    one = stream(BOOKS, ticker)
    say(one, 0, "l2_data", levels("snapshot", "bid/99/1", "offer/101/3"))
    (gap,) = say(one, 2, "l2_data", levels("update", "bid/99/2"))
    assert isinstance(gap, Gap)
    assert gap.watches == (BOOKS, ticker)
    assert [type(event) for event in say(one, 3, "l2_data", levels("snapshot", "bid/99/2"))] == [Snapshot]


def test_a_heartbeat_tells_of_a_gap_too_and_what_comes_twice_or_late_is_nothing() -> None:
    one = stream(BOOKS)
    say(one, 0)
    assert isinstance(say(one, 2)[0], Gap)
    assert say(one, 2, "l2_data", levels("snapshot", "bid/99/1")) == []
    assert say(one, 1, "l2_data", levels("snapshot", "bid/99/1")) == []
    assert say(one, 3) == []


def test_an_acknowledgement_that_shows_a_gap_is_still_one() -> None:
    one = stream(BOOKS)
    say(one, 0)
    found = say(one, 2, "subscriptions", {"subscriptions": {"level2": ["BTC-USD"]}})
    assert [type(event) for event in found] == [Gap, Accepted]


def test_a_product_that_shares_a_book_is_answered_with_the_others_name() -> None:
    other = WatchBook(instrument=BTC_USDC, depth=DEPTH)
    one = stream(BOOKS, other)
    assert say(one, 0, "subscriptions", {"subscriptions": {"level2": ["BTC-USD"]}}) == [
        Accepted(BOOKS),
        Accepted(other),
    ]
    found = say(one, 1, "l2_data", levels("snapshot", "bid/99/1"))
    assert [event.watch for event in found if isinstance(event, Snapshot)] == [BOOKS, other]
    assert one.unsubscribe([other], TICKET) == [], "the other still needs it"
    assert len(one.unsubscribe([BOOKS], TICKET)) == 1
    assert say(one, 2, "l2_data", levels("snapshot", "bid/99/1")) == []


# --- the user


def test_own_orders_tell_states_and_have_balances_asked_for() -> None:
    one = stream(EXECUTIONS, BALANCES, signs=True)
    assert say(one, 0, "subscriptions", {"subscriptions": {"user": ["3e625b74"]}}) == [
        Accepted(EXECUTIONS),
        Accepted(BALANCES),
    ]
    row = {"order_id": "Y", "product_id": "BTC-USD", "status": "OPEN", "cumulative_quantity": "1", "avg_price": "2"}
    found = say(one, 1, "user", {"type": "update", "orders": [row]})
    assert [type(event) for event in found] == [Own, Unclear]
    assert found[-1] == Unclear(BALANCES)
    assert one.unsubscribe([EXECUTIONS], TICKET) == []


# --- asking


def test_one_message_each_after_the_heartbeats_of_the_connection() -> None:
    one = CoinbaseStream(Auth(CREDENTIALS), signs=False)
    frames = [json.loads(frame) for frame in one.subscribe([BOOKS, WatchTicker(instrument=ETH)], TICKET)]
    assert frames == [
        {"type": "subscribe", "channel": "heartbeats"},
        {"type": "subscribe", "channel": "level2", "product_ids": ["BTC-USD"]},
        {"type": "subscribe", "channel": "ticker", "product_ids": ["ETH-USDT"]},
    ]
    (again,) = one.subscribe([WatchTrades(instrument=BTC)], TICKET)
    assert json.loads(again)["channel"] == "market_trades"
    assert one.ping() is None
    assert one.login(TICKET) == ()


def test_private_messages_carry_a_token_that_names_no_request() -> None:
    one = CoinbaseStream(Auth(CREDENTIALS), signs=True)
    for frame in one.subscribe([EXECUTIONS], TICKET):
        claims = jwt.decode(json.loads(frame)["jwt"], options={"verify_signature": False})
        assert set(claims) == {"sub", "iss", "nbf", "exp"}
        assert claims["exp"] - claims["nbf"] == 120


def test_without_a_key_nothing_private_is_sent() -> None:
    with pytest.raises(VenueError) as refused:
        CoinbaseStream(Auth(None), signs=True).subscribe([EXECUTIONS], TICKET)
    assert (refused.value.kind, refused.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("authentication failure", Kind.BAD_CREDENTIALS),
        ("rate limit exceeded", Kind.RATE_LIMITED),
        ("invalid product_ids", Kind.SUBSCRIPTION_REJECTED),
    ],
)
def test_a_refusal_is_about_the_oldest_question(words: str, kind: Kind) -> None:
    ticker = WatchTicker(instrument=ETH)
    one = stream(BOOKS, ticker)
    say(one, 0, "subscriptions", {"subscriptions": {"level2": ["BTC-USD"]}})
    (event,) = one.receive(json.dumps({"type": "error", "message": words}))
    assert isinstance(event, Refused)
    assert (event.watch, event.fault.kind) == (ticker, kind)
    (event,) = one.receive(json.dumps({"type": "error", "message": words}))
    assert isinstance(event, Refused)
    assert event.watch is None


@pytest.mark.parametrize("frame", ["", "[]", "7", '{"channel":"ticker"}'])
def test_what_is_no_frame_is_malformed(frame: str) -> None:
    with pytest.raises(VenueError) as refused:
        list(stream().receive(frame))
    assert refused.value.kind is Kind.MALFORMED_RESPONSE


def test_channels_that_nobody_asked_for_say_nothing() -> None:
    one = stream()
    assert say(one, 0, "status", {"type": "snapshot", "products": []}) == []
    assert say(one, 1, "l2_data", levels("snapshot", "bid/99/1")) == []
    assert list(one.receive('{"type":"hello"}')) == []


def test_candles_are_those_of_five_minutes_and_books_are_whole() -> None:
    with pytest.raises(VenueError, match="there are: 5m") as refused:
        STREAMS[WatchCandles, Product.SPOT].fit(WatchCandles(instrument=BTC, interval=Interval.M1))
    assert (refused.value.kind, refused.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)
    five = WatchCandles(instrument=BTC, interval=Interval.M5)
    assert STREAMS[WatchCandles, Product.SPOT].fit(five) == five
    assert STREAMS[WatchBook, Product.SPOT].fit(WatchBook(instrument=BTC, depth=5)) == BOOKS


def test_streams_are_productions_only() -> None:
    assert adapter("sandbox").streams == {}
    hosts = adapter().environment.streams
    assert hosts["market"].base == "wss://advanced-trade-ws.coinbase.com"
    assert hosts["user"].base == "wss://advanced-trade-ws-user.coinbase.com"
