"""What pushes say. No frame of the venue is recorded: these are the answers of REST, as its papers let one expect."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bitzoom.venue import BTC
from unified.errors import Kind, VenueError
from unified.feeds import News, value_of
from unified.market_data import Interval
from unified.order import Side
from unified.watches import (
    WatchBook,
    WatchCandles,
    WatchFundingRate,
    WatchMarkPrice,
    WatchTicker,
    WatchTrades,
)
from unified.wire import sent_ms
from unified_bitzoom.stream_rows import READERS, book_events, candle_events, trade_events

MINUTE_MS = 60_000


def values(watch: Any, data: Any, since_ms: int = 0) -> list[Any]:
    events = READERS[type(watch)](watch, data, since_ms)
    return [value_of(event) for event in events if isinstance(event, News)]


def trade(number: int, time: int) -> dict[str, Any]:
    return {"id": number, "price": "5", "qty": "1", "time": time, "isBuyerMaker": number % 2 == 0}


def test_trades_are_brought_in_their_order_and_none_of_before_the_subscription() -> None:
    watch = WatchTrades(instrument=BTC)
    found = values(watch, [trade(3, 30), trade(1, 10), trade(2, 20)], since_ms=20)
    assert [(one.trade_id, one.side) for one in found] == [("2", Side.SELL), ("3", Side.BUY)]
    assert [one.trade_id for one in values(watch, trade(7, 70))] == ["7"], "one alone"
    (event,) = trade_events(watch, [trade(4, 40)], 0)
    assert isinstance(event, News)
    assert event.key == "4", "it counts once"


def test_of_candles_the_newest_count_in_whichever_order_they_come() -> None:
    watch = WatchCandles(instrument=BTC, interval=Interval.M1)
    pushed = [[at * MINUTE_MS, "1", "4", "1", "3", "9"] for at in (3, 1, 2)]
    assert [one.opened_at.minute for one in values(watch, pushed)] == [2, 3]
    with pytest.raises(VenueError):
        candle_events(watch, [[]], 0)


def test_a_ticker_may_be_a_price_alone() -> None:
    (ticker,) = values(WatchTicker(instrument=BTC), {"symbol": "BTCUSDT", "price": "50000.00"})
    assert (ticker.last, ticker.bid) == (Decimal(50_000), None)


def test_one_push_tells_mark_and_funding() -> None:
    row = {"symbol": "BTCUSDT", "markPrice": "51000", "lastFundingRate": "0.0001", "nextFundingTime": 60_000, "time": 5}
    (mark,) = values(WatchMarkPrice(instrument=BTC), row)
    (funding,) = values(WatchFundingRate(instrument=BTC), [row])
    assert (mark.mark_price, mark.index_price, funding.rate) == (Decimal(51_000), None, Decimal("0.0001"))
    assert mark.time == funding.time == sent_ms(5)


def test_a_book_tells_its_time_where_it_has_one() -> None:
    (book,) = book_events(WatchBook(instrument=BTC), {"bids": [], "asks": [], "time": 60_000}, 0)
    assert sent_ms(getattr(book, "time", None)) == sent_ms("60000")


@pytest.mark.parametrize("watch", [WatchMarkPrice(instrument=BTC), WatchFundingRate(instrument=BTC)])
def test_a_push_of_another_symbol_is_not_believed(watch: Any) -> None:
    with pytest.raises(VenueError) as raised:
        values(watch, {"symbol": "ETHUSDT", "markPrice": "1", "lastFundingRate": "0"})
    assert raised.value.kind is Kind.MALFORMED_RESPONSE
