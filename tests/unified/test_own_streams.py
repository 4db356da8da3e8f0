"""Which streams of the account there are, through watches that begin, end by an error, and are left."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from tests.toy import BTC, virtual
from tests.toy_stream import Ears, ToyDialer, line, link
from unified.account import Balance
from unified.consumers import Queue
from unified.errors import Fault, Kind, VenueError
from unified.feeds import Feed, Own
from unified.instrument import Instruments
from unified.merging import Story
from unified.operations import FetchClosedOrders, Operation, Page, PlaceOrder
from unified.order import Order, OrderStatus, OrderType, Side
from unified.own_streams import OwnStreams
from unified.reconciling import OwnMeans
from unified.topics import Topic
from unified.watches import Watch, WatchBalances, WatchExecutions

LISTING = Instruments([BTC])
EXECUTIONS: WatchExecutions = WatchExecutions(listing=LISTING)
BALANCES: WatchBalances = WatchBalances(listing=LISTING)


def order(status: OrderStatus = OrderStatus.NEW, **more: Any) -> Order:
    return Order(instrument=BTC, venue_order_id="v1", status=status, **more)


class Account:
    """Streams of an account that the venue shows as empty."""

    def __init__(self) -> None:
        self.witnessed, self.asked = list[Order](), list[Operation[Any]]()
        means = OwnMeans(
            run=self.run,
            start=asyncio.get_running_loop().create_task,
            refused=lambda *_refused: None,
            whole=lambda _topic: None,
        )
        self.streams = OwnStreams(Story(), self.witnessed.append, means, lambda *_missing: None, lambda _topic: 0)

    async def run(self, operation: Operation[Any]) -> Any:
        self.asked.append(operation)
        if isinstance(operation, FetchClosedOrders) and operation.instrument is None:
            raise VenueError.of(Fault(kind=Kind.NOT_SUPPORTED))
        return Page(items=())

    def watch(self, watch: Watch[Any]) -> Queue:
        topic, queue = Topic(watch, Feed(line=line())), Queue(watch.name)
        topic.add(queue)
        topic.source = link(ToyDialer(), Ears())
        self.streams.begin(topic)
        return queue


def test_frames_reach_the_stream_that_they_are_for() -> None:
    async def story() -> None:
        account = Account()
        orders, balances = account.watch(EXECUTIONS), account.watch(BALANCES)
        held = Balance(currency="BTC", free=Decimal(1), locked=Decimal(0))
        account.streams.told(Own(BALANCES, held))
        account.streams.told(Own(EXECUTIONS, order()))
        assert (await orders.take(), await balances.take()) == (order(), held)
        assert (account.streams.known(EXECUTIONS), account.streams.known(BALANCES)) == ((order(),), (held,))
        assert account.witnessed == [order()]

    virtual(story)


def test_what_nobody_watches_is_told_and_asked_for_in_vain() -> None:
    async def story() -> None:
        account = Account()
        account.streams.told(Own(EXECUTIONS, order()))
        account.streams.shown(order())
        account.streams.catch_up(EXECUTIONS)
        account.streams.down(EXECUTIONS)
        account.streams.end(EXECUTIONS)
        await asyncio.sleep(60)
        assert (account.witnessed, account.asked, account.streams.known(EXECUTIONS)) == ([], [], ())

    virtual(story)


def test_orders_that_answers_show_are_told_but_for_stops() -> None:
    async def story() -> None:
        account = Account()
        orders = account.watch(EXECUTIONS)
        account.streams.shown(order(order_type=OrderType.STOP_LIMIT))
        account.streams.shown(order(OrderStatus.CANCELED))
        assert await orders.take() == order(OrderStatus.CANCELED)

    virtual(story)


def test_what_an_error_ended_goes_on_and_what_was_left_begins_anew() -> None:
    async def story() -> None:
        account = Account()
        account.watch(EXECUTIONS)
        before = account.streams._streams[EXECUTIONS]
        account.streams.end(EXECUTIONS)
        account.watch(EXECUTIONS)
        assert account.streams._streams[EXECUTIONS] is before
        account.streams.leave(EXECUTIONS)
        account.watch(EXECUTIONS)
        assert account.streams._streams[EXECUTIONS] is not before
        account.watch(BALANCES)
        first = account.streams._streams[BALANCES]
        account.streams.end(BALANCES)
        account.watch(BALANCES)
        assert account.streams._streams[BALANCES] is not first, "all of them are asked for anyway"

    virtual(story)


def test_an_order_that_ended_between_an_error_and_the_next_watch_is_told_to_whoever_watches_again() -> None:
    async def story() -> None:
        account = Account()
        account.watch(EXECUTIONS)
        account.streams.end(EXECUTIONS)
        account.streams.shown(order())
        account.streams.shown(order(OrderStatus.FILLED))
        account.watch(EXECUTIONS)
        assert account.streams.known(EXECUTIONS) == (order(OrderStatus.FILLED),)
        account.streams.end(EXECUTIONS)
        account.watch(EXECUTIONS)
        assert account.streams.known(EXECUTIONS) == (), "once"

    virtual(story)


def test_instruments_in_which_this_client_places_are_looked_at_whoever_watched_when() -> None:
    async def story() -> None:
        account = Account()
        placed = PlaceOrder(
            instrument=BTC, side=Side.BUY, order_type=OrderType.MARKET, quantity=Decimal(1), client_order_id="c1"
        )
        account.streams.placing(placed)
        account.watch(EXECUTIONS)
        account.streams.placing(placed)
        account.streams.catch_up(EXECUTIONS)
        await asyncio.sleep(60)
        closed = [asked.instrument for asked in account.asked if isinstance(asked, FetchClosedOrders)]
        assert closed[:2] == [None, BTC]

    virtual(story)
