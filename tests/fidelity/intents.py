"""What is wanted of a venue, in words that both sides understand: the rows of the table of requests.

The programs in `clients/` read an intent as the user of their client would; `wanting.operation` reads it as ours does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from unified.instrument import Product

Intent = dict[str, Any]

EXPIRES_S = 1_999_999_980
"""Of an order that is good till a date."""
_SPAN_S, _AGO_S, _LONG_AGO_S = 3_600, 600, 40 * 86_400
"""Of pages: an hour that ended some minutes or some weeks ago. Venues and clients look at the age of what is asked."""
_CLIENT_IDS = ("fidelity0001", "fidelity0002")
_UUIDS = ("11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-aaaaaaaaaaaa")
_ORDER_IDS = {
    "kraken": ("OABCDE-FGHIJ-KLMNOP", "OQRSTU-VWXYZ-ABCDEF"),
    "okx": ("2910000000000000001", "2910000000000000002"),
    "bybit": ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    "coinbase": ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    "binance": ("28457001", "28457002"),
}


def _order(name: str, do: str = "place", **terms: Any) -> Intent:
    return {"name": name, "do": do, "side": "buy", "type": "limit", "tif": "gtc", **terms}


_LIMIT = {"price": "50000"}
_STOPS = {"type": "stop_market", "side": "sell", "stop_price": "55000"}
_EXPIRING = {"tif": "gtd", "expires_s": EXPIRES_S}
_RESTS: Mapping[str, Intent] = {
    "GTC": {},
    "IOC": {"tif": "ioc"},
    "FOK": {"tif": "fok"},
    "GTD": _EXPIRING,
    "post-only": {"post_only": True},
    "post-only GTD": {**_EXPIRING, "post_only": True},
}
"""How an order with a price may rest, or not."""
_PRICES = {"buy": "50000", "sell": "70000"}
_TRIGGERS = {"rises": ("66000", "65900"), "falls": ("55000", "54900")}
"""What a stop waits for: the price that it is to reach, and the limit of the order that it then becomes."""


def _every_order(more: str = "", **terms: Any) -> Iterator[Intent]:
    """Every type with every side, trigger and time in force, with the same terms beside."""
    for side, price in _PRICES.items():
        yield _order(f"market {side}{more}", type="market", side=side, **terms)
        for rest, how in _RESTS.items():
            yield _order(f"limit {side} {rest}{more}", side=side, price=price, **how, **terms)
        for trigger, (stop_price, limit) in _TRIGGERS.items():
            stop = {"side": side, "trigger": trigger, "stop_price": stop_price, **terms}
            yield _order(f"{side} at market when it {trigger}{more}", type="stop_market", **stop)
            for rest, how in _RESTS.items():
                name = f"{side} with limit {rest} when it {trigger}{more}"
                yield _order(name, type="stop_limit", price=limit, **how, **stop)


_BY_QUOTE = {"type": "market", "quote_quantity": "100"}
ORDERS = (
    *_every_order(),
    *(_order(f"market {side} by quote", side=side, **_BY_QUOTE) for side in _PRICES),
    _order("stop that names no trigger", **_STOPS),
    _order("test a limit buy", "test", **_LIMIT),
    _order("test a market sell", "test", type="market", side="sell"),
)
_SIDES = ("long", "short")
POSITIONS = (
    *_every_order(", reduce-only", reduce_only=True),
    *_every_order(", isolated", margin_mode="isolated"),
    *(order for side in _SIDES for order in _every_order(f" of the {side}", position_side=side)),
)
"""Of perpetuals only, as all of the following are that know positions."""
BATCHES = (
    {
        "name": "place two",
        "do": "place_batch",
        "orders": [_order("", **_LIMIT), _order("", side="sell", price="70000", post_only=True)],
    },
    {"name": "cancel two by venue id", "do": "cancel_batch"},
    {"name": "cancel two by client id", "do": "cancel_batch", "by_client_id": True},
)
_NEWEST = {"do": "candles", "limit": 100}
READS = (
    {"name": "server time", "do": "time"},
    {"name": "ticker", "do": "ticker"},
    {"name": "tickers", "do": "tickers"},
    {"name": "book", "do": "book", "depth": 50},
    {"name": "trades", "do": "trades", "limit": 50},
    {"name": "trades, an older page", "do": "trades", "limit": 50, "older": True},
    {"name": "candles, newest", **_NEWEST},
    {"name": "candles of 15 minutes", **_NEWEST, "interval": "15m"},
    {"name": "candles of an hour", **_NEWEST, "interval": "1h"},
    {"name": "candles of 6 hours", **_NEWEST, "interval": "6h"},
    {"name": "candles of a day", **_NEWEST, "interval": "1d"},
    {"name": "candles of a week", **_NEWEST, "interval": "1w"},
    {"name": "candles of a month", **_NEWEST, "interval": "1M"},
    {"name": "candles of a span", "do": "candles", "ago_s": _AGO_S, "limit": 60},
    {"name": "candles of an old span", "do": "candles", "ago_s": _LONG_AGO_S, "limit": 60},
    {"name": "balances", "do": "balances"},
    {"name": "fees", "do": "fees"},
    {"name": "open orders", "do": "open_orders"},
    {"name": "open orders of all instruments", "do": "open_orders", "of_all": True},
    {"name": "open orders, a later page", "do": "open_orders", "older": True},
    {"name": "open stops", "do": "open_orders", "of_stop": True, "older": True},
    {"name": "closed orders of a span", "do": "closed_orders", "ago_s": _AGO_S, "limit": 50},
    {"name": "closed orders, a later page", "do": "closed_orders", "ago_s": _AGO_S, "limit": 50, "older": True},
    {"name": "fills of a span", "do": "fills", "ago_s": _AGO_S, "limit": 50},
    {"name": "fills, a later page", "do": "fills", "ago_s": _AGO_S, "limit": 50, "older": True},
    {"name": "fills of an order", "do": "fills", "of_order": True},
    {"name": "order by venue id", "do": "query"},
    {"name": "order by client id", "do": "query", "by_client_id": True},
    {"name": "stop by venue id", "do": "query", "of_stop": True},
    {"name": "stop by client id", "do": "query", "of_stop": True, "by_client_id": True},
)
WRITES = (
    {"name": "amend the price", "do": "amend", "price": "50100"},
    {"name": "amend the quantity", "do": "amend", "less": True},
    {"name": "amend by client id", "do": "amend", "price": "50100", "by_client_id": True},
    {"name": "amend the limit of a stop", "do": "amend", "price": "54800", "of_stop": True},
    {"name": "cancel by venue id", "do": "cancel"},
    {"name": "cancel by client id", "do": "cancel", "by_client_id": True},
    {"name": "cancel a stop by venue id", "do": "cancel", "of_stop": True},
    {"name": "cancel a stop by client id", "do": "cancel", "of_stop": True, "by_client_id": True},
    {"name": "cancel all", "do": "cancel_all"},
    {"name": "cancel all of all instruments", "do": "cancel_all", "of_all": True},
)
PERPETUALS = (
    {"name": "positions", "do": "positions"},
    {"name": "funding rate", "do": "funding"},
    {"name": "leverage", "do": "leverage", "leverage": "5"},
    {"name": "margin mode", "do": "margin_mode", "mode": "isolated"},
    {"name": "hedge mode", "do": "position_mode", "mode": "hedge"},
    {"name": "one-way mode", "do": "position_mode", "mode": "one_way"},
)


def intents(venue: str, product: Product, quantity: str, now_s: int) -> list[Intent]:
    """All that are tried at a venue, complete with ids, quantities and spans."""
    client_ids = _UUIDS if venue == "coinbase" else _CLIENT_IDS
    known = {"order_id": _ORDER_IDS[venue][0], "client_id": client_ids[0], "quantity": quantity}
    both = {"order_ids": list(_ORDER_IDS[venue]), "client_ids": list(client_ids)}
    linear = (*POSITIONS, *PERPETUALS) if product is Product.LINEAR else ()
    wanted: Iterable[Intent] = (*ORDERS, *BATCHES, *READS, *WRITES, *linear)
    offered = [intent for intent in wanted if "older" not in intent or _kind(intent) in _PAGES[venue]]
    return [_complete(venue, {**known, **both, **intent, **_spanned(intent, now_s)}) for intent in offered]


def _kind(intent: Intent) -> str:
    """What pages are asked for."""
    return "open_stops" if intent.get("of_stop") else str(intent["do"])


def _spanned(intent: Intent, now_s: int) -> dict[str, int]:
    if "ago_s" not in intent:
        return {}
    end_s = (now_s - intent["ago_s"]) // 60 * 60
    return {"start_s": end_s - _SPAN_S, "end_s": end_s}


def _complete(venue: str, intent: Intent) -> Intent:
    if intent["do"] == "place_batch":
        named = zip(intent["orders"], intent["client_ids"], strict=True)
        orders = [{**order, "quantity": intent["quantity"], "client_id": name} for order, name in named]
        return {**intent, "orders": orders}
    if "older" in intent:
        mark, cursor = _PAGES[venue][_kind(intent)](intent)
        return {**intent, "after": mark, "cursor": cursor}
    return intent


# --- pages


_TRADE, _ROW = "4100200", "2910000000000000500"
_Marked = Callable[[Intent], tuple[str, str]]
"""Where a page begins: as the venue is told, and as a cursor of ours says the same. Other lists have one page."""


def _span_ms(intent: Intent) -> str:
    return f"{intent['start_s'] * 1000}:{intent['end_s'] * 1000}"


def _alike(mark: str) -> _Marked:
    return lambda _: (mark, mark)


_PAGES: Mapping[str, Mapping[str, _Marked]] = {
    "kraken": {
        # The cursor holds the oldest trade, its moment and how far before it to look; the venue is asked from there.
        "trades": lambda _: ("1795262390000000000", "4100200:1795262400000000:10000000"),
        **dict.fromkeys(("closed_orders", "fills"), _alike("50")),
    },
    "okx": {
        "trades": _alike(_TRADE),
        **dict.fromkeys(("closed_orders", "fills"), lambda _: (_ROW, f":{_ROW}")),
        "open_orders": lambda _: (_ROW, f"orders:{_ROW}"),
        # Stops have lists of their own, which ours reads after the plain orders.
        "open_stops": lambda _: (_ROW, f"conditional,oco:{_ROW}"),
    },
    "bybit": {
        "trades": _alike(_TRADE),
        **dict.fromkeys(("closed_orders", "fills"), lambda intent: ("page%3D2", f"{_span_ms(intent)}:page%3D2")),
        "open_orders": _alike("page%3D2"),
    },
    "coinbase": {
        "trades": lambda _: ("1795262400", f"1795262400:{_TRADE}"),
        **dict.fromkeys(("closed_orders", "fills"), _alike("789100")),
    },
    "binance": {
        # The cursor is the oldest id seen, and a page holds the fifty before it.
        "trades": lambda intent: (str(int(_TRADE) - intent["limit"]), _TRADE),
        **dict.fromkeys(("closed_orders", "fills"), lambda intent: (_TRADE, f"0:i{_TRADE}-{intent['end_s'] * 1000}")),
    },
}
