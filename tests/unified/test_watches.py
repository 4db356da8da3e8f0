from __future__ import annotations

from tests.toy import BTC
from unified.instrument import Instruments, Product
from unified.watches import WatchBalances, WatchBook, WatchExecutions, WatchTicker


def test_equal_watches_share_a_subscription_and_others_do_not() -> None:
    assert WatchBook(instrument=BTC, depth=5) == WatchBook(instrument=BTC, depth=5)
    assert hash(WatchBook(instrument=BTC, depth=5)) == hash(WatchBook(instrument=BTC, depth=5))
    assert WatchBook(instrument=BTC, depth=5) != WatchBook(instrument=BTC, depth=6)
    assert len({WatchBook(instrument=BTC), WatchTicker(instrument=BTC)}) == 2


def test_a_watch_of_an_account_is_private_and_does_not_depend_on_the_age_of_the_listing() -> None:
    one = WatchExecutions(product=Product.SPOT, listing=Instruments([BTC]))
    assert one == WatchExecutions(product=Product.SPOT, listing=Instruments())
    assert one.private
    assert not WatchTicker(instrument=BTC).private
    assert len({one, WatchBalances(product=Product.SPOT, listing=Instruments())}) == 2


def test_a_watch_says_what_it_is_about() -> None:
    assert WatchTicker(instrument=BTC).about == "BTC/USDT"
    assert WatchTicker(instrument=BTC).product is Product.SPOT
    assert WatchBalances(product=Product.LINEAR, listing=Instruments()).about == "linear"
