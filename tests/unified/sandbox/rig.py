"""An engine on a clock that tests set by hand, with one spot market and one perpetual."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.instrument import Instrument, Product
from unified.order import OrderType, Side
from unified.sandbox.clock import VenueClock
from unified.sandbox.engine import Engine
from unified.sandbox.listing import EngineRules, Listing
from unified.sandbox.orders import NewOrder, VenueOrder

BTC = Instrument(
    symbol="BTCUSDT",
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.0001"),
    min_quantity=Decimal("0.0002"),
    max_quantity=Decimal(50),
    min_notional=Decimal(10),
    max_notional=Decimal(2_000_000),
    quote_step=Decimal("0.01"),
    min_price=Decimal(1),
)
PERP = Instrument(
    symbol="BTCUSDT",
    product=Product.LINEAR,
    base="BTC",
    quote="USDT",
    settle="USDT",
    tick_size=Decimal("0.1"),
    lot_size=Decimal("0.001"),
)
LISTINGS: Mapping[Product, Listing] = {
    Product.SPOT: Listing(instrument=BTC, price=Decimal(60_000), max_open_orders=3),
    Product.LINEAR: Listing(
        instrument=PERP,
        price=Decimal(60_000),
        max_position=Decimal(5),
        max_leverage=Decimal(50),
        funding_interval_s=900,
    ),
}


class Rig:
    """An engine with the account `client`: 1 000 000 USDT and 10 BTC on spot, 100 000 USDT as margin."""

    def __init__(self, rules: EngineRules | None = None, seed: int = 0) -> None:
        self.seconds = 0.0
        self.clock = VenueClock(lambda: self.seconds)
        self.engine = Engine(LISTINGS.values(), clock=self.clock, rules=rules, seed=seed)
        spot = {"USDT": Decimal(1_000_000), "BTC": Decimal(10)}
        self.client = self.engine.open_account("client", spot=spot, margin={"USDT": Decimal(100_000)})

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.engine.advance(self.clock.true_us())

    def place(self, side: str = "buy", quantity: str | None = "1", price: str | None = None, **more: Any) -> VenueOrder:
        return self.engine.place(self.client, ask(side, quantity, price, **more))


def ask(side: str = "buy", quantity: str | None = "1", price: str | None = None, **more: Any) -> NewOrder:
    """An order in the spot market unless `instrument` says otherwise: limit where there is a price, else market."""
    more.setdefault("instrument", BTC)
    more.setdefault("order_type", OrderType.MARKET if price is None else OrderType.LIMIT)
    return NewOrder(
        side=Side(side),
        quantity=None if quantity is None else Decimal(quantity),
        price=None if price is None else Decimal(price),
        **more,
    )
