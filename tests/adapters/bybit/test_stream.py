"""Bybit's streams: the worked book of the papers, recorded frames, logins, and what is asked for how."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.shared import require_shared
from unified.adapter import Stamp
from unified.book import BookBuilder
from unified.errors import Kind, VenueError
from unified.feeds import Accepted, Delta, LoggedIn, LoginRefused, News, Own, Refused, Snapshot, Step, Ticket, Unclear
from unified.instrument import Instrument, Instruments, Product
from unified.market_data import Interval
from unified.secret import Credentials, Secret
from unified.watches import (
    Watch,
    WatchBalances,
    WatchBook,
    WatchCandles,
    WatchExecutions,
    WatchFundingRate,
    WatchMarkPrice,
    WatchPositions,
    WatchTicker,
    WatchTrades,
)
from unified_bybit.adapter import ENVIRONMENTS
from unified_bybit.auth import Auth
from unified_bybit.limits import LIMITS
from unified_bybit.stream import BOOK, BybitStream, fitted, streams_of, topics_of

TICKET = Ticket(stamp=Stamp(time_ms=1763640000000, window_ms=5000, nonce=1, token=""))


def market(product: Product, symbol: str = "BTCUSDT") -> Instrument:
    return Instrument(
        symbol=symbol,
        product=product,
        base=symbol.removesuffix("USDT"),
        quote="USDT",
        settle=None if product is Product.SPOT else "USDT",
        tick_size=Decimal("0.1"),
        lot_size=Decimal("0.001"),
    )


SPOT, LINEAR = market(Product.SPOT), market(Product.LINEAR)
LISTING = Instruments([SPOT, LINEAR])
BOOKS = WatchBook(instrument=SPOT, depth=50)
OWN: dict[str, Any] = {"listing": LISTING, "product": Product.LINEAR}
EXECUTIONS, BALANCES, POSITIONS = WatchExecutions(**OWN), WatchBalances(listing=LISTING), WatchPositions(**OWN)


def stream(*watches: Watch[Any], surface: str = "ws_public") -> BybitStream:
    one = BybitStream(Auth(None), (surface,))
    one.subscribe(watches, TICKET)
    return one


def told(one: BybitStream, **said: Any) -> list[Any]:
    return list(one.receive(json.dumps(said)))


def book(kind: str, number: int, bids: Any, asks: Any) -> dict[str, Any]:
    row = {"s": "BTCUSDT", "b": bids, "a": asks, "u": number, "seq": 1}
    return {"topic": "orderbook.50.BTCUSDT", "type": kind, "ts": 1, "data": row}


def test_a_book_is_kept_as_the_papers_work_it() -> None:
    one, builder = stream(BOOKS), BookBuilder(BOOKS, BOOK)
    frames = [
        book("snapshot", 10, [["100", "1"], ["99", "2"]], [["101", "1"], ["102", "3"]]),
        book("delta", 11, [["100", "0"], ["98", "5"]], [["101", "0.4"]]),
        book("delta", 11, [["100", "7"]], []),
        book("delta", 13, [], []),
        book("snapshot", 1, [["90", "1"]], [["91", "1"]]),
        book("delta", 2, [["90", "2"]], []),
    ]
    steps = []
    for frame in frames:
        (event,) = told(one, **frame)
        take = builder.snapshot if isinstance(event, Snapshot) else builder.delta
        steps.append(take(event, 0.0))
        if frame is frames[1]:
            assert builder.levels(5) == ([("99", "2"), ("98", "5")], [("101", "0.4"), ("102", "3")])
    assert steps == [Step.APPLY, Step.APPLY, Step.SKIP, Step.GAP, Step.APPLY, Step.APPLY]
    assert isinstance(told(one, **frames[1])[0], Delta)


def test_each_watch_has_a_request_of_its_own_that_a_refusal_names() -> None:
    one = BybitStream(Auth(None), ("ws_public",))
    watches = [WatchTicker(instrument=SPOT), BOOKS, WatchTrades(instrument=SPOT)]
    asked = [json.loads(frame) for frame in one.subscribe(watches, TICKET)]
    assert asked[0] == {"req_id": "1", "op": "subscribe", "args": ["tickers.BTCUSDT", "orderbook.1.BTCUSDT"]}
    assert told(one, success=True, ret_msg="subscribe", req_id="1", op="subscribe") == [Accepted(watches[0])]
    (refused,) = told(one, success=False, ret_msg="error:handler not found", req_id="2", op="subscribe")
    assert isinstance(refused, Refused)
    assert (refused.watch, refused.fault.kind) == (BOOKS, Kind.SUBSCRIPTION_REJECTED)
    (again,) = told(one, success=False, ret_msg="error:handler already subscribed", req_id="3", op="subscribe")
    assert isinstance(again, Refused)
    assert again.fault.kind is Kind.NO_CHANGE
    assert told(one, success=True, ret_msg="pong", op="ping") == []
    assert told(one, req_id="9", op="pong", args=["1"]) == []


def test_a_topic_that_others_need_stays() -> None:
    mark, funding = WatchMarkPrice(instrument=LINEAR), WatchFundingRate(instrument=LINEAR)
    one = stream(mark, funding)
    assert one.unsubscribe([mark], TICKET) == []
    (frame,) = one.unsubscribe([funding], TICKET)
    assert json.loads(frame)["args"] == ["tickers.BTCUSDT"]


def test_a_ticker_is_all_that_has_come_of_it() -> None:
    watch = WatchTicker(instrument=LINEAR)
    one = stream(watch)
    first = {"symbol": "BTCUSDT", "lastPrice": "5", "bid1Price": "4", "bid1Size": "1"}
    told(one, topic="tickers.BTCUSDT", type="snapshot", ts=1, data=first)
    (news,) = told(one, topic="tickers.BTCUSDT", type="delta", ts=2, data={"symbol": "BTCUSDT", "bid1Price": "4.5"})
    value = news.read(news.watch, news.raw)
    assert (value.bid, value.last) == (Decimal("4.5"), Decimal(5))


def test_spot_has_its_best_prices_from_the_book_of_one_level() -> None:
    one = stream(WatchTicker(instrument=SPOT))
    row = {"s": "BTCUSDT", "b": [["4", "1"]], "a": [], "u": 1, "seq": 1}
    told(one, topic="orderbook.1.BTCUSDT", type="snapshot", ts=1, data=row)
    (news,) = told(one, topic="tickers.BTCUSDT", type="snapshot", ts=2, data={"symbol": "BTCUSDT", "lastPrice": "5"})
    value = news.read(news.watch, news.raw)
    assert (value.bid, value.ask, value.last) == (Decimal(4), None, Decimal(5))


def test_the_login_is_signed_as_the_worked_vector_says() -> None:
    one = BybitStream(Auth(Credentials(key="dummy-key", secret=Secret("dummy-secret"))), ("ws_private",))
    (frame,) = one.login(TICKET)
    key, expires, signature = json.loads(frame)["args"]
    assert (key, expires, len(signature)) == ("dummy-key", 1763640010000, 64)
    assert told(one, success=True, ret_msg="", op="auth", conn_id="x") == [LoggedIn()]
    (refused,) = told(one, success=False, ret_msg="request expired", op="auth")
    assert isinstance(refused, LoginRefused)
    assert refused.fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW
    with pytest.raises(VenueError) as without:
        stream().login(TICKET)
    assert without.value.kind is Kind.BAD_CREDENTIALS


@pytest.mark.parametrize(
    ("name", "watch"),
    [
        ("Spot/Ticker", WatchTicker(instrument=SPOT)),
        ("Spot/Trades", WatchTrades(instrument=SPOT)),
        ("Linear/Ticker", WatchTicker(instrument=LINEAR)),
        ("Linear/Trades", WatchTrades(instrument=LINEAR)),
    ],
)
def test_recorded_market_frames_are_understood(name: str, watch: Any) -> None:
    path = require_shared("corpus", "bybit", "stream", f"{name}.json")
    frame = json.loads(path.read_text())["frames"][-1]["message"]
    symbol = frame["topic"].rpartition(".")[2]
    there = type(watch)(instrument=market(watch.product, symbol))
    news = told(stream(there), **frame)
    assert news
    for one in news:
        assert isinstance(one, News)
        assert one.read(one.watch, one.raw).instrument.symbol == symbol


@pytest.mark.parametrize(
    ("name", "watch", "topic"),
    [
        ("Balance", BALANCES, "wallet"),
        ("Position", POSITIONS, "position.linear"),
        ("UserTrades", EXECUTIONS, "execution.linear"),
        ("Order", EXECUTIONS, "order.linear"),
    ],
)
def test_recorded_own_frames_are_understood(name: str, watch: Any, topic: str) -> None:
    path = require_shared("corpus", "bybit", "stream", "Private", f"{name}.json")
    frame = json.loads(path.read_text())["frames"][-1]["message"]
    symbols = [row["symbol"] for row in frame["data"] if "symbol" in row]
    listing = Instruments([market(Product.LINEAR, symbol) for symbol in symbols])
    there = type(watch)(listing=listing, product=watch.product)
    events = told(stream(there, surface="ws_private"), **{**frame, "topic": topic})
    assert events
    assert {type(event) for event in events} == {Own}


def test_a_row_that_cannot_be_read_is_asked_for_and_foreign_ones_are_left_out() -> None:
    one = stream(EXECUTIONS, POSITIONS, surface="ws_private")
    assert told(one, topic="order.linear", data=[{"symbol": "BTCUSDT"}]) == [Unclear(EXECUTIONS)]
    assert told(one, topic="order.linear", data=[{"symbol": "BTC-26DEC25"}]) == []
    assert told(one, topic="execution.linear", data=[{"symbol": "BTCUSDT", "execType": "Funding"}]) == []
    assert told(one, topic="wallet", data=[{}]) == [], "nobody watches it"


def test_what_the_venue_does_not_offer_is_refused_before_anything_leaves() -> None:
    assert fitted(WatchBook(instrument=SPOT, depth=51)).depth == 200
    fit = streams_of(Auth(None))[WatchCandles, Product.SPOT].fit
    with pytest.raises(VenueError, match="1000 levels a side at most"):
        fitted(WatchBook(instrument=SPOT, depth=1001))
    with pytest.raises(VenueError) as refused:
        fit(WatchCandles(instrument=SPOT, interval=Interval.S1))
    assert refused.value.kind is Kind.NOT_SUPPORTED
    assert topics_of(WatchCandles(instrument=SPOT, interval=Interval.H1)) == ["kline.60.BTCUSDT"]
    with pytest.raises(VenueError) as malformed:
        stream().receive("[]")
    assert malformed.value.kind is Kind.MALFORMED_RESPONSE


@pytest.mark.parametrize("environment", list(ENVIRONMENTS))
def test_every_line_has_a_host_and_costs_what_the_limits_hold(environment: str) -> None:
    buckets, hosts = {limit.bucket for limit in LIMITS}, ENVIRONMENTS[environment].streams
    for feed in streams_of(Auth(None)).values():
        assert hosts[feed.line.name].base.startswith("wss://stream")
        assert {charge.bucket for charge in (*feed.line.connect, *feed.line.frame)} <= buckets
        assert feed.line.silence < 20 + 1, "within the venue's own heartbeat"
    if environment == "demo":
        assert hosts["spot"].base != hosts["private"].base, "markets are production's"
