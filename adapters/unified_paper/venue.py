"""The venue itself: a simulated market in memory that speaks Paper's JSON. No socket is opened.

    venue = PaperVenue()                                    # inside a running loop
    client = Client("paper", transport=venue.transport(), credentials=venue.credentials)

Like every sandbox it is a dialect over the engine of `unified.sandbox`, and never imports the adapter.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from unified.instrument import Instrument, Product
from unified.market_data import Interval
from unified.order import OrderType, Side, TimeInForce, Trigger
from unified.ports import Transport
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
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.limits import CalendarWindow, LimitScope, VenueLimit
from unified.sandbox.listing import Listing
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.orders import NewOrder, VenueFill, VenueOrder
from unified.sandbox.refusal import EngineRefusal
from unified.sandbox.wording import amount, plain
from unified.secret import Credentials, Secret

CREDENTIALS = Credentials(key="paper-dummy-key", secret=Secret("paper-dummy-secret"))
PAGE = 100
"""Rows of one page of orders or fills."""
Names = Mapping[str, str]


def _instrument(base: str, tick: str, lot: str) -> Instrument:
    return Instrument(
        symbol=f"{base}USDT",
        product=Product.SPOT,
        base=base,
        quote="USDT",
        tick_size=Decimal(tick),
        lot_size=Decimal(lot),
        min_quantity=Decimal(lot),
        min_notional=Decimal(5),
    )


class _BadRequest(Exception):
    """A parameter that is missing or cannot be read."""


class PaperDialect(Dialect):
    """Paper's own way of speaking about the engine."""

    name = "paper"
    listings = (
        Listing(instrument=_instrument("BTC", "0.01", "0.00001"), price=Decimal(60_000)),
        Listing(instrument=_instrument("ETH", "0.01", "0.0001"), price=Decimal(3_000)),
    )
    limits = (
        VenueLimit(name="requests", counting=CalendarWindow(limit=1200, period_s=60)),
        VenueLimit(name="orders", counting=CalendarWindow(limit=100, period_s=10), scope=LimitScope.KEY),
    )
    accounts = (ClientAccount(name="client", credentials=CREDENTIALS),)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        spot = {"USDT": Decimal(100_000), "BTC": Decimal(1), "ETH": Decimal(20)}
        self._client = self.engine.open_account("client", spot=spot)

    # --- every request

    def handle(self, incoming: Incoming) -> Outgoing:
        found = ROUTES.find(incoming)
        uses = [self.use("requests", incoming.peer)]
        if found is not None:
            uses += [self.use(name, "client", cost) for name, cost in found[0].uses]
        breach = self.keeper.admit(uses, self.moment)
        if breach is not None:
            return self.throttled(incoming, breach.retry_after_us / 1e6)
        if found is None:
            return self._error("no_such_call", 404)
        route, names = found
        refused = self._unsigned(incoming) if route.signed else None
        return self._marked(refused or self._handled(route, incoming, names), incoming)

    def _handled(self, route: Route[PaperDialect], incoming: Incoming, names: Names) -> Outgoing:
        try:
            return route.handle(self, incoming, names)
        except EngineRefusal as refusal:
            return self._error(refusal.reason.value, 400, refusal.text)
        except (_BadRequest, KeyError, ValueError) as mistake:
            return self._error("bad_request", 400, f"{type(mistake).__name__}: {mistake}")

    def _marked(self, answer: Outgoing, incoming: Incoming) -> Outgoing:
        used = self.keeper.used("requests", incoming.peer, self.moment)
        headers = {"x-paper-clock": str(self.now_us), "x-paper-used": str(int(used))}
        return Outgoing(status=answer.status, headers={**answer.headers, **headers}, body=answer.body, stamped=True)

    def _unsigned(self, incoming: Incoming) -> Outgoing | None:
        time, window = incoming.header("x-paper-time"), incoming.header("x-paper-window")
        signed = f"{time}{window}{incoming.method}{incoming.path}{incoming.query}".encode() + incoming.body
        wanted = hmac.new(CREDENTIALS.secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
        if incoming.header("x-paper-key") != CREDENTIALS.key:
            return self._error("bad_key", 401)
        if not hmac.compare_digest(wanted, incoming.header("x-paper-sign")):
            return self._error("bad_signature", 401)
        if not -1000 < self.now_ms - int(time) <= int(window):
            self.refused_for_clock(incoming)
            return self._error("bad_time", 400, f"the time here is {self.now_ms}")
        return None

    def classify(self, incoming: Incoming) -> RequestClass:
        found = ROUTES.find(incoming)
        return RequestClass.READ if found is None else found[0].kind

    # --- public

    def time(self, _incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer({"time_us": self.now_us}, stamped=True)

    def status(self, _incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer({"status": "online"})

    def instruments(self, _incoming: Incoming, _names: Names) -> Outgoing:
        rows = [
            {
                "symbol": item.symbol,
                "base": item.base,
                "quote": item.quote,
                "tick_size": plain(item.tick_size),
                "lot_size": plain(item.lot_size),
                "min_quantity": plain(item.min_quantity),
                "min_notional": plain(item.min_notional),
                "trading": True,
            }
            for item in self.engine.instruments
        ]
        return json_answer({"instruments": rows})

    def ticker(self, incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer(self._ticker(self._instrument(incoming.query_fields())))

    def tickers(self, _incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer({"tickers": [self._ticker(item) for item in self.engine.instruments]})

    def _ticker(self, instrument: Instrument) -> dict[str, Any]:
        day, book = self.engine.ticker(instrument), self.engine.book(instrument, 1)
        best = {
            f"{side}{suffix}": plain(value)
            for side, levels in (("bid", book.bids), ("ask", book.asks))
            for level in levels[:1]
            for suffix, value in (("", level[0]), ("_quantity", level[1]))
        }
        values = {"last": day.last, "open": day.open, "high": day.high, "low": day.low, "volume": day.volume}
        return {
            "symbol": instrument.symbol,
            **best,
            **{name: plain(value) for name, value in values.items()},
            "time_ms": self.now_ms,
        }

    def book(self, incoming: Incoming, _names: Names) -> Outgoing:
        said = incoming.query_fields()
        book = self.engine.book(self._instrument(said), int(said.get("depth", "100")))
        sides = {
            name: [[plain(price), plain(quantity)] for price, quantity in levels]
            for name, levels in (("bids", book.bids), ("asks", book.asks))
        }
        return json_answer({**sides, "sequence": book.sequence, "time_ms": self.now_ms})

    def trades(self, incoming: Incoming, _names: Names) -> Outgoing:
        said = incoming.query_fields()
        before = int(said.get("before", 2**62))
        rows = [
            {
                "id": trade.trade_id,
                "price": plain(trade.price),
                "quantity": plain(trade.quantity),
                "side": trade.side.value,
                "time_ms": trade.time_us // 1000,
            }
            for trade in self.engine.trades(self._instrument(said), 10_000)
            if trade.trade_id < before
        ]
        return json_answer({"trades": rows[-int(said["limit"]) :]})

    def candles(self, incoming: Incoming, _names: Names) -> Outgoing:
        said = incoming.query_fields()
        start, end = (said.get(name) for name in ("start_ms", "end_ms"))
        found = self.engine.candles(
            self._instrument(said),
            Interval(said["interval"]),
            start_us=None if start is None else int(start) * 1000,
            end_us=None if end is None else int(end) * 1000,
        )
        limit = int(said["limit"])
        chosen = found[-limit:] if start is None else found[:limit]
        rows = [
            {
                "opened_ms": candle.opened_us // 1000,
                **{name: plain(getattr(candle, name)) for name in ("open", "high", "low", "close", "volume")},
            }
            for candle in chosen
        ]
        return json_answer({"candles": rows})

    # --- account

    def balances(self, _incoming: Incoming, _names: Names) -> Outgoing:
        wallet = self._client.wallet(Product.SPOT)
        rows = [
            {
                "currency": name,
                "free": plain(wallet.free(name)),
                "locked": plain(wallet.held.get(name, Decimal(0))),
            }
            for name in sorted(wallet.total)
        ]
        return json_answer({"balances": rows})

    def fees(self, incoming: Incoming, _names: Names) -> Outgoing:
        self._instrument(incoming.query_fields())
        rates = self.engine.fees(self._client, Product.SPOT)
        return json_answer({"maker": plain(rates.maker), "taker": plain(rates.taker)})

    def key(self, _incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer({"read": True, "trade": True})

    # --- orders

    def place(self, incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer(_told(self.engine.place(self._client, self._asked(incoming))))

    def test(self, incoming: Incoming, _names: Names) -> Outgoing:
        self.engine.test(self._client, self._asked(incoming))
        return json_answer({})

    def show(self, incoming: Incoming, _names: Names) -> Outgoing:
        return json_answer(_told(self.engine.query(self._client, **_which(incoming.query_fields()))))

    def cancel(self, incoming: Incoming, _names: Names) -> Outgoing:
        order = self.engine.order(self._client, **_which(incoming.query_fields()))
        return json_answer(_told(self.engine.cancel(self._client, order)))

    def amend(self, incoming: Incoming, _names: Names) -> Outgoing:
        said = self._json(incoming)
        order = self.engine.order(self._client, **_which(said))
        changed = self.engine.amend(
            self._client, order, price=_number(said, "price"), quantity=_number(said, "quantity")
        )
        return json_answer(_told(changed))

    def cancel_all(self, incoming: Incoming, _names: Names) -> Outgoing:
        said = incoming.query_fields()
        instrument = self._instrument(said) if "symbol" in said else None
        self.engine.cancel_all(self._client, product=Product.SPOT, instrument=instrument)
        return json_answer({})

    def open_orders(self, incoming: Incoming, _names: Names) -> Outgoing:
        return self._page("orders", [_told(order) for order in self._orders(incoming, is_open=True)], incoming)

    def closed_orders(self, incoming: Incoming, _names: Names) -> Outgoing:
        return self._page("orders", [_told(order) for order in self._orders(incoming, is_open=False)], incoming)

    def fills(self, incoming: Incoming, _names: Names) -> Outgoing:
        said = incoming.query_fields()
        found = [
            fill
            for fill in self._client.fills
            if said.get("symbol") in (None, fill.order.instrument.symbol)
            and said.get("id") in (None, str(fill.order.order_id))
            and _within(said, fill.time_us)
        ]
        return self._page("fills", [_fill(fill) for fill in found], incoming)

    def _orders(self, incoming: Incoming, *, is_open: bool) -> list[VenueOrder]:
        said = incoming.query_fields()
        return [
            order
            for order in self._client.orders
            if order.is_open == is_open
            and self.engine.visible(order)
            and said.get("symbol") in (None, order.instrument.symbol)
            and _within(said, order.created_us)
        ]

    def _page(self, name: str, rows: list[dict[str, Any]], incoming: Incoming) -> Outgoing:
        start = int(incoming.query_fields().get("cursor", "0"))
        more = len(rows) > start + PAGE
        return json_answer({name: rows[start : start + PAGE], "cursor": str(start + PAGE) if more else ""})

    # --- reading what was asked

    def _instrument(self, said: Mapping[str, str]) -> Instrument:
        return self.engine.instrument(Product.SPOT, said.get("symbol", ""))

    def _json(self, incoming: Incoming) -> dict[str, str]:
        said = incoming.json_body()
        if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
            raise _BadRequest("the body must be an object of texts")
        return said

    def _asked(self, incoming: Incoming) -> NewOrder:
        said = self._json(incoming)
        expires = said.get("expires_ms")
        return NewOrder(
            instrument=self._instrument(said),
            side=Side(said["side"]),
            order_type=OrderType(said["type"]),
            quantity=_number(said, "quantity"),
            quote_quantity=_number(said, "quote_quantity"),
            price=_number(said, "price"),
            stop_price=_number(said, "stop_price"),
            trigger=Trigger(said["trigger"]) if "trigger" in said else None,
            time_in_force=TimeInForce(said.get("time_in_force", "gtc")),
            expires_us=None if expires is None else int(expires) * 1000,
            post_only=said.get("post_only") == "true",
            client_order_id=said["client_order_id"],
        )

    # --- refusals

    def _error(self, code: str, status: int, message: str = "") -> Outgoing:
        return json_answer({"error": {"code": code, "message": message}}, status=status)

    def overloaded(self, incoming: Incoming) -> Outgoing:
        return self._error("overloaded", 503)

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return self._error("maintenance", 503)

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        return self._error("throttled", 429).with_headers({"retry-after": str(int(retry_after) + 1)})

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        return self._error("banned", 418).with_headers({"retry-after": str(int(seconds) + 1)})


class PaperVenue:
    """One paper market, and the ways to it."""

    credentials = CREDENTIALS

    def __init__(self, *, seed: int = 0, faults: str = "none") -> None:
        """To be made inside a running loop, whose clock is the venue's. `faults`: none, mild or harsh."""
        now = asyncio.get_running_loop().time
        self.dialect = PaperDialect(Setting(now=now, seed=seed))
        self.network = SandboxNetwork(self.dialect, FaultPlan(Profile(faults), seed), seed=seed)

    def transport(self) -> Transport:
        """What a client is given instead of sockets."""
        return self.network.transport()


def _number(said: Mapping[str, str], name: str) -> Decimal | None:
    if name not in said:
        return None
    number = amount(said[name])
    if number is None:
        raise _BadRequest(f"{name} is not a number")
    return number


def _which(said: Mapping[str, str]) -> dict[str, Any]:
    if said.get("id"):
        return {"order_id": int(said["id"])}
    return {"client_order_id": said["client_order_id"]}


def _within(said: Mapping[str, str], time_us: int) -> bool:
    start, end = int(said.get("start_ms", "0")), int(said.get("end_ms", str(2**62)))
    return start <= time_us // 1000 < end


def _told(order: VenueOrder) -> dict[str, Any]:
    asked = order.asked
    numbers = {
        "quantity": order.quantity,
        "quote_quantity": asked.quote_quantity,
        "price": order.price,
        "stop_price": asked.stop_price,
        "average_price": order.average_price,
    }
    return {
        "id": order.order_id,
        "client_order_id": order.client_order_id or "",
        "symbol": order.instrument.symbol,
        "status": order.status.value,
        "side": order.side.value,
        "type": order.order_type.value,
        "time_in_force": order.time_in_force.value,
        "expires_ms": None if asked.expires_us is None else asked.expires_us // 1000,
        "post_only": asked.post_only,
        **{name: plain(value) for name, value in numbers.items() if value is not None},
        "filled_quantity": plain(order.filled_quantity),
        "created_ms": order.created_us // 1000,
        "updated_ms": order.updated_us // 1000,
        "refusal": "" if order.refusal is None else order.refusal.value,
    }


def _fill(fill: VenueFill) -> dict[str, Any]:
    return {
        "trade_id": fill.trade_id,
        "order_id": fill.order.order_id,
        "client_order_id": fill.order.client_order_id or "",
        "symbol": fill.order.instrument.symbol,
        "side": fill.side.value,
        "price": plain(fill.price),
        "quantity": plain(fill.quantity),
        "fee": plain(fill.fee),
        "fee_currency": fill.fee_currency,
        "liquidity": fill.liquidity.value,
        "time_ms": fill.time_us // 1000,
    }


def _route(method: str, path: str, handle: Any, kind: RequestClass, *, signed: bool = True, orders: int = 0) -> Any:
    uses = (("orders", orders),) if orders else ()
    return Route(method=method, path=path, handle=handle, kind=kind, signed=signed, uses=uses)


ROUTES: Router[PaperDialect] = Router(
    (
        _route("GET", "/time", PaperDialect.time, RequestClass.TIME, signed=False),
        _route("GET", "/status", PaperDialect.status, RequestClass.READ, signed=False),
        _route("GET", "/instruments", PaperDialect.instruments, RequestClass.READ, signed=False),
        _route("GET", "/ticker", PaperDialect.ticker, RequestClass.READ, signed=False),
        _route("GET", "/tickers", PaperDialect.tickers, RequestClass.READ, signed=False),
        _route("GET", "/book", PaperDialect.book, RequestClass.READ, signed=False),
        _route("GET", "/trades", PaperDialect.trades, RequestClass.READ, signed=False),
        _route("GET", "/candles", PaperDialect.candles, RequestClass.READ, signed=False),
        _route("GET", "/balances", PaperDialect.balances, RequestClass.PRIVATE_READ),
        _route("GET", "/fees", PaperDialect.fees, RequestClass.PRIVATE_READ),
        _route("GET", "/key", PaperDialect.key, RequestClass.PRIVATE_READ),
        _route("POST", "/orders", PaperDialect.place, RequestClass.ORDER, orders=1),
        _route("POST", "/orders/test", PaperDialect.test, RequestClass.PRIVATE_READ),
        _route("GET", "/orders", PaperDialect.show, RequestClass.PRIVATE_READ),
        _route("DELETE", "/orders", PaperDialect.cancel, RequestClass.CANCEL),
        _route("PUT", "/orders", PaperDialect.amend, RequestClass.WRITE, orders=1),
        _route("DELETE", "/orders/open", PaperDialect.cancel_all, RequestClass.CANCEL),
        _route("GET", "/orders/open", PaperDialect.open_orders, RequestClass.PRIVATE_READ),
        _route("GET", "/orders/closed", PaperDialect.closed_orders, RequestClass.PRIVATE_READ),
        _route("GET", "/fills", PaperDialect.fills, RequestClass.PRIVATE_READ),
    )
)
