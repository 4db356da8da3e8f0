from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.binance.venue import LINEAR, SPOT, adapter, build, charged, parse, refused, sent
from unified.adapter import Endpoint, Stamp
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product
from unified.market_data import Candle, Interval
from unified.operations import FetchCandles, FetchTrades
from unified.order import Side
from unified.wire import milliseconds

START = datetime(2025, 11, 20, tzinfo=UTC)
START_MS = milliseconds(START)


def trade(id_: int, *, maker_bought: bool = True) -> dict[str, Any]:
    row = {"id": id_, "price": "61120.00", "qty": "0.010", "quoteQty": "611.20", "time": 1763680000123}
    return {**row, "isBuyerMaker": maker_bought}


# --- trades


@pytest.mark.parametrize(
    ("asked", "path", "charges"),
    [
        pytest.param(SPOT, "GET /api/v3/trades", {"weight_spot": 25, "raw_spot": 1}, id="spot"),
        pytest.param(LINEAR, "GET /fapi/v1/trades", {"weight_linear": 5}, id="USD-M"),
    ],
)
def test_the_newest_trades_are_public(asked: Any, path: str, charges: dict[str, float]) -> None:
    operation = FetchTrades(instrument=asked)
    assert sent(operation) == (path, {"symbol": "BTCUSDT", "limit": "1000"})
    assert charged(operation) == charges
    assert sent(FetchTrades(instrument=asked, limit=5000))[1]["limit"] == "1000"


def test_a_trade_names_the_takers_side() -> None:
    bought, sold = parse(FetchTrades(instrument=SPOT), [trade(8, maker_bought=False), trade(9)]).items
    assert (bought.side, sold.side) == (Side.BUY, Side.SELL)
    assert (sold.trade_id, sold.price, sold.quantity) == ("9", Decimal("61120.00"), Decimal("0.010"))
    assert sold.time == datetime(2025, 11, 20, 23, 6, 40, 123000, UTC)


@pytest.mark.parametrize(
    ("asked", "path", "weight"),
    [
        pytest.param(SPOT, "GET /api/v3/historicalTrades", {"weight_spot": 25, "raw_spot": 1}, id="spot"),
        pytest.param(LINEAR, "GET /fapi/v1/historicalTrades", {"weight_linear": 20}, id="USD-M"),
    ],
)
def test_older_trades_are_those_before_the_first_that_was_seen(asked: Any, path: str, weight: dict[str, float]) -> None:
    cursor = parse(FetchTrades(instrument=asked, limit=2), [trade(108), trade(109)]).cursor
    older = FetchTrades(instrument=asked, limit=2, cursor=cursor)
    assert sent(older) == (path, {"symbol": "BTCUSDT", "limit": "2", "fromId": "106"})
    assert charged(older) == weight
    page = parse(older, [trade(106), trade(107)])
    assert ([one.trade_id for one in page.items], page.cursor) == (["106", "107"], "106")


def test_older_linear_trades_name_the_key_and_sign_nothing() -> None:
    request = build(FetchTrades(instrument=LINEAR, cursor="600"))
    assert "X-MBX-APIKEY" in request.headers
    assert "signature" not in request.query
    how = adapter(with_key=False).endpoints[FetchTrades, Product.LINEAR]
    assert isinstance(how, Endpoint)
    with pytest.raises(VenueError) as raised:
        how.build(FetchTrades(instrument=LINEAR, cursor="600"), Stamp(time_ms=0, window_ms=0, nonce=0, token=""))
    assert (raised.value.kind, raised.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)


@pytest.mark.parametrize("cursor", ["x", "-5", "9" * 50], ids=["no number", "negative", "too long"])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    assert refused(FetchTrades(instrument=SPOT, cursor=cursor)).outcome is Outcome.NOT_SENT


@given(ids=st.sets(st.integers(0, 60), min_size=1).map(sorted), limit=st.integers(1, 9))
def test_walking_back_sees_every_trade_once_also_where_ids_are_left_out(ids: list[int], limit: int) -> None:
    page = parse(FetchTrades(instrument=SPOT, limit=limit), [trade(id_) for id_ in ids[-limit:]])
    seen = [int(one.trade_id) for one in page.items]
    while page.cursor is not None:
        older = FetchTrades(instrument=SPOT, limit=limit, cursor=page.cursor)
        asked = sent(older)[1]
        rows = [trade(id_) for id_ in ids if id_ >= int(asked["fromId"])][: int(asked["limit"])]
        page = parse(older, rows)
        seen = [int(one.trade_id) for one in page.items] + seen
    assert seen == ids


# --- candles


def candle(opened_ms: int) -> list[Any]:
    row = [opened_ms, "61000.0", "61200.0", "60950.0", "61120.0", "148.97", opened_ms + 59_999, "9105213.1"]
    return [*row, 3080, "70.1", "4284000.2", "0"]


def candles(**terms: Any) -> FetchCandles:
    return FetchCandles(**{"instrument": SPOT, **terms})


def test_candles_are_asked_for_by_the_time_of_opening_without_the_end() -> None:
    operation = candles(interval=Interval.MONTH, start=START, end=START + timedelta(days=1), limit=10)
    assert sent(operation) == (
        "GET /api/v3/klines",
        {
            "symbol": "BTCUSDT",
            "interval": "1M",
            "limit": "10",
            "startTime": str(START_MS),
            "endTime": str(START_MS + 86_400_000 - 1),
        },
    )


def test_without_a_start_the_newest_candles_come_and_no_page_follows() -> None:
    assert sent(candles())[1] == {"symbol": "BTCUSDT", "interval": "1m", "limit": "1000"}
    assert parse(candles(limit=1), [candle(START_MS)]).cursor is None


def test_a_full_page_leads_to_the_candle_after_its_last() -> None:
    page = parse(candles(start=START, limit=2), [candle(START_MS), candle(START_MS + 60_000)])
    assert page.cursor == str(START_MS + 60_001)
    assert sent(candles(start=START, limit=2, cursor=page.cursor))[1]["startTime"] == page.cursor
    assert parse(candles(start=START, limit=2, cursor=page.cursor), [candle(START_MS + 120_000)]).cursor is None


def test_only_spot_has_candles_of_a_second() -> None:
    assert sent(candles(interval=Interval.S1))[1]["interval"] == "1s"
    assert refused(candles(instrument=LINEAR, interval=Interval.S1)).kind is Kind.NOT_SUPPORTED


def test_a_candle_keeps_the_venues_digits() -> None:
    (read,) = parse(candles(), [candle(START_MS)]).items
    assert read == Candle(
        instrument=SPOT,
        interval=Interval.M1,
        opened_at=START,
        open=Decimal("61000.0"),
        high=Decimal("61200.0"),
        low=Decimal("60950.0"),
        close=Decimal("61120.0"),
        volume=Decimal("148.97"),
        quote_volume=Decimal("9105213.1"),
    )


@pytest.mark.parametrize("row", [[], [1, "2"], {}, None, ["x"] * 12], ids=["empty", "short", "object", "null", "words"])
def test_a_row_that_is_no_candle_is_malformed(row: object) -> None:
    with pytest.raises(VenueError) as raised:
        parse(candles(), [row])
    assert raised.value.kind is Kind.MALFORMED_RESPONSE
