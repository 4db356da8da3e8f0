"""Souk simulated: its dialect over the engine of `unified.sandbox`, written from its papers, never from the adapter."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from unified.instrument import Instrument, Product
from unified.order import OrderStatus, OrderType, Side, TimeInForce
from unified.sandbox.accounts import Account
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
from unified.sandbox.limits import CalendarWindow, LimitScope, VenueLimit
from unified.sandbox.listing import Listing
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import amount, plain
from unified.secret import Credentials, Secret

FAULTS: Mapping[Reason, str] = {
    Reason.UNKNOWN_INSTRUMENT: "E30",
    Reason.MARKET_CLOSED: "E50",
    Reason.CANCEL_ONLY: "E50",
    Reason.POST_ONLY_MODE: "E50",
    Reason.BAD_TICK: "E32",
    Reason.PRICE_OUT_OF_RANGE: "E32",
    Reason.BAD_LOT: "E33",
    Reason.BELOW_MIN_QUANTITY: "E33",
    Reason.ABOVE_MAX_QUANTITY: "E33",
    Reason.BELOW_MIN_NOTIONAL: "E34",
    Reason.ABOVE_MAX_NOTIONAL: "E34",
    Reason.INSUFFICIENT_FUNDS: "E40",
    Reason.DUPLICATE_CLIENT_ID: "E41",
    Reason.NOT_FOUND: "E42",
    Reason.ALREADY_CLOSED: "E43",
    Reason.WOULD_TAKE: "E44",
}
"""Every other reason is E31."""
LIVES = {"till_sold": TimeInForce.GTC, "at_once": TimeInForce.IOC, "all_or_none": TimeInForce.FOK}
WAYS = {"bid": Side.BUY, "offer": Side.SELL}
STATES = {
    OrderStatus.NEW: "resting",
    OrderStatus.PARTIALLY_FILLED: "partly",
    OrderStatus.FILLED: "sold",
    OrderStatus.CANCELED: "taken_back",
}
"""Every other state is "ended"."""


def _pair(ware: str, rate_digits: int, volume_digits: int) -> Instrument:
    lot = Decimal(1).scaleb(-volume_digits)
    return Instrument(
        symbol=f"{ware}.EUR",
        product=Product.SPOT,
        base=ware,
        quote="EUR",
        tick_size=Decimal(1).scaleb(-rate_digits),
        lot_size=lot,
        min_quantity=lot,
        min_notional=Decimal(10),
    )


def _dummy(name: str) -> Credentials:
    return Credentials(key=f"souk-dummy-key-{name}", secret=Secret(f"souk-dummy-secret-{name}"))


class SoukSandbox(Dialect):
    """Keys are known by name; every answer tells the clock and what was counted."""

    name = "souk"
    listings = (
        Listing(instrument=_pair("BTC", 1, 5), price=Decimal(60_000)),
        Listing(instrument=_pair("ETH", 2, 4), price=Decimal(3_000)),
    )
    limits = (
        VenueLimit(name="requests", counting=CalendarWindow(limit=300, period_s=60)),
        VenueLimit(name="orders", counting=CalendarWindow(limit=20, period_s=1), scope=LimitScope.KEY),
    )
    accounts = tuple(ClientAccount(name=name, credentials=_dummy(name)) for name in ("rich", "poor"))

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        rich = {"EUR": Decimal(1_000_000), "BTC": Decimal(20), "ETH": Decimal(100)}
        self._holders = {
            "souk-dummy-key-rich": self.engine.open_account("rich", spot=rich),
            "souk-dummy-key-poor": self.engine.open_account("poor", spot={"EUR": Decimal(11)}),
        }

    # --- every request

    def handle(self, incoming: Incoming) -> Outgoing:
        found = ROUTES.find(incoming)
        key = incoming.header("souk-key")
        uses = [self.use("requests", incoming.peer)]
        uses += [self.use(name, key, cost) for name, cost in (found[0].uses if found else ())]
        breach = self.keeper.admit(uses, self.moment)
        if breach is not None:
            return self.throttled(incoming, breach.retry_after_us / 1e6)
        if found is None:
            return self._fault("E31", f"no call {incoming.path}")
        route, names = found
        answer = (self._unsigned(incoming) if route.signed else None) or self._performed(route, incoming, names)
        used = self.keeper.used("requests", incoming.peer, self.moment)
        return answer.with_headers({"souk-clock": str(self.now_ms), "souk-used": str(int(used))})

    def _performed(self, route: Route[SoukSandbox], incoming: Incoming, names: Mapping[str, str]) -> Outgoing:
        try:
            return route.handle(self, incoming, names)
        except EngineRefusal as refusal:
            return self._fault(FAULTS.get(refusal.reason, "E31"), refusal.text)
        except (KeyError, ValueError, TypeError) as mistake:
            return self._fault("E31", f"{type(mistake).__name__}: {mistake}")

    def _unsigned(self, incoming: Incoming) -> Outgoing | None:
        """The papers: HMAC-SHA256, base64, over five lines; the request must arrive within its two moments."""
        credentials = next(
            (item.credentials for item in self.accounts if item.credentials.key == incoming.header("souk-key")), None
        )
        if credentials is None:
            return self._fault("E20", "unknown key")
        target = f"{incoming.path}?{incoming.query}" if incoming.query else incoming.path
        until, now = incoming.header("souk-until"), incoming.header("souk-time")
        text = f"{until}\n{now}\n{incoming.method}\n{target}\n".encode() + incoming.body
        wanted = base64.b64encode(hmac.new(credentials.secret.reveal().encode(), text, hashlib.sha256).digest())
        if not hmac.compare_digest(wanted, incoming.header("souk-sign").encode()):
            return self._fault("E21", "wrong signature")
        if not int(now) - 1000 <= self.now_ms <= int(until) or int(until) - int(now) > 30_000:
            self.refused_for_clock(incoming)
            return self._fault("E22", f"it is {self.now_ms}")
        return None

    def classify(self, incoming: Incoming) -> RequestClass:
        found = ROUTES.find(incoming)
        return RequestClass.READ if found is None else found[0].kind

    # --- public

    def time(self, _incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        return self._goods({"clock_ms": self.now_ms})

    def pairs(self, _incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        return self._goods({"pairs": [_told_pair(item) for item in self.engine.instruments]})

    def price(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        day = self.engine.ticker(self._instrument(incoming.query_fields()))
        rates = {"bid": day.bid, "offer": day.ask, "last": day.last}
        return self._goods({name: plain(rate) for name, rate in rates.items() if rate is not None})

    def book(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        said = incoming.query_fields()
        book = self.engine.book(self._instrument(said), int(said.get("rows", "50")))
        sides = {"bids": book.bids, "offers": book.asks}
        rows = {name: [[plain(rate), plain(volume)] for rate, volume in levels] for name, levels in sides.items()}
        return self._goods({**rows, "turn": book.sequence})

    # --- the account

    def purse(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        wallet = self._holder(incoming).wallet(Product.SPOT)
        rows = [
            {"coin": coin, "free": plain(wallet.free(coin)), "pledged": plain(wallet.held.get(coin, Decimal(0)))}
            for coin in sorted(wallet.total)
        ]
        return self._goods({"purse": rows})

    def place(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        said = incoming.json_body()
        asked = NewOrder(
            instrument=self._instrument(said),
            side=WAYS[said["way"]],
            order_type=OrderType.LIMIT if "rate" in said else OrderType.MARKET,
            quantity=amount(said["volume"]),
            price=amount(said.get("rate")),
            time_in_force=LIVES[said.get("life", "till_sold")],
            post_only=said.get("maker", False),
            client_order_id=said["tag"],
        )
        return self._goods(_told(self.engine.place(self._holder(incoming), asked)))

    def show(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        return self._goods(_told(self.engine.query(self._holder(incoming), **_which(incoming))))

    def cancel(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        holder = self._holder(incoming)
        return self._goods(_told(self.engine.cancel(holder, self.engine.order(holder, **_which(incoming)))))

    def orders(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        found = [order for order in self._holder(incoming).orders if order.is_open and self.engine.visible(order)]
        return self._page("orders", [_told(order) for order in found], incoming)

    def trades(self, incoming: Incoming, _names: Mapping[str, str]) -> Outgoing:
        wanted = incoming.query_fields().get("order")
        rows = [
            {
                "trade": str(fill.trade_id),
                "order": str(fill.order.order_id),
                "pair": fill.order.instrument.symbol,
                "way": "bid" if fill.side is Side.BUY else "offer",
                "rate": plain(fill.price),
                "volume": plain(fill.quantity),
                "toll": plain(fill.fee),
                "toll_coin": fill.fee_currency,
                "at_ms": fill.time_us // 1000,
            }
            for fill in self._holder(incoming).fills
            if wanted in (None, str(fill.order.order_id))
        ]
        return self._page("trades", rows, incoming)

    # --- words

    def _instrument(self, said: Mapping[str, Any]) -> Instrument:
        return self.engine.instrument(Product.SPOT, said["pair"])

    def _holder(self, incoming: Incoming) -> Account:
        return self._holders[incoming.header("souk-key")]

    def _goods(self, goods: Mapping[str, Any]) -> Outgoing:
        return json_answer({"ok": True, "goods": goods}, stamped=True)

    def _page(self, name: str, rows: list[dict[str, Any]], incoming: Incoming) -> Outgoing:
        said = incoming.query_fields()
        rows = [row for row in rows if said.get("pair") in (None, row["pair"])]
        start = int(said.get("after", "0"))
        after = str(start + 50) if len(rows) > start + 50 else None
        return self._goods({name: rows[start : start + 50], "after": after})

    def _fault(self, code: str, text: str = "", status: int = 200) -> Outgoing:
        return json_answer({"ok": False, "fault": code, "text": text}, status=status, stamped=True)

    def overloaded(self, incoming: Incoming) -> Outgoing:
        return self._fault("E91", "stumbled", 500)

    def under_maintenance(self, incoming: Incoming) -> Outgoing:
        return self._fault("E90", "cleaning", 503)

    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        return self._fault("E10", "slower", 429).with_headers({"souk-wait": str(int(retry_after) + 1)})

    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        return self._fault("E11", "out", 429).with_headers({"souk-wait": str(int(seconds) + 1)})


def _which(incoming: Incoming) -> dict[str, Any]:
    said = incoming.query_fields()
    return {"order_id": int(said["order"])} if said.get("order") else {"client_order_id": said["tag"]}


def _told_pair(item: Instrument) -> dict[str, Any]:
    return {
        "pair": item.symbol,
        "ware": item.base,
        "coin": item.quote,
        "rate_digits": -item.tick_size.adjusted(),
        "volume_digits": -item.lot_size.adjusted(),
        "least_volume": plain(item.min_quantity),
        "least_worth": plain(item.min_notional),
        "stall": "open",
    }


def _told(order: VenueOrder) -> dict[str, Any]:
    is_limit = order.order_type is OrderType.LIMIT
    life = next(word for word, time in LIVES.items() if time is order.time_in_force)
    return {
        "order": str(order.order_id),
        "tag": order.client_order_id or "",
        "pair": order.instrument.symbol,
        "way": "bid" if order.side is Side.BUY else "offer",
        "state": STATES.get(order.status, "ended"),
        "volume": plain(order.quantity or Decimal(0)),
        "rate": plain(order.price) if is_limit and order.price is not None else None,
        "life": life,
        "maker": order.asked.post_only,
        "traded": plain(order.filled_quantity),
        "mean": None if order.average_price is None else plain(order.average_price),
        "placed_ms": order.created_us // 1000,
    }


def _route(
    method: str,
    path: str,
    handle: Callable[[SoukSandbox, Incoming, Mapping[str, str]], Outgoing],
    kind: RequestClass,
    *,
    signed: bool = True,
) -> Route[SoukSandbox]:
    uses = (("orders", 1),) if kind is RequestClass.ORDER else ()
    return Route(method=method, path=path, handle=handle, kind=kind, signed=signed, uses=uses)


ROUTES: Router[SoukSandbox] = Router(
    (
        _route("GET", "/v2/clock", SoukSandbox.time, RequestClass.TIME, signed=False),
        _route("GET", "/v2/pairs", SoukSandbox.pairs, RequestClass.READ, signed=False),
        _route("GET", "/v2/price", SoukSandbox.price, RequestClass.READ, signed=False),
        _route("GET", "/v2/book", SoukSandbox.book, RequestClass.READ, signed=False),
        _route("GET", "/v2/purse", SoukSandbox.purse, RequestClass.PRIVATE_READ),
        _route("POST", "/v2/order", SoukSandbox.place, RequestClass.ORDER),
        _route("GET", "/v2/order", SoukSandbox.show, RequestClass.PRIVATE_READ),
        _route("DELETE", "/v2/order", SoukSandbox.cancel, RequestClass.CANCEL),
        _route("GET", "/v2/orders", SoukSandbox.orders, RequestClass.PRIVATE_READ),
        _route("GET", "/v2/trades", SoukSandbox.trades, RequestClass.PRIVATE_READ),
    )
)
