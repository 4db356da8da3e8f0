"""The public types as code that a type checker reads: what each operation is answered with. Never run."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol, TypeVar, assert_type

from unified.account import Balance, Fee, KeyPermissions, MarginMode, Position, PositionMode, VenueStatus, VenueTime
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.instrument import Instrument, Instruments
from unified.market_data import Book, Candle, FundingRate, Level, Ticker, Trade
from unified.operations import (
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
    Operation,
    Page,
    PlaceBatch,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
    TestOrder,
)
from unified.order import Fill, Order, Side

T = TypeVar("T")


class Runs(Protocol):
    """Whatever performs an operation."""

    async def run(self, operation: Operation[T]) -> T: ...


async def public_reads(venue: Runs, btc: Instrument, listing: Instruments) -> None:
    assert_type(await venue.run(FetchServerTime()), VenueTime)
    assert_type(await venue.run(FetchVenueStatus()), VenueStatus)
    assert_type(await venue.run(FetchInstruments()), tuple[Instrument, ...])
    assert_type(await venue.run(FetchTicker(instrument=btc)), Ticker)
    assert_type(await venue.run(FetchTickers(listing=listing)), tuple[Ticker, ...])
    assert_type(await venue.run(FetchBook(instrument=btc)), Book)
    assert_type(await venue.run(FetchTrades(instrument=btc)), Page[Trade])
    assert_type(await venue.run(FetchCandles(instrument=btc)), Page[Candle])
    assert_type(await venue.run(FetchFundingRate(instrument=btc)), FundingRate)


async def private_reads(venue: Runs, btc: Instrument, listing: Instruments) -> None:
    assert_type(await venue.run(FetchBalances()), tuple[Balance, ...])
    assert_type(await venue.run(FetchTradingFees(instrument=btc)), Fee)
    assert_type(await venue.run(FetchKeyPermissions()), KeyPermissions)
    assert_type(await venue.run(FetchOrder(instrument=btc, venue_order_id="1")), Order)
    assert_type(await venue.run(FetchOpenOrders(listing=listing)), Page[Order])
    assert_type(await venue.run(FetchClosedOrders(listing=listing)), Page[Order])
    assert_type(await venue.run(FetchFills(listing=listing)), Page[Fill])
    assert_type(await venue.run(FetchPositions(listing=listing)), tuple[Position, ...])


async def writes(venue: Runs, btc: Instrument, listing: Instruments) -> None:
    wish = PlaceOrder(instrument=btc, side=Side.BUY, quantity=Decimal(1), price=Decimal(1))
    order = await venue.run(wish)
    assert_type(order, Order)
    assert_type(await venue.run(AmendOrder(instrument=btc, order=order, price=Decimal(2))), Order)
    assert_type(await venue.run(CancelOrder(instrument=btc, venue_order_id=order.venue_order_id)), Order)
    assert_type(await venue.run(PlaceBatch(orders=(wish,))), tuple[Order | VenueError, ...])
    assert_type(await venue.run(CancelBatch(cancels=(CancelOrder(instrument=btc),))), tuple[Order | VenueError, ...])
    await venue.run(TestOrder(instrument=btc, order=wish))
    await venue.run(CancelAll(listing=listing))
    await venue.run(SetLeverage(instrument=btc, leverage=Decimal(3)))
    await venue.run(SetMarginMode(instrument=btc, mode=MarginMode.CROSS))
    await venue.run(SetPositionMode(mode=PositionMode.ONE_WAY))


def values(book: Book, order: Order, error: VenueError) -> None:
    assert_type(book.best_bid, Level | None)
    assert_type(book.price_for(Side.BUY, Decimal(1)), Decimal | None)
    assert_type(order.remaining_quantity, Decimal | None)
    assert_type(error.fault, Fault)
    assert_type(error.kind, Kind)
    assert_type(error.outcome, Outcome)
    assert_type(error.retry_after, float | None)
