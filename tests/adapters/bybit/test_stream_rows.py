from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.adapters.bybit.test_stream import LINEAR, SPOT
from unified.watches import WatchFundingRate, WatchMarkPrice
from unified.wire import sent_ms
from unified_bybit.stream_rows import best_of, read_funding, read_mark, told_order, told_position

ORDER: dict[str, Any] = {
    "orderId": "1",
    "orderLinkId": "",
    "side": "Buy",
    "orderStatus": "Filled",
    "orderType": "Market",
    "qty": "600",
    "cumExecQty": "0.01",
    "avgPrice": "60000",
}


def test_a_market_order_that_does_not_say_what_it_counts_tells_no_quantity() -> None:
    unclear = told_order(SPOT, ORDER)
    assert (unclear.quantity, unclear.quote_quantity) == (None, None)
    assert told_order(SPOT, {**ORDER, "marketUnit": "quoteCoin"}).quote_quantity == 600
    assert told_order(SPOT, {**ORDER, "marketUnit": "baseCoin"}).quantity == 600
    assert told_order(LINEAR, ORDER).quantity == 600


def test_positions_have_their_entry_price_under_another_name() -> None:
    row = {"side": "Sell", "size": "2", "entryPrice": "60000", "positionIdx": 0, "updatedTime": "1"}
    position = told_position(LINEAR, row)
    assert (position.quantity, position.entry_price) == (Decimal(-2), Decimal(60000))


def test_a_ticker_tells_marks_and_funding() -> None:
    row = {"markPrice": "5", "indexPrice": "4", "fundingRate": "0.0001", "nextFundingTime": "28800000", "ts": 1}
    assert read_mark(WatchMarkPrice(instrument=LINEAR), row).mark_price == 5
    funding = read_funding(WatchFundingRate(instrument=LINEAR), row)
    assert (funding.rate, funding.next_time) == (Decimal("0.0001"), sent_ms(28_800_000))
    assert best_of({"b": [], "a": [["1", "2"]]}) == {"bid1Price": "", "bid1Size": "", "ask1Price": "1", "ask1Size": "2"}
