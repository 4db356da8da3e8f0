from __future__ import annotations

from decimal import Decimal

from tests.unified.sandbox.rig import BTC, Rig


def test_the_ladder_is_whole_at_every_step() -> None:
    rig = Rig()
    for _ in range(50):
        rig.wait(0.5)
        book = rig.engine.book(BTC, 20)
        mark = rig.engine.market(BTC).mark
        assert len(book.bids) >= 15
        assert len(book.asks) >= 15
        assert book.bids[0].price < mark < book.asks[0].price


def test_background_prices_and_quantities_keep_the_instruments_rules() -> None:
    rig = Rig()
    rig.wait(60)
    book = rig.engine.book(BTC, 20)
    for level in (*book.bids, *book.asks):
        assert level.price % BTC.tick_size == 0
        assert level.quantity % BTC.lot_size == 0


def test_the_path_walks_and_trades() -> None:
    rig = Rig()
    rig.wait(600)
    assert rig.engine.market(BTC).mark != 60_000
    assert len(rig.engine.trades(BTC, 1000)) > 100


def test_a_jump_takes_what_lies_in_its_way_and_prints_a_trade_beyond_it() -> None:
    rig = Rig()
    order = rig.place("sell", "0.1", "61000")
    rig.engine.move_price(BTC, Decimal(62_000))
    assert order.filled_quantity == Decimal("0.1")
    assert {fill.price for fill in rig.client.fills} == {Decimal(61_000)}
    assert abs(rig.engine.ticker(BTC).last - 62_000) < 50
