"""A made-up JSON venue, as small as a dialect can be: what the sandbox's own tests talk to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal

from unified.instrument import Instrument, Product
from unified.order import OrderType, Side
from unified.sandbox.dialect import (
    ClientAccount,
    Dialect,
    Incoming,
    Outgoing,
    RequestClass,
    Route,
    Router,
    Setting,
    json_answer,
)
from unified.sandbox.limits import CalendarWindow, VenueLimit
from unified.sandbox.listing import Listing
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.wording import amount, at_step
from unified.secret import Credentials, Secret

BTC = Instrument(
    symbol="BTC-USD",
    product=Product.SPOT,
    base="BTC",
    quote="USD",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.0001"),
    min_notional=Decimal(5),
)
CREDENTIALS = Credentials(key="toy-dummy-key", secret=Secret("toy-dummy-secret"))
Names = Mapping[str, str]


class Toy(Dialect):
    """Signed with HMAC over time, method, path and body; a stamp may be five seconds old."""

    name = "toy"
    listings = (Listing(instrument=BTC, price=Decimal(60_000)),)
    limits = (VenueLimit(name="requests", counting=CalendarWindow(limit=100, period_s=10)),)
    accounts = (ClientAccount(name="client", credentials=CREDENTIALS),)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.client = self.engine.open_account("client", spot={"USD": Decimal(1_000_000), "BTC": Decimal(10)})

    def handle(self, incoming: Incoming) -> Outgoing:
        breach = self.keeper.admit([self.use("requests", incoming.peer)], self.moment)
        if breach is not None:
            return self.throttled(incoming, breach.retry_after_us / 1e6)
        found = ROUTES.find(incoming)
        if found is None:
            return self.error("no_such_route", 404)
        route, names = found
        refused = self.unsigned(incoming) if route.signed else None
        if refused is not None:
            return refused
        try:
            return route.handle(self, incoming, names)
        except EngineRefusal as refusal:
            return self.error(refusal.reason, 400)

    def classify(self, incoming: Incoming) -> RequestClass:
        found = ROUTES.find(incoming)
        return RequestClass.READ if found is None else found[0].kind

    def unsigned(self, incoming: Incoming) -> Outgoing | None:
        stamp = incoming.header("x-time")
        wanted = signature(stamp, incoming.method, incoming.path, incoming.body)
        if not hmac.compare_digest(wanted, incoming.header("x-sign")):
            return self.error("bad_signature", 401)
        if not -1000 <= self.now_ms - int(stamp) <= 5000:
            self.refused_for_clock(incoming)
            return self.error("bad_time", 400)
        return None

    # --- endpoints

    def time(self, _incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer({"time": self.now_ms}, stamped=True)

    def place(self, incoming: Incoming, _names: Names) -> Outgoing:
        asked = incoming.json_body()
        order = self.engine.place(
            self.client,
            NewOrder(
                instrument=self.engine.instrument(Product.SPOT, asked["symbol"]),
                side=Side(asked["side"]),
                order_type=OrderType.LIMIT if "price" in asked else OrderType.MARKET,
                price=amount(asked.get("price")),
                quantity=amount(asked["quantity"]),
                client_order_id=asked["id"],
            ),
        )
        return json_answer(told(order))

    def show(self, _incoming: Incoming, names: Names) -> Outgoing:
        return json_answer(told(self.engine.query(self.client, client_order_id=names["id"])))

    def cancel(self, _incoming: Incoming, names: Names) -> Outgoing:
        order = self.engine.order(self.client, client_order_id=names["id"])
        return json_answer(told(self.engine.cancel(self.client, order)))

    # --- the venue's own forms of refusal

    def error(self, code: str, status: int) -> Outgoing:
        return json_answer({"error": code}, status=status)

    def overloaded(self, incoming: Incoming) -> Outgoing:
        return self.error("overloaded", 503)

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return self.error("maintenance", 503)

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        return self.error("throttled", 429).with_headers({"retry-after": f"{retry_after:.0f}"})

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        return self.error("banned", 418).with_headers({"retry-after": f"{seconds:.3f}"})


ROUTES = Router(
    (
        Route(method="GET", path="/time", handle=Toy.time, kind=RequestClass.TIME),
        Route(method="POST", path="/orders", handle=Toy.place, kind=RequestClass.ORDER, signed=True),
        Route(method="GET", path="/orders/{id}", handle=Toy.show, kind=RequestClass.PRIVATE_READ, signed=True),
        Route(method="DELETE", path="/orders/{id}", handle=Toy.cancel, kind=RequestClass.CANCEL, signed=True),
    )
)


def told(order: VenueOrder) -> dict[str, str | int]:
    return {
        "order": order.order_id,
        "id": order.client_order_id or "",
        "status": order.status,
        "filled": at_step(order.filled_quantity, BTC.lot_size),
    }


def signature(stamp: str, method: str, path: str, body: bytes) -> str:
    """What a client of the toy venue signs with."""
    signed = f"{stamp}{method}{path}".encode() + body
    return hmac.new(CREDENTIALS.secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
