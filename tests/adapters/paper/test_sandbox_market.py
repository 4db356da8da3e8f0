"""Public questions to the simulated Paper, answered from its engine."""

from __future__ import annotations

import pytest

from tests.adapters.paper.sandbox_rig import Rig
from unified.instrument import Product
from unified_paper import sandbox_market


def test_a_book_is_as_deep_as_it_was_asked_for() -> None:
    rig = Rig()
    shown = sandbox_market.book(rig.call(symbol="BTCUSDT", depth="3"))
    held = rig.dialect.engine.book(rig.dialect.engine.instrument(Product.SPOT, "BTCUSDT"), 3)
    assert [len(shown["bids"]), len(shown["asks"]), shown["sequence"]] == [3, 3, held.sequence]


def test_candles_begin_at_the_start_of_a_span_and_else_end_now() -> None:
    rig = Rig()
    rig.wait(5)
    asked = {"symbol": "BTCUSDT", "interval": "1m", "limit": "2"}
    newest = sandbox_market.candles(rig.call(**asked))["candles"]
    assert [row["closed"] for row in newest] == [True, False]
    start = newest[0]["opened_ms"] - 10 * 60_000
    first = sandbox_market.candles(rig.call(**asked, start_ms=str(start)))["candles"]
    assert [row["opened_ms"] for row in first] == [start, start + 60_000]


def test_trades_go_back_from_an_id() -> None:
    rig = Rig()
    rig.wait(60)
    newest = sandbox_market.trades(rig.call(symbol="BTCUSDT", limit="2"))["trades"]
    before = sandbox_market.trades(rig.call(symbol="BTCUSDT", limit="2", before=str(newest[0]["id"])))["trades"]
    assert before[-1]["id"] < newest[0]["id"] < newest[1]["id"]


@pytest.mark.parametrize("path", ["/time", "/status", "/instruments", "/tickers", "/ticker"])
def test_whoever_asks_needs_no_key(path: str) -> None:
    found = sandbox_market.PUBLIC["GET", path]
    assert not found.signed
    assert found.answer(Rig().call(symbol="BTCUSDT"))
