"""Requests and answers that are lost on the way: one order comes of it, and its outcome is told truthfully."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from unified.client import Client
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.http import HttpRequest
from unified.operations import CancelOrder, FetchInstruments, PlaceOrder
from unified.order import Order
from unified.order_ids import OrderIds
from unified.ports import Transport
from unified.sandbox.dialect import Incoming, RequestClass
from unified.testing.conformance.refusal_stories import plain
from unified.testing.conformance.rules import DOUBTS
from unified.testing.conformance.stage import Losing, Stage, Story, Swallowing, require

_PATIENCE_S = 600.0
"""Virtual seconds in which a doubt must be settled where the venue can be asked."""


def _matching(stage: Stage, wanted: RequestClass) -> Callable[[HttpRequest], bool]:
    def matches(request: HttpRequest) -> bool:
        incoming = Incoming(
            door=stage.network.door_of(request.base),
            method=request.method.value,
            path=request.path,
            query=request.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        )
        return stage.venue.classify(incoming) is wanted

    return matches


def _on(
    stage: Stage, way: type[Losing], kind: Kind, wanted: RequestClass = RequestClass.ORDER
) -> tuple[Client, list[Losing]]:
    """A client on whose way the first such request or its answer is lost."""
    ways: list[Losing] = []
    error = VenueError.of(Fault(kind=kind, outcome=Outcome.UNKNOWN, message="lost on the way by the kit"))

    def made(inner: Transport) -> Losing:
        ways.append(way(inner, _matching(stage, wanted), error))
        return ways[-1]

    return stage.client_of(stage.venue.accounts[0], way=made), ways


def _lost(way: type[Losing], kind: Kind) -> Callable[[Stage], Awaitable[None]]:
    async def play(stage: Stage) -> None:
        """One id, at most one order; what the client believes at the end is so."""
        client, ways = _on(stage, way, kind)
        order = await plain(stage, client_order_id=OrderIds(11).next(stage.adapter.client_ids))
        try:
            told: Order | None = await client.place(order)
        except VenueError as error:
            require(error.outcome is Outcome.UNKNOWN, f"what was lost is told as {error.kind}, {error.outcome}")
            told = None
        require(ways[0].lost == 1, "no placement was lost: does the sandbox classify it as RequestClass.ORDER?")
        pending = client.pending()
        rule = stage.adapter.placement[stage.product]
        # Without an expiry nothing ever proves that a lost request cannot still arrive: unknown is the truth.
        if told is None and rule.queryable and (rule.expiry is not None or way is Losing):
            pending = await client.settle(_PATIENCE_S)
            require(not pending, "the order is still in doubt, although the venue can be asked for it")
        booked = [known for known in stage.account.orders if known.asked.client_order_id == order.client_order_id]
        require(len(stage.account.orders) == len(booked) <= 1, f"{len(stage.account.orders)} orders came of one")
        if told is not None:
            require(len(booked) == 1, "the order is told as placed, but the venue has none")

    return play


async def lost_cancel(stage: Stage) -> None:
    """The answer to a cancel is lost: asked again, it is found canceled."""
    client, ways = _on(stage, Losing, Kind.CONNECTION_LOST, RequestClass.CANCEL)
    order = await client.place(await plain(stage), confirm=True)
    try:
        await client.cancel_order(order, confirm=True)
    except VenueError as error:
        require(error.outcome is Outcome.UNKNOWN, f"a cancel that was carried out is told as {error.outcome}")
    require(ways[0].lost == 1, "no cancel was lost: does the sandbox classify it as RequestClass.CANCEL?")
    require(stage.open_orders == 0, "the order is still open")


_ORDER = (FetchInstruments, PlaceOrder)
STORIES = (
    Story(rule=DOUBTS, name="the answer is lost", needs=_ORDER, play=_lost(Losing, Kind.CONNECTION_LOST)),
    Story(rule=DOUBTS, name="the answer comes too late", needs=_ORDER, play=_lost(Losing, Kind.REQUEST_TIMEOUT)),
    Story(rule=DOUBTS, name="the request is lost", needs=_ORDER, play=_lost(Swallowing, Kind.CONNECTION_LOST)),
    Story(rule=DOUBTS, name="a cancel's answer is lost", needs=(*_ORDER, CancelOrder), play=lost_cancel),
)
