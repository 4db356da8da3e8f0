"""What is wanted of a venue, in words that both sides understand: the rows of the table of requests.

The programs in `clients/` read an intent as the user of their client would; `operation` reads it as ours does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from unified.instrument import Instrument, Instruments, Product
from unified.market_data import Interval
from unified.operations import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchCandles,
    FetchClosedOrders,
    FetchFills,
    FetchFundingRate,
    FetchOpenOrders,
    FetchOrder,
    FetchPositions,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    Operation,
    PlaceOrder,
    SetLeverage,
)
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce, Trigger

Intent = dict[str, Any]

EXPIRES_S = 1_999_999_980
"""Of an order that is good till a date."""
_SPAN_S, _AGO_S, _LONG_AGO_S = 3_600, 600, 40 * 86_400
"""Of pages: an hour that ended some minutes or some weeks ago. Venues and clients look at the age of what is asked."""
CLIENT_ID, UUID_CLIENT_ID = "fidelity0001", "11111111-2222-4333-8444-555555555555"
ORDER_IDS = {
    "kraken": "OABCDE-FGHIJ-KLMNOP",
    "okx": "2910000000000000001",
    "bybit": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "coinbase": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "binance": "28457001",
}


def _order(name: str, **terms: Any) -> Intent:
    return {"name": name, "do": "place", "side": "buy", "type": "limit", "tif": "gtc", **terms}


_STOPS = {"type": "stop_market", "side": "sell", "stop_price": "55000"}
ORDERS = (
    _order("limit buy", price="50000"),
    _order("limit sell", side="sell", price="70000"),
    _order("limit IOC", price="50000", tif="ioc"),
    _order("limit FOK", price="50000", tif="fok"),
    _order("limit GTD", price="50000", tif="gtd", expires_s=EXPIRES_S),
    _order("limit post-only", price="50000", post_only=True),
    _order("market buy", type="market"),
    _order("market sell", type="market", side="sell"),
    _order("market buy by quote", type="market", quote_quantity="100"),
    _order("stop sell at market", **_STOPS),
    _order("stop sell with limit", **{**_STOPS, "type": "stop_limit"}, price="54900"),
    _order("stop buy with limit", type="stop_limit", stop_price="65000", price="65100"),
    _order("take profit at market", **{**_STOPS, "stop_price": "66000"}, trigger="rises"),
)
REDUCING = (
    _order("limit reduce-only", side="sell", price="70000", reduce_only=True),
    _order("market reduce-only", side="sell", type="market", reduce_only=True),
)
"""Of perpetuals only."""
READS = (
    {"name": "server time", "do": "time"},
    {"name": "ticker", "do": "ticker"},
    {"name": "tickers", "do": "tickers"},
    {"name": "book", "do": "book", "depth": 50},
    {"name": "trades", "do": "trades", "limit": 50},
    {"name": "candles, newest", "do": "candles", "limit": 100},
    {"name": "candles of a span", "do": "candles", "ago_s": _AGO_S, "limit": 60},
    {"name": "candles of an old span", "do": "candles", "ago_s": _LONG_AGO_S, "limit": 60},
    {"name": "balances", "do": "balances"},
    {"name": "fees", "do": "fees"},
    {"name": "open orders", "do": "open_orders"},
    {"name": "closed orders of a span", "do": "closed_orders", "ago_s": _AGO_S, "limit": 50},
    {"name": "fills of a span", "do": "fills", "ago_s": _AGO_S, "limit": 50},
    {"name": "order by venue id", "do": "query"},
    {"name": "order by client id", "do": "query", "by_client_id": True},
)
WRITES = (
    {"name": "amend the price", "do": "amend", "price": "50100"},
    {"name": "cancel by venue id", "do": "cancel"},
    {"name": "cancel by client id", "do": "cancel", "by_client_id": True},
    {"name": "cancel all", "do": "cancel_all"},
)
PERPETUALS = (
    {"name": "positions", "do": "positions"},
    {"name": "funding rate", "do": "funding"},
    {"name": "leverage", "do": "leverage", "leverage": "5"},
)


def intents(venue: str, product: Product, quantity: str, now_s: int) -> list[Intent]:
    """All that are tried at a venue, complete with ids, quantities and spans."""
    known = {"order_id": ORDER_IDS[venue], "client_id": UUID_CLIENT_ID if venue == "coinbase" else CLIENT_ID}
    linear = (*REDUCING, *PERPETUALS) if product is Product.LINEAR else ()
    wanted = (*ORDERS, *READS, *WRITES, *linear)
    return [{"quantity": quantity, **known, **intent, **_spanned(intent, now_s)} for intent in wanted]


def _spanned(intent: Intent, now_s: int) -> dict[str, int]:
    if "ago_s" not in intent:
        return {}
    end_s = (now_s - intent["ago_s"]) // 60 * 60
    return {"start_s": end_s - _SPAN_S, "end_s": end_s}


Make = Callable[[Intent, Instrument, Instruments], Operation[Any]]


def operation(intent: Intent, instrument: Instrument, listing: Instruments) -> Operation[Any]:
    """What our client would make of it."""
    return _MAKERS[intent["do"]](intent, instrument, listing)


def _span(intent: Intent) -> dict[str, Any]:
    return {"start": _moment(intent, "start_s"), "end": _moment(intent, "end_s"), "limit": intent.get("limit")}


def _within(item: Instrument, listing: Instruments) -> dict[str, Any]:
    return {"instrument": item, "product": item.product, "listing": listing}


_MAKERS: Mapping[str, Make] = {
    "place": lambda intent, item, _: _placed(intent, item),
    "amend": lambda intent, item, _: AmendOrder(
        instrument=item, order=_seen(intent, item), price=Decimal(intent["price"])
    ),
    "cancel": lambda intent, item, _: CancelOrder(instrument=item, **_named(intent)),
    "query": lambda intent, item, _: FetchOrder(instrument=item, **_named(intent)),
    "candles": lambda intent, item, _: FetchCandles(instrument=item, interval=Interval.M1, **_span(intent)),
    "closed_orders": lambda intent, item, all_: FetchClosedOrders(**_within(item, all_), **_span(intent)),
    "fills": lambda intent, item, all_: FetchFills(**_within(item, all_), **_span(intent)),
    "book": lambda intent, item, _: FetchBook(instrument=item, depth=intent["depth"]),
    "trades": lambda intent, item, _: FetchTrades(instrument=item, limit=intent["limit"]),
    "leverage": lambda intent, item, _: SetLeverage(instrument=item, leverage=Decimal(intent["leverage"])),
    "time": lambda _, item, __: FetchServerTime(product=item.product),
    "ticker": lambda _, item, __: FetchTicker(instrument=item),
    "tickers": lambda _, item, all_: FetchTickers(product=item.product, listing=all_),
    "balances": lambda _, item, __: FetchBalances(product=item.product),
    "fees": lambda _, item, __: FetchTradingFees(instrument=item),
    "open_orders": lambda _, item, all_: FetchOpenOrders(**_within(item, all_)),
    "cancel_all": lambda _, item, all_: CancelAll(**_within(item, all_)),
    "positions": lambda _, item, all_: FetchPositions(**_within(item, all_)),
    "funding": lambda _, item, __: FetchFundingRate(instrument=item),
}


def _placed(intent: Intent, instrument: Instrument) -> PlaceOrder:
    def number(name: str) -> Decimal | None:
        return Decimal(intent[name]) if name in intent else None

    by_quote = number("quote_quantity")
    return PlaceOrder(
        instrument=instrument,
        side=Side(intent["side"]),
        order_type=OrderType(intent["type"]),
        quantity=None if by_quote else Decimal(intent["quantity"]) * instrument.contract_size,
        quote_quantity=by_quote,
        price=number("price"),
        stop_price=number("stop_price"),
        trigger=Trigger(intent["trigger"]) if "trigger" in intent else None,
        time_in_force=TimeInForce(intent["tif"]),
        expires_at=_moment(intent, "expires_s"),
        post_only=intent.get("post_only", False),
        reduce_only=intent.get("reduce_only", False),
        client_order_id=intent["client_id"],
    )


def _seen(intent: Intent, instrument: Instrument) -> Order:
    return Order(
        instrument=instrument,
        venue_order_id=intent["order_id"],
        status=OrderStatus.NEW,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=Decimal(intent["quantity"]) * instrument.contract_size,
        price=Decimal(50000),
        time_in_force=TimeInForce.GTC,
    )


def _named(intent: Intent) -> dict[str, Any]:
    if intent.get("by_client_id"):
        return {"client_order_id": intent["client_id"]}
    return {"venue_order_id": intent["order_id"]}


def _moment(intent: Intent, name: str) -> datetime | None:
    return datetime.fromtimestamp(intent[name], UTC) if name in intent else None
