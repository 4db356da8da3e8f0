"""What anybody may ask the simulated Paper: time, listing, prices. Changes nothing."""

from __future__ import annotations

from typing import Any

from unified.market_data import Interval
from unified.sandbox.dialect import RequestClass
from unified_paper.sandbox_calls import Call, Endpoint, Table
from unified_paper.sandbox_rows import candle_row, instrument_row, level_rows, ticker_row, trade_row

_NEWEST = 10_000


def time(call: Call) -> Any:
    return {"time_us": call.engine.now_us}


def status(_call: Call) -> Any:
    return {"status": "online"}


def instruments(call: Call) -> Any:
    return {"instruments": [instrument_row(item) for item in call.engine.instruments]}


def ticker(call: Call) -> Any:
    return ticker_row(call.engine, call.instrument())


def tickers(call: Call) -> Any:
    return {"tickers": [ticker_row(call.engine, item) for item in call.engine.instruments]}


def book(call: Call) -> Any:
    shown = call.engine.book(call.instrument(), int(call.fields.get("depth", "100")))
    return {
        "bids": level_rows(shown.bids),
        "asks": level_rows(shown.asks),
        "sequence": shown.sequence,
        "time_ms": call.engine.now_us // 1000,
    }


def trades(call: Call) -> Any:
    """The newest ones before the id that is named, oldest first."""
    before = int(call.fields.get("before", 2**62))
    found = [trade_row(trade) for trade in call.engine.trades(call.instrument(), _NEWEST) if trade.trade_id < before]
    return {"trades": found[-int(call.fields["limit"]) :]}


def candles(call: Call) -> Any:
    """The first of a span that has a start, else the last."""
    start, end = (call.fields.get(name) for name in ("start_ms", "end_ms"))
    found = call.engine.candles(
        call.instrument(),
        Interval(call.fields["interval"]),
        start_us=None if start is None else int(start) * 1000,
        end_us=None if end is None else int(end) * 1000,
    )
    limit = int(call.fields["limit"])
    chosen = found[-limit:] if start is None else found[:limit]
    return {"candles": [candle_row(candle, call.engine.now_us) for candle in chosen]}


PUBLIC: Table = {
    ("GET", "/time"): Endpoint(answer=time, kind=RequestClass.TIME, signed=False),
    **{
        ("GET", f"/{answer.__name__}"): Endpoint(answer=answer, signed=False)
        for answer in (status, instruments, ticker, tickers, book, trades, candles)
    },
}
