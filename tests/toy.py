"""A venue of a few lines for tests of the I/O floor: its adapter, and a transport that answers as it is told.

Requests are JSON; an answer is `{"error": {...}}` with the fields of a Fault, or the order or time that was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from decimal import Decimal
from random import Random
from typing import Any, ClassVar, TypeVar

import orjson
from attrs import define, evolve, field

from unified.account import VenueTime
from unified.adapter import (
    AdapterSettings,
    Charge,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoint,
    Endpoints,
    Environment,
    Expiry,
    FixedWindow,
    Limit,
    Observation,
    Option,
    PlacementRule,
    Procedure,
    Stamp,
    Steps,
    costs,
    environment_of,
)
from unified.catalogue import Misreading
from unified.client import Client
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpRequest, HttpResponse, Method
from unified.instrument import Instrument, Product
from unified.market_data import Ticker
from unified.operations import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    FetchInstruments,
    FetchOpenOrders,
    FetchOrder,
    FetchServerTime,
    FetchTicker,
    Operation,
    Page,
    PlaceBatch,
    PlaceOrder,
)
from unified.order import Order, OrderStatus, OrderType, Side
from unified.ports import Pool
from unified.secret import Credentials, Secret
from unified.testing.loop import run as run_in_virtual_time
from unified.wire import json_of, to_decimal
from unified.world import World

T = TypeVar("T")

BTC = Instrument(
    symbol="BTCUSDT",
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    min_notional=Decimal(5),
)
EPOCH_MS = 1_800_000_000_000
RULE = PlacementRule(
    dedup=Dedup.WHILE_OPEN,
    expiry=Expiry(parameter="window", min_ms=100, max_ms=60_000, default_ms=2000),
    visibility=1.0,
    source="made up",
)


def _build(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
    body = {"operation": operation.name, "time_ms": stamp.time_ms, "expires_ms": stamp.expires_ms}
    for name in ("client_order_id", "venue_order_id", "price", "quantity", "cursor"):
        value = getattr(operation, name, None)
        if value is not None:
            body[name] = str(value)
    return HttpRequest(
        method=Method.POST, base="http://127.0.0.1:1", path=f"/{operation.name}", body=orjson.dumps(body)
    )


def _answer(response: HttpResponse) -> Any:
    body = json_of(response)
    if "error" in body:
        raise VenueError.of(_fault(body["error"]))
    return body


def _fault(said: Mapping[str, Any]) -> Fault:
    kind = Kind(said["kind"])
    return Fault(
        kind=kind,
        outcome=Outcome(said.get("outcome", kind.usual_outcome)),
        scope=Scope(said.get("scope", "request")),
        retry_after=said.get("retry_after"),
        message=said.get("message", ""),
    )


def order_of(row: Mapping[str, Any]) -> Order:
    """An order as the toy's answers write it."""
    return Order(
        instrument=BTC,
        venue_order_id=row["id"],
        client_order_id=row.get("client_order_id"),
        status=OrderStatus(row.get("status", "new")),
        side=Side(row["side"]) if "side" in row else None,
        order_type=OrderType.LIMIT if "side" in row else None,
        quantity=to_decimal(row["quantity"], "quantity") if "quantity" in row else None,
        price=to_decimal(row["price"], "price") if "price" in row else None,
        refusal=Fault(kind=Kind(row["refusal"])) if "refusal" in row else None,
    )


def _order(_operation: Operation[Any], response: HttpResponse) -> Order:
    return order_of(_answer(response))


def _batch(_operation: PlaceBatch, response: HttpResponse) -> tuple[Order | VenueError, ...]:
    return tuple(
        VenueError.of(_fault(row["error"])) if "error" in row else order_of(row) for row in _answer(response)["items"]
    )


def _page(_operation: Operation[Any], response: HttpResponse) -> Page[Order]:
    body = _answer(response)
    return Page(items=tuple(map(order_of, body["items"])), cursor=body.get("cursor"))


def _time(_operation: FetchServerTime, response: HttpResponse) -> VenueTime:
    return VenueTime(time_us=_answer(response)["time_us"], unit_us=1000)


def _ticker(operation: FetchTicker, response: HttpResponse) -> Ticker:
    return Ticker(instrument=operation.instrument, last=to_decimal(_answer(response)["last"], "last"))


def _cancel_all(operation: CancelAll) -> Steps[None]:
    """Page by page, order by order."""
    cursor: str | None = None
    while True:
        page = yield FetchOpenOrders(listing=operation.listing, cursor=cursor)
        for order in page.items:
            try:
                yield CancelOrder(instrument=order.instrument, venue_order_id=order.venue_order_id)
            except VenueError as error:
                if error.kind is not Kind.ORDER_CLOSED:
                    raise
        if page.cursor is None:
            return
        cursor = page.cursor


def _endpoint(parse: Callable[[Any, HttpResponse], Any], *, signed: bool = True) -> Endpoint[Any, Any]:
    return Endpoint(build=_build, parse=parse, charges=costs(Charge("calls")), door="main", signed=signed)


class Toy:
    """The adapter class."""

    venue: ClassVar[str] = "toy"
    title: ClassVar[str] = "Toy"
    environments: ClassVar[Mapping[str, Environment]] = {
        "production": Environment(name="production", hosts={"main": "http://127.0.0.1:1"}, real_money=False)
    }
    options: ClassVar[tuple[Option, ...]] = ()
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    products: ClassVar[tuple[Product, ...]] = (Product.SPOT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = ()

    placement: ClassVar[Mapping[Product, PlacementRule]] = {Product.SPOT: RULE}
    limits: ClassVar[tuple[Limit, ...]] = (
        Limit(bucket="calls", scope=Scope.IP, rule=FixedWindow(limit=1000, period=1)),
    )
    clocks: ClassVar[Mapping[str, ClockRule]] = {"main": ClockRule(window_ms=5000)}
    client_ids: ClassVar[ClientIdRule] = ClientIdRule(pattern="[a-z0-9]+", max_length=36)

    def __init__(self, settings: AdapterSettings) -> None:
        self.environment = environment_of(type(self), settings)
        self.account = "" if settings.credentials is None else settings.credentials.fingerprint
        self.endpoints: Endpoints = {
            (FetchServerTime, Product.SPOT): _endpoint(_time, signed=False),
            (FetchInstruments, Product.SPOT): _endpoint(lambda _operation, _response: (BTC,), signed=False),
            (FetchTicker, Product.SPOT): _endpoint(_ticker, signed=False),
            (FetchOrder, Product.SPOT): _endpoint(_order),
            (FetchOpenOrders, Product.SPOT): _endpoint(_page),
            (PlaceOrder, Product.SPOT): _endpoint(_order),
            (PlaceBatch, Product.SPOT): _endpoint(_batch),
            (CancelOrder, Product.SPOT): _endpoint(_order),
            (AmendOrder, Product.SPOT): _endpoint(_order),
            (CancelAll, Product.SPOT): Procedure(steps=_cancel_all, signed=True),
        }

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        if isinstance(operation, FetchServerTime) and b"time_us" in response.body:
            return Observation(time=VenueTime(time_us=orjson.loads(response.body)["time_us"], unit_us=1000))
        return Observation()

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        return Fault(kind=Kind(code), message=message or surface, http_status=http_status)

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        body = json_of(response)
        return (evolve(_fault(body["error"]), message=operation or surface),) if "error" in body else ()


def toy_with(**changes: Any) -> type[Toy]:
    """The adapter with other facts: `placement`, `limits`, `clocks`."""
    return type("OtherToy", (Toy,), changes)


Reply = Mapping[str, Any] | VenueError | float
"""A JSON answer; an error of the transport; or seconds after which the request times out at the client."""


@define
class Wire:
    """A transport that answers each operation with the replies it was given, the last one for ever."""

    replies: dict[str, list[Reply]] = field(factory=dict)
    sent: list[tuple[str, dict[str, Any]]] = field(factory=list)
    sent_at: list[float] = field(factory=list)
    latency: float = 0.01
    offset: float = 0.0
    """Added to the venue's clock, seconds."""
    closed: bool = False

    def on(self, operation: str, *replies: Reply) -> Wire:
        """What comes back for this operation, in order; the last reply repeats."""
        self.replies[operation] = list(replies)
        return self

    def count(self, operation: str) -> int:
        """How many requests of this operation were sent."""
        return sum(name == operation for name, _ in self.sent)

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        assert pool in Pool
        loop = asyncio.get_running_loop()
        name, started = request.path[1:], loop.time()
        self.sent.append((name, orjson.loads(request.body)))
        self.sent_at.append(started)
        reply = self._reply(name)
        if isinstance(reply, float):
            await asyncio.sleep(min(reply, timeout))
            raise VenueError.of(Fault(kind=Kind.REQUEST_TIMEOUT))
        await asyncio.sleep(self.latency)
        if isinstance(reply, VenueError):
            raise reply
        return HttpResponse(status=200, body=orjson.dumps(reply), sent_at=started, received_at=loop.time())

    def _reply(self, name: str) -> Reply:
        if name == "server_time" and name not in self.replies:
            now = asyncio.get_running_loop().time() + self.latency / 2 + self.offset
            return {"time_us": EPOCH_MS * 1000 + int(now * 1000) * 1000}
        if name == "instruments":
            return {}
        replies = self.replies[name]
        return replies.pop(0) if len(replies) > 1 else replies[0]

    async def aclose(self) -> None:
        self.closed = True


class _Wall:
    """A time of day that follows the loop."""

    def time_ns(self) -> int:
        return EPOCH_MS * 1_000_000 + int(asyncio.get_running_loop().time() * 1e9)


def world(seed: int = 1) -> World:
    """Chance from a seed, and the loop's clock for every other."""
    return World(chance=Random(seed), wall=_Wall(), boottime=lambda: asyncio.get_running_loop().time())


def toy_client(wire: Wire, adapter: type[Toy] = Toy, **settings: Any) -> Client:
    """A client of the toy venue over `wire`."""
    credentials = Credentials(key="toy-dummy-key", secret=Secret("toy-dummy-secret"))
    return Client(adapter, transport=wire, world=world(), credentials=credentials, **settings)


def placed(wire_order_id: str = "v1", **more: Any) -> dict[str, Any]:
    """An answer that shows an order."""
    return {"id": wire_order_id, "side": "buy", "quantity": "0.01", "price": "50000.00", **more}


def refusal(kind: Kind, outcome: Outcome | None = None, **more: Any) -> dict[str, Any]:
    """An answer that refuses."""
    return {"error": {"kind": kind, "outcome": outcome or kind.usual_outcome, **more}}


def lost(kind: Kind = Kind.CONNECTION_LOST) -> VenueError:
    """The connection died after the request was written."""
    return VenueError.of(Fault(kind=kind))


def virtual(test: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a test in virtual time."""
    return run_in_virtual_time(test())
