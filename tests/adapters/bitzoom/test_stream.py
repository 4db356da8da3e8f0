"""One connection of Bitzoom: the worked frames of the sheet, one request a channel at a time, and what a push means."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from tests.adapters.binance.venue import STAMP
from tests.adapters.bitzoom.venue import BTC, ETH, LISTING, adapter
from unified.errors import Kind, Outcome, VenueError
from unified.feeds import Accepted, Event, Gap, LoggedIn, LoginRefused, News, Refused, Reply, Snapshot, Ticket, Unclear
from unified.instrument import Product
from unified.market_data import Interval
from unified.secret import Secret
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
)
from unified_bitzoom.auth import Bearer, Nobody, SignedKey
from unified_bitzoom.limits import LIMITS
from unified_bitzoom.stream import BitzoomStream, streams_of

TICKET = Ticket(stamp=STAMP)
TICKER, BOOK = "/api/v1/ticker/hr24", "/api/v1/depth"
ACCOUNT: dict[str, Any] = {"product": Product.LINEAR, "listing": LISTING}


def connection() -> BitzoomStream:
    return BitzoomStream(Nobody())


def line(channel: str, event: str, data: Any) -> str:
    return json.dumps({"channel": channel, "event": event, "data": data})


def asked(frames: Any) -> list[tuple[str, str, Any]]:
    said = [json.loads(frame) for frame in frames]
    return [(one["channel"], one["event"], one["data"]) for one in said]


def told(one: BitzoomStream, *lines: str) -> list[Event]:
    return list(one.receive("\n".join(lines)))


def begun(*watches: Watch[Any]) -> BitzoomStream:
    """All confirmed, under the ids s0, s1, ..."""
    one, number = connection(), 0
    frames = list(one.subscribe(watches, TICKET))
    while frames:
        (channel, event, _), *_ = asked([frames.pop(0)])
        if event == "sub":
            replies = told(one, line(channel, "sub", {f"s{number}": {}}))
            frames += [reply.frame for reply in replies if isinstance(reply, Reply)]
            number += 1
    return one


# --- subscriptions


def test_a_channel_is_asked_one_thing_at_a_time_and_its_answers_are_told_apart_so() -> None:
    one, btc, eth = connection(), WatchTicker(instrument=BTC), WatchTicker(instrument=ETH)
    book = WatchBook(instrument=BTC, depth=20)
    assert asked(one.subscribe([btc, eth, book], TICKET)) == [
        (TICKER, "sub", {"symbol": "BTCUSDT"}),
        (BOOK, "sub", {"symbol": "BTCUSDT", "limit": "20"}),
    ]
    first, reply = told(one, line(TICKER, "sub", {"abc123": {}}))
    assert first == Accepted(btc)
    assert isinstance(reply, Reply)
    assert asked([reply.frame]) == [(TICKER, "sub", {"symbol": "ETHUSDT"})]
    assert told(one, line(TICKER, "sub", {"abc123": {}})) == [], "a doubled answer is not that of the next request"
    assert told(one, line(TICKER, "sub", {"def456": {}})) == [Accepted(eth)]
    pushed = told(one, line(TICKER, "def456", {"symbol": "ETHUSDT"}), line(TICKER, "abc123", {"symbol": "BTCUSDT"}))
    assert [event.watch for event in pushed if isinstance(event, News)] == [eth, btc]
    assert told(one, line(TICKER, "nobodys", {"symbol": "BTCUSDT"})) == []


def test_an_end_is_asked_in_turn_and_a_new_beginning_waits_for_it() -> None:
    watch = WatchTicker(instrument=BTC)
    one = begun(watch)
    assert asked(one.unsubscribe([watch], TICKET)) == [(TICKER, "unsub", {"symbol": "BTCUSDT"})]
    assert told(one, line(TICKER, "s0", {"symbol": "BTCUSDT"})) == [], "what still comes is nobody's"
    assert one.subscribe([watch], TICKET) == []
    assert told(one, line(TICKER, "sub", {"s9": {}})) == [], "nothing of the kind was asked yet"
    (reply,) = told(one, line(TICKER, "unsub", "s0"))
    assert isinstance(reply, Reply)
    assert asked([reply.frame]) == [(TICKER, "sub", {"symbol": "BTCUSDT"})]
    assert told(one, line(TICKER, "sub", {"s0": {}})) == [Accepted(watch)], "the venue may give the same id again"


def test_an_id_that_ended_is_not_taken_for_that_of_another_subscription() -> None:
    btc, eth = WatchTicker(instrument=BTC), WatchTicker(instrument=ETH)
    one = begun(btc)
    one.unsubscribe([btc], TICKET)
    one.subscribe([eth], TICKET)
    told(one, line(TICKER, "unsub", "s0"))
    assert told(one, line(TICKER, "sub", {"s0": {}})) == []
    assert told(one, line(TICKER, "sub", {"s1": {}})) == [Accepted(eth)]


def test_what_was_not_asked_yet_or_not_confirmed_can_be_given_up() -> None:
    one, btc, eth = connection(), WatchTicker(instrument=BTC), WatchTicker(instrument=ETH)
    one.subscribe([btc, eth], TICKET)
    assert one.unsubscribe([eth], TICKET) == [], "it had not been asked for"
    assert asked(one.unsubscribe([btc], TICKET)) == [(TICKER, "unsub", {"symbol": "BTCUSDT"})]
    assert told(one, line(TICKER, "sub", {"late": {}})) == []
    assert told(one, line(TICKER, "unsub", "late")) == []
    assert asked(one.subscribe([eth], TICKET)) == [(TICKER, "sub", {"symbol": "ETHUSDT"})], "the channel is free again"


def test_two_watches_of_one_topic_share_it_and_the_second_is_accepted_with_the_next_answer() -> None:
    mark, funding = WatchMarkPrice(instrument=BTC), WatchFundingRate(instrument=BTC)
    one = begun(mark)
    ((channel, event, data),) = asked(one.subscribe([funding], TICKET))
    assert (channel, event, data) == ("/api/v1/exchangeinfo", "sub", {})
    assert told(one, line(channel, "sub", {"p": {}})) == [Accepted(funding)]
    row = {"symbol": "BTCUSDT", "markPrice": "1", "lastFundingRate": "0.1"}
    assert {event.watch for event in told(one, line("/api/v1/premiumindex", "s0", row)) if isinstance(event, News)} == {
        mark,
        funding,
    }
    assert one.unsubscribe([mark], TICKET) == []


def test_a_refusal_is_that_of_the_request_on_its_way() -> None:
    one, btc, eth = connection(), WatchTicker(instrument=BTC), WatchTicker(instrument=ETH)
    one.subscribe([btc, eth], TICKET)
    refused, reply = told(one, line(TICKER, "error", {}))
    assert isinstance(refused, Refused)
    assert (refused.watch, refused.fault.kind) == (btc, Kind.SUBSCRIPTION_REJECTED)
    assert isinstance(reply, Reply)
    assert told(one, line(TICKER, "sub", {"s1": {}})) == [Accepted(eth)]
    coded, *_ = told(begun(), line("", "error", {"code": -3006, "msg": "Connection limit"}))
    assert isinstance(coded, Refused)
    assert (coded.watch, coded.fault.kind) == (None, Kind.TOO_MANY_STREAMS)


def test_an_error_that_nobody_asked_for_makes_what_the_channel_brings_begin_anew() -> None:
    watch = WatchBook(instrument=BTC, depth=5)
    (gap,) = told(begun(watch), line(BOOK, "error", {}))
    assert isinstance(gap, Gap)
    assert gap.watches == (watch,)


def test_an_end_that_is_refused_is_an_end() -> None:
    watch = WatchTicker(instrument=BTC)
    one = begun(watch)
    one.unsubscribe([watch], TICKET)
    assert told(one, line(TICKER, "error", {})) == []
    assert asked(one.subscribe([watch], TICKET)) == [(TICKER, "sub", {"symbol": "BTCUSDT"})]


def test_pings_are_a_subscription_and_its_end_by_turns() -> None:
    one = connection()
    assert [event for _, event, _ in asked([one.ping(), one.ping(), one.ping()])] == ["sub", "unsub", "sub"]
    for event, data in (("sub", {"p": {}}), ("p", {"symbols": []}), ("unsub", "p"), ("error", {})):
        assert told(one, line("/api/v1/exchangeinfo", event, data)) == []


@pytest.mark.parametrize("frame", ["{", "[]", "7", '{"channel":"x"}', b"\xff", '{"channel":"/x","event":"y"}\n{'])
def test_a_line_that_is_no_message_is_malformed(frame: str | bytes) -> None:
    with pytest.raises(VenueError) as raised:
        list(connection().receive(frame))
    assert raised.value.kind is Kind.MALFORMED_RESPONSE


def test_empty_lines_say_nothing() -> None:
    assert list(connection().receive("\n\n")) == []


# --- pushes


def test_each_depth_push_is_the_whole_book() -> None:
    watch = WatchBook(instrument=BTC, depth=5)
    one = begun(watch)
    (book,) = told(one, line(BOOK, "s0", {"bids": [["1", "2"]], "asks": [{"price": "3", "amount": "4"}]}))
    assert book == Snapshot(watch, [["1", "2"]], [("3", "4")])
    with pytest.raises(VenueError):
        told(one, line(BOOK, "s0", {"symbol": "ETHUSDT", "bids": [], "asks": []}))


# --- the account


ORDERS, POSITIONS, BALANCE = "/api/v1/openorders", "/api/v1/positionrisk", "/api/v1/balance"


def test_a_push_of_the_account_that_is_not_as_the_last_means_that_something_changed() -> None:
    executions = WatchExecutions(**ACCOUNT)
    one = begun(executions)
    orders = line(ORDERS, "s0", [{"order_id": 1}])
    assert told(one, orders) == [Unclear(executions)]
    assert told(one, orders) == []
    assert told(one, line(ORDERS, "s0", [])) == [Unclear(executions)]


def test_positions_count_by_their_size_where_that_can_be_told() -> None:
    positions = WatchPositions(**ACCOUNT)
    one = begun(positions)
    row = {"symbol": "BTCUSDT", "positionSide": "LONG", "positionAmt": "1", "unrealizedProfit": "5"}
    assert told(one, line(POSITIONS, "s0", [row])) == [Unclear(positions)]
    assert told(one, line(POSITIONS, "s0", [{**row, "unrealizedProfit": "6"}])) == []
    assert told(one, line(POSITIONS, "s0", [{**row, "positionAmt": "2"}])) == [Unclear(positions)]
    assert told(one, line(POSITIONS, "s0", {"rows": 1})) == [Unclear(positions)]
    assert told(one, line(POSITIONS, "s0", {"rows": 2})) == [Unclear(positions)]


def test_who_watches_balances_hears_of_all_and_who_watches_orders_of_totals() -> None:
    executions, balances = WatchExecutions(**ACCOUNT), WatchBalances(**ACCOUNT)
    one = begun(executions, balances)
    row = {"asset": "USDT", "balance": "100", "availableBalance": "50"}
    assert told(one, line(BALANCE, "s2", [row])) == [Unclear(executions), Unclear(balances)]
    assert told(one, line(BALANCE, "s2", [{**row, "availableBalance": "40"}])) == [Unclear(balances)]
    assert told(one, line(BALANCE, "s2", [{**row, "balance": "99"}])) == [Unclear(executions), Unclear(balances)]
    one.unsubscribe([executions], TICKET)
    assert told(one, line(BALANCE, "s2", [row])) == [Unclear(balances)]


def test_orders_are_watched_once_all_of_their_channels_are_confirmed() -> None:
    one, executions = connection(), WatchExecutions(**ACCOUNT)
    assert len(one.subscribe([executions], TICKET)) == 3
    assert told(one, line(ORDERS, "sub", {"a": {}})) == []
    assert told(one, line(POSITIONS, "sub", {"b": {}})) == []
    assert told(one, line(BALANCE, "sub", {"c": {}})) == [Accepted(executions)]


def test_the_logon_is_that_of_the_published_vector() -> None:
    one = BitzoomStream(SignedKey("demo_key", Secret("demo_secret_7f3b9c2d")))
    stamp = evolve(STAMP, time_ms=1712345678904, window_ms=5000, token="nonce-ws-004")
    ((channel, event, data),) = asked(one.login(Ticket(stamp=stamp)))
    assert (channel, event) == ("logon", "sub")
    assert data == {
        "apiKey": "demo_key",
        "timestamp": 1712345678904,
        "nonce": "nonce-ws-004",
        "recvWindow": "5000",
        "signature": "bf722fcb6a09c94e9edd249d09f22be0ca5870f5de13b9eee2ac59de2fb8a8f4",
    }


def test_a_token_logs_on_without_a_signature_and_nobody_does_not_at_all() -> None:
    ((_, _, data),) = asked(BitzoomStream(Bearer(Secret("a-dummy-token"))).login(TICKET))
    assert data == {"token": "a-dummy-token"}
    with pytest.raises(VenueError) as raised:
        connection().login(TICKET)
    assert raised.value.outcome is Outcome.NOT_SENT


def test_the_logon_is_answered_by_success_or_error() -> None:
    one = connection()
    assert told(one, line("logon", "success", {})) == [LoggedIn()]
    (refused,) = told(one, line("logon", "error", {}))
    assert isinstance(refused, LoginRefused)
    assert refused.fault.kind is Kind.BAD_CREDENTIALS
    (late,) = told(one, line("logon", "error", {"code": -1021}))
    assert isinstance(late, LoginRefused)
    assert late.fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW
    assert told(one, line("logon", "sub", {})) == []


# --- the table

STREAMS = streams_of(Nobody())


def test_every_line_has_a_host_of_both_environments_and_costs_what_the_limits_hold() -> None:
    buckets = {limit.bucket for limit in LIMITS}
    for environment in ("production", "testnet"):
        hosts = adapter(environment).environment.streams
        for watch, feed in ((watch, feed) for (watch, _), feed in STREAMS.items()):
            assert hosts[feed.line.name].base.startswith("wss://")
            assert {charge.bucket for charge in (*feed.line.connect, *feed.line.frame)} <= buckets
            assert (feed.line.login, feed.line.path(None)) == (watch.private, "/ws")


def test_depths_are_those_of_the_papers() -> None:
    fit = STREAMS[WatchBook, Product.LINEAR].fit
    fitted = [fit(WatchBook(instrument=BTC, depth=depth)) for depth in (1, 6, 20)]
    assert [watch.depth for watch in fitted if isinstance(watch, WatchBook)] == [5, 10, 20]
    with pytest.raises(VenueError, match="20 levels a side at most") as raised:
        fit(WatchBook(instrument=BTC, depth=21))
    assert (raised.value.kind, raised.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)


def test_there_are_no_candles_of_a_second() -> None:
    fit = STREAMS[WatchCandles, Product.LINEAR].fit
    assert fit(WatchCandles(instrument=BTC)) == WatchCandles(instrument=BTC)
    with pytest.raises(VenueError, match="the shortest is 1m"):
        fit(WatchCandles(instrument=BTC, interval=Interval.S1))
