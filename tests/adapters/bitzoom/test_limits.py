from __future__ import annotations

from decimal import Decimal

from tests.adapters.bitzoom.venue import BTC, charged
from unified.adapter import RollingWindow, TokenBucket
from unified.errors import Scope
from unified.instrument import Product
from unified.operations import FetchBalances, FetchTicker, PlaceOrder
from unified.order import Side
from unified_bitzoom.limits import LIMITS


def test_unsaid_windows_are_sliding_and_count_by_address() -> None:
    rules = {limit.bucket: limit.rule for limit in LIMITS if not limit.bucket.startswith("stream")}
    counts = {"public": 10, "private": 5, "orders": 10}
    assert rules == {bucket: RollingWindow(limit=count, period=1) for bucket, count in counts.items()}
    assert {limit.scope for limit in LIMITS} == {Scope.IP, Scope.CONNECTION}


def test_streams_take_ten_frames_a_second_and_few_new_connections() -> None:
    rules = {limit.bucket: (limit.scope, limit.rule) for limit in LIMITS}
    assert rules["stream_frames"] == (Scope.CONNECTION, RollingWindow(limit=10, period=1))
    assert rules["stream_connects"] == (Scope.IP, TokenBucket(rate=0.5, burst=5))


def test_an_order_counts_among_the_private_calls_too() -> None:
    order = PlaceOrder(instrument=BTC, side=Side.BUY, quantity=Decimal(1), price=Decimal(1))
    assert charged(order) == {"private": 1, "orders": 1}
    assert charged(FetchBalances(product=Product.LINEAR)) == {"private": 1}
    assert charged(FetchTicker(instrument=BTC)) == {"public": 1}
