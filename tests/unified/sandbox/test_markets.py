from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from tests.unified.sandbox.rig import BTC, PERP, Rig
from unified.instrument import Product
from unified.market_data import Interval
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.tape import MINUTE_US


def test_a_book_is_as_deep_as_was_asked_and_counts_on() -> None:
    rig = Rig()
    before = rig.engine.book(BTC, 5)
    assert [len(side) for side in (before.bids, before.asks)] == [5, 5]
    assert before.bids[0].price < before.asks[0].price
    rig.wait(60)
    after = rig.engine.book(BTC, 5)
    assert after.sequence > before.sequence
    assert after.time_us == before.time_us + 60_000_000


def test_the_ticker_agrees_with_book_and_trades() -> None:
    rig = Rig()
    rig.wait(300)
    book, ticker, trades = rig.engine.book(BTC, 1), rig.engine.ticker(BTC), rig.engine.trades(BTC, 10)
    assert (ticker.bid, ticker.ask) == (book.bids[0].price, book.asks[0].price)
    assert len(trades) == 10
    assert (ticker.last, ticker.last_quantity) == (trades[-1].price, trades[-1].quantity)
    assert ticker.low <= ticker.last <= ticker.high
    assert ticker.change_fraction == (ticker.last - ticker.open) / ticker.open
    assert rig.engine.trades(BTC, 0) == ()


def test_minutes_follow_each_other_up_to_now() -> None:
    rig = Rig()
    rig.wait(300)
    minutes = rig.engine.candles(BTC, Interval.M1, start_us=rig.engine.now_us - 10 * MINUTE_US)
    assert {later.opened_us - earlier.opened_us for earlier, later in pairwise(minutes)} == {MINUTE_US}
    assert minutes[-1].close == rig.engine.ticker(BTC).last


def test_a_day_of_history_is_there_from_the_start() -> None:
    assert len(Rig().engine.candles(BTC, Interval.H1)) >= 24


def test_funding_tells_its_rate_and_next_time() -> None:
    rig = Rig()
    funding = rig.engine.funding(PERP)
    assert (funding.rate, funding.mark_price) == (Decimal("0.0001"), Decimal(60_000))
    assert funding.next_us == rig.engine.now_us + funding.interval_s * 1_000_000


def test_instruments_are_told_apart_by_product() -> None:
    engine = Rig().engine
    assert engine.instruments == (BTC, PERP)
    assert engine.instrument(Product.LINEAR, "BTCUSDT") is PERP


def test_an_unknown_symbol_is_refused() -> None:
    with pytest.raises(EngineRefusal) as caught:
        Rig().engine.instrument(Product.SPOT, "NONE")
    assert caught.value.reason is Reason.UNKNOWN_INSTRUMENT
