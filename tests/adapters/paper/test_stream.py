"""One connection of Paper: what is asked, what frames say, and what a number that is left out voids."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.paper.test_orders import ROW
from tests.toy import BTC
from unified.adapter import Stamp
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import (
    Accepted,
    Delta,
    Ending,
    Event,
    Gap,
    LoggedIn,
    LoginRefused,
    News,
    Own,
    Refused,
    Snapshot,
    Ticket,
    Unclear,
    value_of,
)
from unified.instrument import Instruments
from unified.secret import Credentials, Secret
from unified.watches import (
    Watch,
    WatchBalances,
    WatchBook,
    WatchCandles,
    WatchExecutions,
    WatchTicker,
    WatchTrades,
)
from unified_paper.auth import Auth
from unified_paper.stream import PaperStream, streams_of, topic_of

AUTH = Auth(Credentials(key="dummy", secret=Secret("dummy")))
TICKET = Ticket(stamp=Stamp(time_ms=1_800_000_000_000, window_ms=2000, nonce=1, token="0" * 32))
LISTING = Instruments([BTC])
BOOK, TICKER, TRADES = WatchBook(instrument=BTC, depth=10), WatchTicker(instrument=BTC), WatchTrades(instrument=BTC)
CANDLES, ORDERS = WatchCandles(instrument=BTC), WatchExecutions(listing=LISTING)
BALANCES = WatchBalances(listing=LISTING)
FILL = {
    "trade_id": 5,
    "order_id": 28457001,
    "client_order_id": "c1",
    "symbol": "BTCUSDT",
    "side": "buy",
    "price": "50000",
    "quantity": "0.004",
    "fee": "0.1",
    "fee_currency": "USDT",
    "liquidity": "maker",
    "time_ms": 1_800_000_000_000,
}


class Told:
    """A connection that is told frames with their numbers."""

    def __init__(self, *watches: Watch[Any]) -> None:
        self.stream = PaperStream(AUTH)
        self.number = 0
        self.asked = [json.loads(frame) for frame in self.stream.subscribe(watches, TICKET)]

    def say(self, kind: str, **content: Any) -> list[Event]:
        self.number += 1
        return self.again(kind, **content)

    def again(self, kind: str, **content: Any) -> list[Event]:
        """Under the number of the last one."""
        return list(self.stream.receive(json.dumps({"kind": kind, "number": self.number, **content})))

    def news(self, watch: Watch[Any], data: Any) -> list[Event]:
        return self.say("news", topic=topic_of(watch), data=data)


def owned(events: list[Event]) -> list[Any]:
    """What they tell of the account, and nothing else."""
    assert all(isinstance(event, Own) for event in events)
    return [event.value for event in events if isinstance(event, Own)]


def test_each_watch_has_a_topic_and_a_request_of_its_own() -> None:
    one = Told(BOOK, TICKER, TRADES, CANDLES, ORDERS, BALANCES)
    assert [(said["id"], said["do"], said["topic"]) for said in one.asked] == [
        (1, "subscribe", "book.BTCUSDT.10"),
        (2, "subscribe", "ticker.BTCUSDT"),
        (3, "subscribe", "trades.BTCUSDT"),
        (4, "subscribe", "candles.BTCUSDT.1m"),
        (5, "subscribe", "orders"),
        (6, "subscribe", "balances"),
    ]
    assert one.say("done", id=2) == [Accepted(TICKER)]
    assert one.say("done", id=2) == [], "a request is answered once"
    (refused,) = one.say("refused", id=3, error={"code": "unknown_instrument", "message": ""})
    assert isinstance(refused, Refused)
    assert (refused.watch, refused.fault.kind) == (TRADES, Kind.UNKNOWN_SYMBOL)


def test_what_has_ended_brings_nothing_and_its_answer_is_nobodys() -> None:
    one = Told(TICKER)
    (frame,) = one.stream.unsubscribe([TICKER], TICKET)
    assert json.loads(frame) == {"id": 2, "do": "unsubscribe", "topic": "ticker.BTCUSDT"}
    assert one.stream.unsubscribe([TICKER], TICKET) == []
    assert one.say("done", id=2) == one.news(TICKER, {}) == []


def test_a_login_is_a_signed_request_and_its_answer_is_told() -> None:
    one = Told()
    (frame,) = one.stream.login(TICKET)
    said = json.loads(frame)
    assert (said["do"], said["as"]["x-paper-key"]) == ("login", "dummy")
    assert one.say("done", id=said["id"]) == [LoggedIn()]
    one.stream.login(TICKET)
    (refused,) = one.say("refused", id=2, error={"code": "bad_time", "message": ""})
    assert isinstance(refused, LoginRefused)
    assert refused.fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW


def test_without_a_key_nobody_logs_in() -> None:
    with pytest.raises(VenueError) as caught:
        PaperStream(Auth(None)).login(TICKET)
    assert (caught.value.kind, caught.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


def test_a_book_begins_whole_and_changes() -> None:
    one, row = Told(BOOK), {"bids": [["1", "2"]], "asks": [["3", "4"]], "sequence": 9, "time_ms": 1_800_000_000_000}
    (whole,) = one.news(BOOK, {"kind": "whole", **row})
    assert whole == Snapshot(BOOK, [["1", "2"]], [["3", "4"]], sequence=9, time=1_800_000_000_000)
    (change,) = one.news(BOOK, {"kind": "change", **row})
    assert isinstance(change, Delta)
    assert change.time == 1_800_000_000_000


def test_a_number_that_is_left_out_voids_everything_and_its_own_news() -> None:
    one = Told(BOOK, ORDERS)
    one.say("heartbeat")
    one.number += 1
    (gap,) = one.news(BOOK, {"kind": "change", "bids": [], "asks": [], "sequence": 9})
    assert gap == Gap((BOOK, ORDERS), "after frame 1 came 3")
    one.number += 1
    assert [type(event) for event in one.say("heartbeat")] == [Gap], "heartbeats tell what is missing before them"
    one.number += 1
    assert [type(event) for event in one.say("done", id=1)] == [Gap, Accepted], "an answer counts all the same"


def test_what_came_before_is_nothing() -> None:
    one = Told(TICKER)
    assert one.say("done", id=1) == [Accepted(TICKER)]
    assert one.again("ending") == []
    one.number = 0
    assert one.again("ending") == []


def test_markets_are_read_as_over_rest() -> None:
    one = Told(TICKER, TRADES, CANDLES)
    day = {"last": "2", "open": "1", "high": "3", "low": "1", "volume": "7", "time_ms": 60_000}
    (ticker,) = one.news(TICKER, day)
    assert isinstance(ticker, News)
    assert str(value_of(ticker).last) == "2"
    row = {"id": 4, "price": "2", "quantity": "1", "side": "buy", "time_ms": 60_000}
    (first, second) = one.news(TRADES, [row, {**row, "id": 5}])
    assert isinstance(first, News)
    assert isinstance(second, News)
    assert [first.key, second.key] == ["4", "5"]
    assert value_of(second).trade_id == "5"
    candle = {"opened_ms": 60_000, "open": "1", "high": "2", "low": "1", "close": "2", "volume": "3", "closed": True}
    (news,) = one.news(CANDLES, candle)
    assert isinstance(news, News)
    assert value_of(news).closed is True


def test_fills_come_before_the_order_that_they_fill() -> None:
    fill, order = owned(Told(ORDERS).news(ORDERS, {"orders": [ROW], "fills": [FILL]}))
    assert (fill.trade_id, order.venue_order_id) == ("5", "28457001")


def test_balances_are_told_by_currency() -> None:
    (balance,) = owned(Told(BALANCES).news(BALANCES, [{"currency": "BTC", "free": "1", "locked": "0"}]))
    assert balance.currency == "BTC"


@pytest.mark.parametrize(
    ("watch", "data"),
    [(ORDERS, {"orders": [{**ROW, "side": "sideways"}], "fills": []}), (ORDERS, []), (BALANCES, {}), (BALANCES, [{}])],
)
def test_what_cannot_be_read_of_the_account_is_asked_for(watch: Watch[Any], data: Any) -> None:
    assert Told(watch).news(watch, data) == [Unclear(watch)]


def test_an_end_is_announced_and_strange_kinds_say_nothing() -> None:
    one = Told()
    assert [type(event) for event in one.say("ending")] == [Ending]
    assert one.say("party") == one.say("news", topic="tea", data=[]) == []
    (refused,) = one.say("refused", id=None, error={"code": "bad_request", "message": "what?"})
    assert isinstance(refused, Refused)
    assert refused.watch is None


@pytest.mark.parametrize("frame", ["", "[]", "7", "{}", '{"number": "x"}', b"\xff"])
def test_what_is_no_frame_is_malformed(frame: str | bytes) -> None:
    with pytest.raises(VenueError) as caught:
        PaperStream(AUTH).receive(frame)
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


def test_only_the_accounts_line_logs_in() -> None:
    table = streams_of(AUTH)
    assert {watch.private for watch, _ in table if table[watch, BTC.product].line.login} == {True}
    assert {watch.private for watch, _ in table if not table[watch, BTC.product].line.login} == {False}
