"""Market streams on one connection: the worked sequences of the papers, recorded frames, and what is asked for how."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.shared import require_shared
from unified.adapter import Stamp
from unified.book import BookBuilder
from unified.errors import Kind, VenueError
from unified.feeds import Accepted, BookRule, Delta, Ending, News, Refused, Snapshot, Step, Ticket, consecutive, linked
from unified.instrument import Instrument, Product
from unified.market_data import Candle, FundingRate, Interval, MarkPrice, Ticker, Trade
from unified.watches import (
    Watch,
    WatchBook,
    WatchCandles,
    WatchFundingRate,
    WatchMarkPrice,
    WatchTicker,
    WatchTrades,
)
from unified_binance.faults import FAULTS
from unified_binance.stream import linear_names
from unified_binance_dialect.stream import MarketStream, Reach, frame_of
from unified_binance_dialect.stream_names import Names, spot_names

TICKET = Ticket(stamp=Stamp(time_ms=0, window_ms=0, nonce=1, token=""))


def market(symbol: str = "BTCUSDT", product: Product = Product.SPOT) -> Instrument:
    return Instrument(
        symbol=symbol,
        product=product,
        base="BTC",
        quote="USDT",
        settle=None if product is Product.SPOT else "USDT",
        tick_size=Decimal("0.01"),
        lot_size=Decimal("0.00001"),
    )


SPOT, LINEAR = market(), market(product=Product.LINEAR)


def stream(*watches: Watch[Any], names: Names = spot_names) -> MarketStream:
    one = MarketStream(names, FAULTS)
    one.subscribe(watches, TICKET)
    return one


# --- books: the worked sequences of the sheet


def delta(watch: WatchBook, first: int, last: int, previous: int | None = None) -> Delta:
    return Delta(watch, [], [], sequence=last, first=first, previous=previous)


SPOT_BOOK, LINEAR_BOOK = WatchBook(instrument=SPOT), WatchBook(instrument=LINEAR)


@pytest.mark.parametrize(
    ("rule", "deltas", "steps"),
    [
        pytest.param(
            BookRule(follows=consecutive),
            [delta(SPOT_BOOK, 157, 160), delta(SPOT_BOOK, 161, 165), delta(SPOT_BOOK, 167, 170)],
            [Step.SKIP, Step.APPLY, Step.GAP],
            id="spot",
        ),
        pytest.param(
            BookRule(follows=linked),
            [delta(LINEAR_BOOK, 150, 156, 149), delta(LINEAR_BOOK, 157, 160, 156), delta(LINEAR_BOOK, 300, 310, 160)],
            [Step.SKIP, Step.APPLY, Step.APPLY],
            id="linear goes by the link, whatever the first number is",
        ),
        pytest.param(
            BookRule(follows=linked),
            [delta(LINEAR_BOOK, 157, 160, 149), delta(LINEAR_BOOK, 161, 165, 159)],
            [Step.APPLY, Step.GAP],
            id="linear with a broken link",
        ),
    ],
)
def test_a_book_is_joined_as_the_papers_work_it(rule: BookRule, deltas: list[Delta], steps: list[Step]) -> None:
    builder = BookBuilder(deltas[0].watch, rule)
    builder.snapshot(Snapshot(builder.watch, [["1", "1"]], [["2", "1"]], sequence=160), 0.0)
    assert [builder.delta(one, 0.0) for one in deltas] == steps


def test_depths_are_those_that_a_snapshot_of_twice_as_many_levels_bears() -> None:
    reach = Reach(100, 500, 1000)
    watch = reach.fit(WatchBook(instrument=SPOT, depth=51))
    assert (watch.depth, reach.base(watch).depth) == (250, 500)
    assert reach.fit(watch) == watch
    with pytest.raises(VenueError, match="500 levels a side at most") as refused:
        reach.fit(WatchBook(instrument=SPOT, depth=501))
    assert refused.value.kind is Kind.NOT_SUPPORTED


def test_a_book_begins_with_the_snapshot_that_reaches_far_enough() -> None:
    reach = Reach(100, 500)
    rule, watch = reach.rule(consecutive), reach.fit(WatchBook(instrument=SPOT, depth=10))
    assert rule.base is not None
    assert (rule.follows, rule.base(watch).depth) == (consecutive, 100)


# --- what is asked for


def said(frames: Any) -> list[Any]:
    return [json.loads(frame) for frame in frames]


def test_one_frame_names_all_streams_and_its_answer_accepts_all_watches() -> None:
    one, watches = MarketStream(spot_names, FAULTS), [WatchTicker(instrument=SPOT), SPOT_BOOK]
    assert said(one.subscribe(watches, TICKET)) == [
        {"method": "SUBSCRIBE", "params": ["btcusdt@bookTicker", "btcusdt@ticker", "btcusdt@depth@100ms"], "id": 1}
    ]
    assert list(one.receive('{"result":null,"id":1}')) == [Accepted(watch) for watch in watches]
    assert list(one.receive('{"result":null,"id":1}')) == [], "a doubled answer says nothing"
    ping = json.loads(one.ping() or "")
    assert list(one.receive(json.dumps({"result": [], "id": ping["id"]}))) == []


def test_a_stream_that_two_watches_need_stays_until_neither_does() -> None:
    mark, funding = WatchMarkPrice(instrument=LINEAR), WatchFundingRate(instrument=LINEAR)
    one = stream(mark, funding, names=linear_names)
    row = {"e": "markPriceUpdate", "E": 1, "s": "BTCUSDT", "p": "5", "i": "4", "r": "0.01", "T": 0}
    frame = json.dumps({"stream": "btcusdt@markPrice@1s", "data": row})
    assert [event.watch for event in one.receive(frame) if isinstance(event, News)] == [mark, funding]
    assert one.unsubscribe([mark], TICKET) == []
    assert [event.watch for event in one.receive(frame) if isinstance(event, News)] == [funding]
    assert said(one.unsubscribe([funding], TICKET))[0]["method"] == "UNSUBSCRIBE"
    assert list(one.receive(frame)) == []


# --- what comes


@pytest.mark.parametrize(
    ("name", "watch", "kind"),
    [
        ("spot/stream/ExchangeData/Ticker", WatchTicker(instrument=SPOT), Ticker),
        ("spot/stream/ExchangeData/BookTicker", WatchTicker(instrument=SPOT), Ticker),
        ("spot/stream/ExchangeData/Trades", WatchTrades(instrument=SPOT), Trade),
        ("spot/stream/ExchangeData/Klines", WatchCandles(instrument=SPOT, interval=Interval.H8), Candle),
        ("linear/stream/BookTicker", WatchTicker(instrument=LINEAR), Ticker),
        ("linear/stream/AggTrades", WatchTrades(instrument=LINEAR), Trade),
        ("linear/stream/Book", WatchBook(instrument=LINEAR), Delta),
        ("linear/stream/Klines", WatchCandles(instrument=LINEAR, interval=Interval.MONTH), Candle),
        ("linear/stream/MarkPrice", WatchMarkPrice(instrument=LINEAR), MarkPrice),
        ("linear/stream/MarkPrice", WatchFundingRate(instrument=LINEAR), FundingRate),
    ],
)
def test_recorded_frames_are_understood(name: str, watch: Watch[Any], kind: type[Any]) -> None:
    path = require_shared("corpus", "binance", f"{name}.json")
    frames = [frame["message"] for frame in json.loads(path.read_text())["frames"] if frame["direction"] == "received"]
    one = stream(watch, names=spot_names if name.startswith("spot") else linear_names)
    answer, data = (list(one.receive(json.dumps(frame))) for frame in frames)
    assert answer == [Accepted(watch)]
    (event,) = data
    value = event.read(event.watch, event.raw) if isinstance(event, News) else event
    assert isinstance(value, kind)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"code": 2, "msg": "Invalid request: unknown variant `X`", "id": 1}, Kind.NOT_SUPPORTED),
        ({"error": {"code": 2, "msg": "Invalid request: too much"}, "id": 1}, Kind.SUBSCRIPTION_REJECTED),
    ],
)
def test_refusals_come_bare_or_wrapped_and_name_the_request(frame: Any, kind: Kind) -> None:
    one = stream(SPOT_BOOK)
    (refused,) = one.receive(json.dumps(frame))
    assert isinstance(refused, Refused)
    assert (refused.watch, refused.fault.kind) == (SPOT_BOOK, kind)
    (unmatched,) = one.receive(json.dumps({**frame, "id": None}))
    assert isinstance(unmatched, Refused)
    assert unmatched.watch is None


@pytest.mark.parametrize(
    "frame",
    [
        {"e": "serverShutdown", "E": 1},
        {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}},
    ],
)
def test_an_announced_restart_is_heeded_in_either_form(frame: Any) -> None:
    (event,) = stream(SPOT_BOOK).receive(json.dumps(frame))
    assert isinstance(event, Ending)


@pytest.mark.parametrize("frame", ["", "{", "[]", "7", b"\xff"])
def test_what_is_no_object_is_malformed(frame: str | bytes) -> None:
    with pytest.raises(VenueError) as refused:
        frame_of(frame)
    assert refused.value.kind is Kind.MALFORMED_RESPONSE
