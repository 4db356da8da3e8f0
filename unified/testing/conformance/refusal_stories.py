"""Refusals of the sandbox, each provoked once: the adapter must recognise them, and that nothing happened."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from attrs import evolve

from unified.adapter import Dedup, Endpoint, Stamp
from unified.client import Client
from unified.errors import ConfigurationError, Family, Kind, Outcome, VenueError
from unified.operations import (
    CancelOrder,
    FetchBalances,
    FetchInstruments,
    FetchOpenOrders,
    FetchOrder,
    FetchTicker,
    Operation,
    PlaceOrder,
)
from unified.order import Order, Side
from unified.order_ids import OrderIds
from unified.ports import Pool
from unified.secret import Credentials, Secret
from unified.testing.conformance.dummies import secrets
from unified.testing.conformance.order_stories import placed
from unified.testing.conformance.rules import REFUSALS
from unified.testing.conformance.stage import Stage, Story, refusal, require


def _is(error: VenueError, kinds: Collection[Kind], about: str) -> None:
    """Recognised, and told as what changed nothing."""
    wanted = " or ".join(kinds)
    told = f"{about} is recognised as {error.kind}, not as {wanted}: {error.code} {error.message}"
    require(error.kind in kinds, told)
    honest = error.outcome in (Outcome.REJECTED, Outcome.NOT_SENT) or error.kind.usual_outcome is Outcome.DONE
    require(honest, f"{about} is told with outcome {error.outcome}, although nothing happened")


async def plain(stage: Stage, **terms: Any) -> PlaceOrder:
    """A resting buy, unchecked: rules of the instrument are the venue's to judge here."""
    made: dict[str, Any] = {
        "instrument": await stage.instrument(),
        "side": Side.BUY,
        "quantity": await stage.quantity(),
        "price": await stage.price("0.99"),
    }
    return PlaceOrder(**{**made, **terms})


async def bad_lot(stage: Stage) -> None:
    """The instrument tells the client half the lot, so that the client lets pass what the venue must refuse."""
    item = await stage.instrument()
    half = item.lot_size / 2
    order = await plain(stage, instrument=evolve(item, lot_size=half), quantity=await stage.quantity() + half)
    error = await refusal(stage.client.place(order), "half a lot")
    _is(error, (Kind.INVALID_QUANTITY, Kind.INVALID_REQUEST, Kind.INVALID_ORDER), "half a lot")


async def poor(stage: Stage) -> None:
    account = stage.named("poor")
    client = stage.client if account is None else stage.client_of(account)
    order = await plain(stage, quantity=await stage.unaffordable(account))
    error = await refusal(client.place(order), "an order without funds")
    _is(error, (Kind.INSUFFICIENT_FUNDS, Kind.MARGIN_REJECTED, Kind.POSITION_LIMIT), "an order without funds")


async def unknown_symbol(stage: Stage) -> None:
    strange = evolve(await stage.instrument(), symbol=f"ZZ{(await stage.instrument()).symbol}")
    error = await refusal(stage.client.ticker(strange), "a symbol that is not there")
    _is(error, (Kind.UNKNOWN_SYMBOL,), "a symbol that is not there")


async def unknown_order(stage: Stage) -> None:
    client, order = stage.client, await placed(stage)
    item = order.instrument
    nobody = OrderIds(7).next(stage.adapter.client_ids)
    error = await refusal(client.get_order(item, client_order_id=nobody), "a client id that is not there")
    _is(error, (Kind.ORDER_NOT_FOUND,), "a client id that is not there")
    error = await refusal(client.get_order(item, venue_order_id=_near(order)), "an order that is not there")
    _is(error, (Kind.ORDER_NOT_FOUND,), "an order that is not there")


def _near(order: Order) -> str:
    """An id of the same form."""
    id_ = order.venue_order_id
    return id_[:-1] + ("7" if id_[-1] != "7" else "8")


async def cancel_unknown(stage: Stage) -> None:
    """What cannot be canceled is no longer there, or never was: nothing is told as canceled."""
    order = await placed(stage)
    operation = CancelOrder(instrument=order.instrument, venue_order_id=_near(order))
    error = await refusal(_run(stage.client, operation), "canceling an order that is not there")
    gone = error.kind in (Kind.ORDER_NOT_FOUND, Kind.ORDER_CLOSED)
    require(gone, f"canceling an order that is not there is recognised as {error.kind}: {error.message}")
    require(error.outcome is not Outcome.UNKNOWN, "canceling an order that is not there is told as unknown")
    require(stage.open_orders == 1, "another order was canceled")


async def _run(client: Client, operation: Operation[Any]) -> object:
    """Past everything that the client does around orders."""
    return await client.run(operation)


async def duplicate(stage: Stage) -> None:
    """The same id a second time makes no second order, and is recognised."""
    if stage.adapter.placement[stage.product].dedup is Dedup.NONE:
        return
    order = await plain(stage, client_order_id=OrderIds(9).next(stage.adapter.client_ids))
    first = await stage.client.run(order)
    await asyncio.sleep(1)
    try:
        again = await stage.client.run(order)
    except VenueError as error:
        _is(error, (Kind.DUPLICATE_ORDER,), "a client id that came twice")
        require(error.outcome is Outcome.DONE, f"a client id that came twice is told with outcome {error.outcome}")
    else:
        require(again.venue_order_id == first.venue_order_id, "the second answer is about another order")
    require(len(stage.account.orders) == 1, f"one id made {len(stage.account.orders)} orders")


# --- keys


async def _private(client: Client, stage: Stage) -> object:
    """Some private read."""
    if stage.has(FetchBalances):
        return await client.balances(stage.product)
    return [order async for order in client.open_orders(stage.product)]


async def wrong_secret(stage: Stage) -> None:
    account = stage.venue.accounts[0]
    client = with_another_secret(stage, account.credentials)
    error = await refusal(_private(client, stage), "a wrong secret")
    require(error.kind.family is Family.AUTH, f"a wrong secret is recognised as {error.kind}: {error.message}")
    require(error.outcome in (Outcome.REJECTED, Outcome.NOT_SENT), f"a wrong secret is told as {error.outcome}")


def with_another_secret(stage: Stage, known: Credentials) -> Client:
    """The first dummy of a form that the adapter takes."""
    for text in secrets():
        try:
            return stage.client_of(stage.venue.accounts[0], evolve(known, secret=Secret(text)))
        except ConfigurationError:
            continue
    return stage.client_of(stage.venue.accounts[0], evolve(known, key=f"{known.key[:-1]}0"))


async def reader(stage: Stage) -> None:
    """A key that may only read, where the sandbox has an account of this name."""
    account = stage.named("reader")
    if account is not None:
        error = await refusal(stage.client_of(account).place(await plain(stage)), "an order with a key that only reads")
        require(
            error.kind.family is Family.AUTH, f"a key that only reads is recognised as {error.kind}: {error.message}"
        )
        require(error.outcome is Outcome.REJECTED, f"a key that only reads is told with outcome {error.outcome}")


# --- time


async def old_stamp(stage: Stage) -> None:
    """A request of an hour ago is refused for its time, and recognised as such."""
    operation: Operation[Any] = FetchBalances(product=stage.product)
    if not stage.has(FetchBalances):
        operation = FetchOpenOrders(product=stage.product, listing=await stage.client.instruments(stage.product))
    await _private(stage.client, stage)
    asked = next((item for item in reversed(stage.watch.asked) if _signed(stage, item[0])), None)
    if asked is None:
        return
    operation, stamp, _ = asked
    endpoint = stage.adapter.endpoints[type(operation), operation.product]
    require(isinstance(endpoint, Endpoint), "a procedure was sent")
    if not isinstance(endpoint, Endpoint) or stage.adapter.clocks[endpoint.door].window_ms is None:
        return
    stage.judged = False
    old = evolve(stamp, time_ms=stamp.time_ms - 3_600_000)
    error = await refusal(_at(stage, endpoint, operation, old), "an old stamp")
    fair = error.kind.family in (Family.CLOCK, Family.AUTH) and error.kind is not Kind.BAD_SIGNATURE
    require(fair, f"a stamp of an hour ago is recognised as {error.kind}: {error.message}")
    require(error.outcome is Outcome.REJECTED, f"a stamp of an hour ago is told as {error.outcome}")


def _signed(stage: Stage, operation: Operation[Any]) -> bool:
    how = stage.adapter.endpoints.get((type(operation), operation.product))
    return isinstance(how, Endpoint) and how.signed


async def _at(stage: Stage, endpoint: Endpoint[Any, Any], operation: Operation[Any], stamp: Stamp) -> Any:
    """Send one request as it would have left at another time."""
    transport = stage.network.transport()
    try:
        response = await transport.send(endpoint.build(operation, stamp), timeout=10.0, pool=Pool.READS)
    finally:
        await transport.aclose()
    return endpoint.parse(operation, response)


async def clock_set(stage: Stage) -> None:
    """The venue sets its clock back by an hour: the client learns it anew and goes on."""
    await _private(stage.client, stage)
    stage.venue.clock.step(-3600)
    stage.network.ledger.clock_stepped()
    await asyncio.sleep(30)
    await _private(stage.client, stage)


_ORDER = (FetchInstruments, PlaceOrder)
STORIES = (
    Story(rule=REFUSALS, name="half a lot", needs=_ORDER, play=bad_lot),
    Story(rule=REFUSALS, name="missing funds", needs=_ORDER, play=poor),
    Story(rule=REFUSALS, name="an unknown symbol", needs=(FetchInstruments, FetchTicker), play=unknown_symbol),
    Story(rule=REFUSALS, name="an unknown order", needs=(*_ORDER, FetchOrder), play=unknown_order),
    Story(rule=REFUSALS, name="canceling an unknown order", needs=(*_ORDER, CancelOrder), play=cancel_unknown),
    Story(rule=REFUSALS, name="a repeated id", needs=_ORDER, play=duplicate),
    Story(rule=REFUSALS, name="a wrong secret", needs=(FetchBalances,), play=wrong_secret),
    Story(rule=REFUSALS, name="a key that only reads", needs=_ORDER, play=reader),
    Story(rule=REFUSALS, name="an old stamp", needs=(FetchBalances,), play=old_stamp),
    Story(rule=REFUSALS, name="a clock that was set", needs=(FetchBalances,), play=clock_set),
)
