from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unified.sandbox.rig import BTC, Rig
from unified.sandbox.streams import AccountFeed, BookFeed, Happening, Talk, TradeFeed, WalletFeed


def applied(told: dict[Decimal, Decimal], changes: tuple[tuple[Decimal, Decimal], ...]) -> dict[Decimal, Decimal]:
    merged = {**told, **dict(changes)}
    return {price: quantity for price, quantity in merged.items() if quantity}


def test_changes_of_a_book_lead_from_each_state_to_the_next() -> None:
    rig = Rig()
    feed = BookFeed(rig.engine, BTC, 10)
    first = feed.snapshot()
    bids, asks, told = dict(first.bids), dict(first.asks), 0
    for _ in range(200):
        rig.wait(0.1)
        change = feed.change()
        if change is not None:
            told += 1
            bids, asks = applied(bids, change.bids), applied(asks, change.asks)
        now = rig.engine.book(BTC, 10)
        assert (bids, asks) == (dict(now.bids), dict(now.asks))
    assert told > 10
    assert feed.change() is None, "what was told is not told again"


def test_levels_that_only_fall_out_of_the_depth_can_be_left_out() -> None:
    rig = Rig()
    feed = BookFeed(rig.engine, BTC, 3)
    before = feed.snapshot()
    rig.place(price=str(before.bids[0].price + BTC.tick_size))
    change = feed.change(tell_fallen=False)
    assert change is not None
    assert [level.quantity for level in change.bids] == [Decimal(1)]
    assert change.previous == before.sequence


@pytest.mark.parametrize(("passing", "whole"), [(True, True), (False, False)])
def test_a_book_shown_between_two_frames_is_brought_to_the_next_one(passing: bool, whole: bool) -> None:
    """A level that comes after one frame and goes before the next is in the snapshot between them."""
    rig = Rig()
    feed = BookFeed(rig.engine, BTC, 1000, passing=passing)
    before = feed.snapshot()
    passes = rig.place(price=str(before.bids[-1].price - BTC.tick_size))
    between = rig.engine.book(BTC, 1000)
    rig.engine.cancel(rig.client, passes)
    rig.place(price=str(before.bids[-1].price - 2 * BTC.tick_size))
    change = feed.change()
    assert change is not None
    assert (applied(dict(between.bids), change.bids) == dict(rig.engine.book(BTC, 1000).bids)) is whole


def test_trades_come_once_and_in_order() -> None:
    rig = Rig()
    feed, seen = TradeFeed(rig.engine, BTC), list[int]()
    for _ in range(50):
        rig.wait(0.5)
        seen += [trade.trade_id for trade in feed.new()]
    assert seen
    assert seen == sorted(set(seen))


def test_an_account_tells_the_story_of_each_order() -> None:
    rig = Rig()
    feed, wallet = AccountFeed(rig.client), WalletFeed(rig.client.spot)
    assert (feed.new(), wallet.new()) == ([], [])
    resting = rig.place(price="50000", quantity="0.01")
    rig.place(quantity="0.02")
    changes = feed.new()
    assert [change.what for change in changes[:2]] == [Happening.PLACED, Happening.PLACED]
    filled = [change for change in changes if change.what is Happening.FILLED]
    assert filled[-1].filled_quantity == Decimal("0.02")
    assert changes[-1].what is Happening.ENDED
    assert set(wallet.new()) == {"BTC", "USDT"}
    rig.engine.amend(rig.client, resting, price=Decimal(50100), quantity=None)
    rig.engine.cancel(rig.client, resting)
    assert [change.what for change in feed.new()] == [Happening.AMENDED, Happening.ENDED]


class Mute(Talk):
    def receive(self, frame: str) -> list[str]:
        return []

    def pulse(self) -> list[str]:
        return []


def test_a_talk_says_nothing_that_its_venue_does_not() -> None:
    talk = Mute()
    assert (talk.opened(), talk.announced_end(), talk.spoiled("{}"), talk.wants_close()) == ([], [], None, None)
