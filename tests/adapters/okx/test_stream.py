"""OKX's streams: the walk-through of the papers, recorded frames, logins, and what is asked for how."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.okx.venue import CREDENTIALS, LISTING, SPOT, STAMP, SWAP, adapter
from tests.shared import require_shared
from unified.account import Balance, Position
from unified.adapter import AdapterSettings
from unified.book import BookBuilder
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    Delta,
    Ending,
    Event,
    LoggedIn,
    LoginRefused,
    News,
    Own,
    Refused,
    Snapshot,
    Step,
    Ticket,
)
from unified.instrument import Product
from unified.market_data import Candle, FundingRate, Interval, MarkPrice, Ticker, Trade
from unified.order import Fill, Order
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
from unified_okx import Okx
from unified_okx.auth import Auth
from unified_okx.stream import BOOK, DEPTH, OkxStream, streams_of

TICKET = Ticket(stamp=STAMP)
STREAMS = streams_of(Auth(CREDENTIALS), spot_as_margin=False)
BOOKS = WatchBook(instrument=SPOT, depth=DEPTH)


def stream(spot_orders: str = "SPOT") -> OkxStream:
    return OkxStream(Auth(CREDENTIALS), spot_orders)


def subscribed(watch: Watch[Any]) -> tuple[OkxStream, dict[str, str]]:
    one = stream()
    (frame,) = one.subscribe([watch], TICKET)
    (arg,) = json.loads(frame)["args"]
    return one, arg


def say(one: OkxStream, **content: Any) -> list[Event]:
    return list(one.receive(json.dumps(content)))


# --- books


def levels(*rows: str) -> list[list[str]]:
    return [[*row.split("/"), "0", "1"] for row in rows]


def frames_of(*chain: tuple[int, int]) -> list[dict[str, Any]]:
    """Frames of the papers' walk-through: (prevSeqId, seqId); the first is the snapshot."""
    frames = []
    for before, number in chain:
        row = {"bids": levels(f"99/{number}"), "asks": levels("101/1"), "prevSeqId": before, "seqId": number}
        idle: dict[str, Any] = {"bids": [], "asks": []} if before == number else {}
        row |= {"ts": "1597026383085", "checksum": 0, **idle}
        frames.append({"action": "snapshot" if before == -1 else "update", "data": [row]})
    return frames


def steps_of(frames: list[dict[str, Any]]) -> tuple[list[Step], BookBuilder]:
    one, arg = subscribed(BOOKS)
    builder, steps = BookBuilder(BOOKS, BOOK), []
    for frame in frames:
        (event,) = say(one, arg=arg, **frame)
        assert isinstance(event, Snapshot | Delta)
        steps.append(builder.snapshot(event, 0.0) if isinstance(event, Snapshot) else builder.delta(event, 0.0))
    return steps, builder


def test_the_walk_through_of_the_papers_idle_frames_and_a_counter_that_was_reset() -> None:
    steps, builder = steps_of(frames_of((-1, 10), (10, 15), (15, 15), (15, 3), (3, 5)))
    assert steps == [Step.APPLY] * 5
    assert builder.sequence == 5
    assert builder.levels(1)[0] == [("99", "5")]


@pytest.mark.parametrize(
    ("chain", "last"),
    [
        pytest.param([(-1, 10), (11, 15)], Step.GAP, id="a frame that names another before it"),
        pytest.param([(-1, 10), (10, 15), (10, 15)], Step.SKIP, id="a frame that came already"),
        pytest.param([(-1, 10), (10, 15), (3, 5)], Step.GAP, id="a reset that was not seen"),
    ],
)
def test_the_chain_decides(chain: list[tuple[int, int]], last: Step) -> None:
    steps, builder = steps_of(frames_of(*chain))
    assert steps[-1] is last
    assert builder.available is (last is not Step.GAP)


def test_a_checksum_of_zero_is_no_checksum() -> None:
    assert BOOK.checksum is None
    one, arg = subscribed(BOOKS)
    (event,) = say(one, arg=arg, **frames_of((-1, 10))[0])
    assert isinstance(event, Snapshot)
    assert event.checksum is None


def test_bids_may_reach_asks_in_an_auction() -> None:
    (frame,) = frames_of((-1, 10))
    frame["data"][0]["bids"] = levels("102/1")
    assert steps_of([frame])[0] == [Step.APPLY]


def test_swaps_are_counted_in_contracts() -> None:
    watch = WatchBook(instrument=SWAP, depth=DEPTH)
    one, arg = subscribed(watch)
    (event,) = say(one, arg=arg, **frames_of((-1, 10))[0])
    assert isinstance(event, Snapshot)
    builder = BookBuilder(watch, BOOK)
    builder.snapshot(event, 0.0)
    (bid,) = builder.book(5, lambda: 0.0).bids
    assert bid.quantity == 10 * SWAP.contract_size


def test_books_have_one_depth_and_no_more() -> None:
    fit = STREAMS[WatchBook, Product.SPOT].fit
    assert fit(evolve(BOOKS, depth=5)) == BOOKS
    with pytest.raises(VenueError) as refused:
        fit(evolve(BOOKS, depth=401))
    assert (refused.value.kind, refused.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_where_the_stream_begins_with_an_update_the_snapshot_comes_over_rest() -> None:
    assert BOOK.base is None
    assert BOOK.fallback is not None
    operation = BOOK.fallback(BOOKS)
    assert (operation.instrument, operation.depth) == (SPOT, DEPTH)


# --- recorded frames


@pytest.mark.parametrize(
    ("name", "watch", "kinds"),
    [
        ("ExchangeData/OrderBook", BOOKS, [Snapshot]),
        ("ExchangeData/Ticker", WatchTicker(instrument=SPOT), [Ticker]),
        ("ExchangeData/Trades", WatchTrades(instrument=SPOT), [Trade]),
        ("ExchangeData/Klines", WatchCandles(instrument=SPOT, interval=Interval.D1), [Candle]),
        ("ExchangeData/MarkPrice", WatchMarkPrice(instrument=SWAP), [MarkPrice]),
        ("ExchangeData/FundingRate", WatchFundingRate(instrument=SWAP), [FundingRate]),
        ("Account/Balance", WatchBalances(listing=LISTING), [Balance]),
        ("Trading/Order", WatchExecutions(listing=LISTING), [Fill, Order]),
        ("Trading/Position", WatchPositions(product=Product.LINEAR, listing=LISTING), [Position]),
    ],
)
def test_recorded_frames_are_understood(name: str, watch: Watch[Any], kinds: list[type[Any]]) -> None:
    """The recordings' arguments and instruments do not fit each other: they are made to fit the watch."""
    path = require_shared("corpus", "okx", "stream", *f"{name}.json".split("/"))
    frames = [frame["message"] for frame in json.loads(path.read_text())["frames"] if frame["direction"] == "received"]
    one, arg = subscribed(watch)
    *answers, data = frames
    assert say(one, **{**answers[-1], "arg": arg}) == [Accepted(watch)]
    if isinstance(watch, WatchPositions):
        data["data"][0]["instId"] = SWAP.symbol
    pushed = say(one, **{"action": "snapshot", **data, "arg": {**arg, "uid": "1"}})
    values = [event.read(event.watch, event.raw) if isinstance(event, News) else event for event in pushed]
    assert [type(value.value if isinstance(value, Own) else value) for value in values] == kinds


# --- asking


def test_each_subscription_is_a_request_of_its_own_for_a_refusal_names_nothing_else() -> None:
    one = stream()
    watches: list[Watch[Any]] = [
        BOOKS,
        WatchCandles(instrument=SPOT, interval=Interval.H1),
        WatchExecutions(listing=LISTING),
        WatchExecutions(listing=LISTING, product=Product.LINEAR),
        WatchBalances(listing=LISTING),
        WatchPositions(listing=LISTING, product=Product.LINEAR),
    ]
    frames = [json.loads(frame) for frame in one.subscribe(watches, TICKET)]
    assert [frame["id"] for frame in frames] == ["1", "2", "3", "4", "5", "6"]
    assert [frame["args"] for frame in frames] == [
        [{"channel": "books", "instId": "BTC-USDT"}],
        [{"channel": "candle1H", "instId": "BTC-USDT"}],
        [{"channel": "orders", "instType": "SPOT"}],
        [{"channel": "orders", "instType": "SWAP"}],
        [{"channel": "account"}],
        [{"channel": "positions", "instType": "SWAP"}],
    ]
    (event,) = say(one, id="2", event="error", code="60018", msg="Wrong URL or channel", connId="a4d3ae55")
    assert isinstance(event, Refused)
    assert (event.watch, event.fault.kind) == (watches[1], Kind.SUBSCRIPTION_REJECTED)
    assert say(one, id="7", event="error", code="60018", msg="", connId="") == [], "the end of a subscription"
    (event,) = say(one, event="error", code="60012", msg='Invalid request: {"op": "x"}', connId="")
    assert isinstance(event, Refused)
    assert (event.watch, event.fault.message) == (None, "Invalid request")


def test_daily_candles_are_those_of_utc() -> None:
    assert subscribed(WatchCandles(instrument=SPOT, interval=Interval.D1))[1]["channel"] == "candle1Dutc"
    with pytest.raises(VenueError, match="candles of 8h are not offered"):
        STREAMS[WatchCandles, Product.SPOT].fit(WatchCandles(instrument=SPOT, interval=Interval.H8))


def test_an_end_names_what_was_subscribed() -> None:
    (frame,) = stream().unsubscribe([BOOKS, WatchTicker(instrument=SPOT)], TICKET)
    assert json.loads(frame)["args"] == [
        {"channel": "books", "instId": "BTC-USDT"},
        {"channel": "tickers", "instId": "BTC-USDT"},
    ]


def test_accounts_that_trade_spot_on_margin_ask_for_orders_of_any_type() -> None:
    feed = streams_of(Auth(CREDENTIALS), spot_as_margin=True)[WatchExecutions, Product.SPOT]
    (frame,) = feed.line.dialect().subscribe([WatchExecutions(listing=LISTING)], TICKET)
    assert json.loads(frame)["args"] == [{"channel": "orders", "instType": "ANY"}]


def test_one_wallet_is_one_subscription() -> None:
    fit = STREAMS[WatchBalances, Product.LINEAR].fit
    spot = WatchBalances(listing=LISTING)
    assert fit(WatchBalances(listing=LISTING, product=Product.LINEAR)) == spot


def test_ping_and_pong_are_words() -> None:
    assert stream().ping() == "ping"
    assert list(stream().receive("pong")) == []


@pytest.mark.parametrize("frame", ["pung", "", "[]", "7", '{"arg":"books"}'])
def test_what_is_no_frame_is_malformed(frame: str) -> None:
    with pytest.raises(VenueError) as refused:
        list(stream().receive(frame))
    assert refused.value.kind is Kind.MALFORMED_RESPONSE


# --- login and ends


def test_a_login_signs_the_second() -> None:
    (frame,) = stream().login(Ticket(stamp=evolve(STAMP, time_ms=1704876947123)))
    said = json.loads(frame)
    assert said["op"] == "login"
    assert said["args"] == [
        {
            "apiKey": "a-dummy-key",
            "passphrase": "a-dummy-passphrase",
            "timestamp": "1704876947",
            "sign": "5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=",
        }
    ]


def test_a_login_is_accepted_or_refused_and_the_echo_of_it_goes_nowhere() -> None:
    one = stream()
    one.login(TICKET)
    assert say(one, event="login", code="0", msg="", connId="a") == [LoggedIn()]
    one.login(TICKET)
    (event,) = say(one, event="error", code="60009", msg='Login failed: {"apiKey":"k"}', connId="a")
    assert isinstance(event, LoginRefused)
    assert (event.fault.kind, event.fault.message) == (Kind.BAD_CREDENTIALS, "Login failed")


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(VenueError) as refused:
        OkxStream(Auth(None), "SPOT").login(TICKET)
    assert (refused.value.kind, refused.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


def test_an_announced_end_is_heeded_and_other_notices_are_not() -> None:
    assert say(stream(), event="notice", code="64008", msg="soon", connId="a") == [Ending("soon")]
    assert say(stream(), event="notice", code="64999", msg="hello", connId="a") == []


def test_too_many_connections_end_a_subscription_that_was_accepted() -> None:
    watch = WatchExecutions(listing=LISTING)
    one, arg = subscribed(watch)
    say(one, event="subscribe", arg=arg)
    said = say(one, event="channel-conn-count-error", channel="orders", connCount="30", connId="a")
    (event,) = said
    assert isinstance(event, Refused)
    assert (event.watch, event.fault.kind) == (watch, Kind.TOO_MANY_STREAMS)
    assert say(one, event="channel-conn-count", channel="orders", connCount="2", connId="a") == []


def test_what_was_not_asked_for_says_nothing() -> None:
    assert say(stream(), arg={"channel": "tickers", "instId": "X"}, data=[{}]) == []
    assert say(stream(), event="subscribe", arg={"channel": "tickers", "instId": "X"}) == []
    assert say(stream(), event="unsubscribe", arg={"channel": "tickers", "instId": "X"}) == []


# --- hosts


@pytest.mark.parametrize(
    ("environment", "site", "host"),
    [
        ("production", "global", "wss://ws.okx.com:8443"),
        ("production", "eea", "wss://wseea.okx.com:8443"),
        ("demo", "us", "wss://wsuspap.okx.com:8443"),
    ],
)
def test_streams_go_where_the_account_was_opened(environment: str, site: str, host: str) -> None:
    streams = adapter(environment, site=site).environment.streams
    assert {stream.base for stream in streams.values()} == {host}


def test_who_moves_the_host_moves_the_streams_too() -> None:
    okx = Okx(AdapterSettings(environment="production", hosts={"rest": "https://sandbox.test"}))
    assert {stream.base for stream in okx.environment.streams.values()} == {"wss://sandbox.test"}


def test_the_table_says_what_streams() -> None:
    perpetual = {WatchMarkPrice, WatchFundingRate, WatchPositions}
    assert {watch for watch, product in STREAMS if product is Product.LINEAR} >= perpetual
    assert not perpetual & {watch for watch, product in STREAMS if product is Product.SPOT}
    lines = {id(feed.line): feed.line for feed in STREAMS.values()}.values()
    assert sorted(line.path(None) for line in lines) == [
        "/ws/v5/business",
        "/ws/v5/private",
        "/ws/v5/public",
        "/ws/v5/public",
    ]
    assert [line.login for line in lines if line.name == "private"] == [True]
