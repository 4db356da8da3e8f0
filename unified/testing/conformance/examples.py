"""Operations to try an adapter with: at least one of every kind that the library knows. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from unified.account import MarginMode, PositionMode
from unified.adapter import Procedure
from unified.instrument import Instrument, Instruments, Product
from unified.operations import (
    OPERATIONS,
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchCandles,
    FetchClosedOrders,
    FetchFills,
    FetchFundingRate,
    FetchInstruments,
    FetchKeyPermissions,
    FetchOpenOrders,
    FetchOrder,
    FetchPositions,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    FetchVenueStatus,
    InstrumentOperation,
    ListingOperation,
    Operation,
    PlaceBatch,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
    TestOrder,
)
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.order_ids import OrderIds
from unified.testing.conformance.subject import Subject, steps_of

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ENDS = (NOW, NOW - timedelta(days=60))
"""Of spans of an hour, a recent one and an old one: many venues keep what is old behind another door."""
ORDER_ID = "1234567890"

QUANTITY = Decimal("1.2345678901234567891")
PRICE = Decimal("61234.567890123456789")
"""More digits than a float holds: one that went through a float comes out changed."""


@frozen(kw_only=True)
class Scene:
    """What an example is made of."""

    instrument: Instrument
    listing: Instruments
    client_order_id: str

    @property
    def order(self) -> PlaceOrder:
        """A plain resting buy."""
        return PlaceOrder(
            instrument=self.instrument,
            side=Side.BUY,
            quantity=QUANTITY,
            price=PRICE,
            client_order_id=self.client_order_id,
        )

    @property
    def resting(self) -> Order:
        """The same order, as the venue has shown it."""
        return Order(
            instrument=self.instrument,
            venue_order_id=ORDER_ID,
            client_order_id=self.client_order_id,
            status=OrderStatus.NEW,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            quantity=QUANTITY,
            price=PRICE,
        )


def scene(subject: Subject, product: Product) -> Scene:
    """The scene of a product, with an id that the venue takes."""
    return Scene(
        instrument=subject.instrument(product),
        listing=subject.listing(product),
        client_order_id=OrderIds(1).next(subject.adapter.client_ids),
    )


def _of_product(kind: type[Operation[Any]]) -> Callable[[Scene], Iterator[Operation[Any]]]:
    def made(at: Scene) -> Iterator[Operation[Any]]:
        yield kind(product=at.instrument.product)

    return made


def _of_instrument(kind: type[InstrumentOperation[Any]]) -> Callable[[Scene], Iterator[Operation[Any]]]:
    def made(at: Scene) -> Iterator[Operation[Any]]:
        yield kind(instrument=at.instrument)

    return made


def _of_listing(kind: type[ListingOperation[Any]]) -> Callable[[Scene], Iterator[Operation[Any]]]:
    def made(at: Scene) -> Iterator[Operation[Any]]:
        yield kind(product=at.instrument.product, listing=at.listing)
        yield kind(product=at.instrument.product, listing=at.listing, instrument=at.instrument)

    return made


def _by_either_id(kind: type[FetchOrder | CancelOrder]) -> Callable[[Scene], Iterator[Operation[Any]]]:
    def made(at: Scene) -> Iterator[Operation[Any]]:
        yield kind(instrument=at.instrument, venue_order_id=ORDER_ID)
        yield kind(instrument=at.instrument, client_order_id=at.client_order_id)

    return made


def _trades(at: Scene) -> Iterator[Operation[Any]]:
    yield FetchTrades(instrument=at.instrument)
    yield FetchTrades(instrument=at.instrument, limit=5, cursor="17")


def _candles(at: Scene) -> Iterator[Operation[Any]]:
    yield FetchCandles(instrument=at.instrument)
    yield from (FetchCandles(instrument=at.instrument, start=end - timedelta(hours=1), end=end) for end in ENDS)


def _between(kind: type[FetchClosedOrders | FetchFills]) -> Callable[[Scene], Iterator[Operation[Any]]]:
    def made(at: Scene) -> Iterator[Operation[Any]]:
        yield from _of_listing(kind)(at)
        whole = kind(product=at.instrument.product, listing=at.listing, instrument=at.instrument)
        yield from (evolve(whole, start=end - timedelta(hours=1), end=end) for end in ENDS)

    return made


def variants(order: PlaceOrder) -> Mapping[str, PlaceOrder]:
    """The order with one term changed, by the name of the term. A venue sends it or refuses it."""
    stop = evolve(order, order_type=OrderType.STOP_LIMIT, stop_price=PRICE + 1)
    return {
        "side": evolve(order, side=Side.SELL),
        "quantity": evolve(order, quantity=QUANTITY + 1),
        "price": evolve(order, price=PRICE + 1),
        "client_order_id": evolve(order, client_order_id=_other(order.client_order_id)),
        "order_type": evolve(order, order_type=OrderType.MARKET, price=None),
        "quote_quantity": evolve(
            order, order_type=OrderType.MARKET, price=None, quantity=None, quote_quantity=QUANTITY
        ),
        "time_in_force": evolve(order, time_in_force=TimeInForce.IOC),
        "time_in_force fok": evolve(order, time_in_force=TimeInForce.FOK),
        "expires_at": evolve(order, time_in_force=TimeInForce.GTD, expires_at=NOW + timedelta(hours=1)),
        "post_only": evolve(order, post_only=True),
        "reduce_only": evolve(order, reduce_only=True),
        "position_side": evolve(order, position_side=PositionSide.LONG),
        "margin_mode": evolve(order, margin_mode=MarginMode.ISOLATED),
        "stop_price": stop,
        "trigger": evolve(stop, trigger=Trigger.FALLS),
        "a stop at the market": evolve(stop, order_type=OrderType.STOP_MARKET, price=None),
    }


def _other(client_order_id: str) -> str:
    return client_order_id[:-1] + ("1" if client_order_id[-1] != "1" else "2")


def _orders(at: Scene) -> Iterator[Operation[Any]]:
    yield at.order
    yield from variants(at.order).values()


def _test(at: Scene) -> Iterator[Operation[Any]]:
    yield TestOrder(instrument=at.instrument, order=at.order)


def _amend(at: Scene) -> Iterator[Operation[Any]]:
    yield AmendOrder(instrument=at.instrument, order=at.resting, price=PRICE + 1)
    yield AmendOrder(instrument=at.instrument, order=at.resting, quantity=QUANTITY + 1)


def _place_batch(at: Scene) -> Iterator[Operation[Any]]:
    yield PlaceBatch(orders=(at.order, evolve(at.order, client_order_id=_other(at.client_order_id), side=Side.SELL)))


def _cancel_batch(at: Scene) -> Iterator[Operation[Any]]:
    yield CancelBatch(cancels=(CancelOrder(instrument=at.instrument, venue_order_id=ORDER_ID),))


def _leverage(at: Scene) -> Iterator[Operation[Any]]:
    yield SetLeverage(instrument=at.instrument, leverage=Decimal(3))


def _margin_mode(at: Scene) -> Iterator[Operation[Any]]:
    yield SetMarginMode(instrument=at.instrument, mode=MarginMode.CROSS)


def _position_mode(at: Scene) -> Iterator[Operation[Any]]:
    yield SetPositionMode(product=at.instrument.product, mode=PositionMode.HEDGE)


_MADE: Mapping[type[Operation[Any]], Callable[[Scene], Iterator[Operation[Any]]]] = {
    **{kind: _of_product(kind) for kind in (FetchServerTime, FetchVenueStatus, FetchInstruments, FetchBalances)},
    FetchKeyPermissions: _of_product(FetchKeyPermissions),
    **{kind: _of_instrument(kind) for kind in (FetchTicker, FetchBook, FetchFundingRate, FetchTradingFees)},
    **{kind: _of_listing(kind) for kind in (FetchTickers, FetchOpenOrders, FetchPositions, CancelAll)},
    FetchTrades: _trades,
    FetchCandles: _candles,
    FetchOrder: _by_either_id(FetchOrder),
    CancelOrder: _by_either_id(CancelOrder),
    FetchClosedOrders: _between(FetchClosedOrders),
    FetchFills: _between(FetchFills),
    PlaceOrder: _orders,
    TestOrder: _test,
    AmendOrder: _amend,
    PlaceBatch: _place_batch,
    CancelBatch: _cancel_batch,
    SetLeverage: _leverage,
    SetMarginMode: _margin_mode,
    SetPositionMode: _position_mode,
}
"""Every operation of the library. A new one that is missing here fails the tests of this module."""


def of_kind(kind: type[Operation[Any]], at: Scene) -> tuple[Operation[Any], ...]:
    """Examples of one kind."""
    return tuple(_MADE[kind](at))


def examples(subject: Subject) -> tuple[Operation[Any], ...]:
    """Examples of the whole table, the first steps of its procedures and what went to the sandbox, each once."""
    found: list[Operation[Any]] = []
    for kind, product in subject.adapter.endpoints:
        if kind in OPERATIONS:
            found += of_kind(kind, scene(subject, product))
    for operation in tuple(found):
        how = subject.adapter.endpoints[type(operation), operation.product]
        if isinstance(how, Procedure):
            found += steps_of(how, operation)
    seen: dict[tuple[type[Operation[Any]], Product], int] = {}
    for operation in subject.asked:
        key = (type(operation), operation.product)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= _ASKED:
            found.append(operation)
    return tuple(found)


_ASKED = 4
"""Of what went to the sandbox, so many of a kind."""
