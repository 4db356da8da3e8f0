"""What is said of an account's changes, row by row; how they reach a client test_sandbox_stream shows."""

from __future__ import annotations

from decimal import Decimal

from tests.adapters.binance.sandbox_rig import Rig
from unified.instrument import Product
from unified.order import OrderType, Side
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.streams import AccountFeed
from unified_binance.sandbox_stream_rows import PositionFeed, algo_update, order_update

WORDS = {"type": "LIMIT", "tif": "GTC", "stp": "EXPIRE_MAKER"}


def changes_of(product: Product, price: str) -> tuple[Rig, AccountFeed, VenueOrder]:
    rig = Rig()
    engine = rig.dialect.engine
    account = engine.accounts["hmac"]
    feed = AccountFeed(account)
    asked = NewOrder(
        instrument=engine.instrument(product, "BTCUSDT"),
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=Decimal("0.01"),
        price=Decimal(price),
        client_order_id="a-1",
        words=WORDS,
    )
    return rig, feed, engine.place(account, asked)


def test_an_order_is_told_from_its_begin_to_its_end() -> None:
    rig, feed, order = changes_of(Product.LINEAR, "50000")
    positions = PositionFeed(rig.dialect.engine.accounts["hmac"])
    rig.dialect.engine.cancel(rig.dialect.engine.accounts["hmac"], order)
    rows = [row["o"] for change in feed.new() for row in order_update(change, 5)]
    assert [(row["x"], row["X"], row["t"]) for row in rows] == [("NEW", "NEW", 0), ("CANCELED", "CANCELED", 0)]
    assert positions.new() == []


def test_only_conditional_orders_are_told_as_such() -> None:
    _, feed, _ = changes_of(Product.LINEAR, "50000")
    assert [list(algo_update(change, 5)) for change in feed.new()] == [[]]
