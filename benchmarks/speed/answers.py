"""What the measured venue answers: Binance's shapes, filled with made-up numbers. Serves nothing (`venue.py` does).

Every body is made once; a seed keeps the runs alike. Sizes are those of the real venue: prices with eight decimals,
an order answered in full, a listing with all filters.
"""

from __future__ import annotations

from random import Random
from typing import Any

import orjson

SYMBOL = "BTCUSDT"
LEVELS = 100
TRADES = 500
LISTED = 3300
_NOW_MS = 1_795_262_400_000
_PLENTY = 900_000_000
"""A limit that no run reaches: every limit is kept and counted while measuring, none makes a call wait."""


def book(levels: int = LEVELS) -> bytes:
    """`GET /api/v3/depth`: so many levels on each side."""
    chance = Random(1)

    def side(step: float) -> list[list[str]]:
        return [
            [f"{67_000 + step * (number + 1):.8f}", f"{chance.uniform(0.0001, 9):.5f}000"] for number in range(levels)
        ]

    return orjson.dumps({"lastUpdateId": 45_012_345_678, "bids": side(-0.01), "asks": side(0.01)})


def ticker() -> bytes:
    """`GET /api/v3/ticker/24hr` for one symbol."""
    prices = {name: f"{67_000 + place / 8:.8f}" for place, name in enumerate(_PRICES)}
    volumes = {"lastQty": "0.00100000", "bidQty": "4.21000000", "askQty": "0.73000000", "volume": "21456.91880000"}
    times = {"openTime": _NOW_MS - 86_400_000, "closeTime": _NOW_MS}
    ids = {"firstId": 5_400_000_000, "lastId": 5_401_234_567, "count": 1_234_568}
    changes = {"priceChange": "-812.40000000", "priceChangePercent": "-1.198"}
    rest = {"quoteVolume": "1437690012.88412730"}
    return orjson.dumps({"symbol": SYMBOL, **changes, **prices, **volumes, **rest, **times, **ids})


_PRICES = (
    "weightedAvgPrice",
    "prevClosePrice",
    "lastPrice",
    "bidPrice",
    "askPrice",
    "openPrice",
    "highPrice",
    "lowPrice",
)


def trades(count: int = TRADES) -> bytes:
    """`GET /api/v3/trades`."""
    chance = Random(2)
    rows = [
        {
            "id": 5_401_234_000 + number,
            "price": f"{67_000 + chance.uniform(-20, 20):.2f}000000",
            "qty": f"{chance.uniform(0.0001, 2):.5f}000",
            "quoteQty": f"{chance.uniform(10, 9000):.8f}",
            "time": _NOW_MS + number * 37,
            "isBuyerMaker": chance.random() < 0.5,
            "isBestMatch": True,
        }
        for number in range(count)
    ]
    return orjson.dumps(rows)


def order(client_order_id: str = "x0000000000000001") -> bytes:
    """`POST /api/v3/order`, answered in full: an order that rests."""
    return orjson.dumps(
        {
            "symbol": SYMBOL,
            "orderId": 28_457_000_123,
            "orderListId": -1,
            "clientOrderId": client_order_id,
            "transactTime": _NOW_MS + 12,
            "price": "50000.00000000",
            "origQty": "0.00100000",
            "executedQty": "0.00000000",
            "origQuoteOrderQty": "0.00000000",
            "cummulativeQuoteQty": "0.00000000",
            "status": "NEW",
            "timeInForce": "GTC",
            "type": "LIMIT",
            "side": "BUY",
            "workingTime": _NOW_MS + 12,
            "fills": [],
            "selfTradePreventionMode": "EXPIRE_MAKER",
        }
    )


def listing(count: int = LISTED) -> bytes:
    """`GET /api/v3/exchangeInfo`: the measured pair first, then made-up ones."""
    limits = [
        _limit("REQUEST_WEIGHT", "MINUTE", 1),
        _limit("ORDERS", "SECOND", 10),
        _limit("ORDERS", "DAY", 1),
        _limit("RAW_REQUESTS", "MINUTE", 5),
    ]
    rows = [_pair(SYMBOL, "BTC", "USDT"), *(_pair(f"C{n:04d}USDT", f"C{n:04d}", "USDT") for n in range(1, count))]
    head = {"timezone": "UTC", "serverTime": _NOW_MS, "rateLimits": limits, "exchangeFilters": []}
    return orjson.dumps({**head, "symbols": rows})


def _limit(kind: str, interval: str, count: int) -> dict[str, Any]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": count, "limit": _PLENTY}


def _pair(symbol: str, base: str, quote: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "filters": _FILTERS,
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


_FILTERS = [
    {"filterType": "PRICE_FILTER", "minPrice": "0.01000000", "maxPrice": "1000000.00000000", "tickSize": "0.01000000"},
    {"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
    {"filterType": "ICEBERG_PARTS", "limit": 10},
    {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "71.03712300", "stepSize": "0.00000000"},
    {
        "filterType": "TRAILING_DELTA",
        "minTrailingAboveDelta": 10,
        "maxTrailingAboveDelta": 2000,
        "minTrailingBelowDelta": 10,
        "maxTrailingBelowDelta": 2000,
    },
    {
        "filterType": "PERCENT_PRICE_BY_SIDE",
        "bidMultiplierUp": "5",
        "bidMultiplierDown": "0.2",
        "askMultiplierUp": "5",
        "askMultiplierDown": "0.2",
        "avgPriceMins": 5,
    },
    {
        "filterType": "NOTIONAL",
        "minNotional": "5.00000000",
        "applyMinToMarket": True,
        "maxNotional": "9000000.00000000",
        "applyMaxToMarket": False,
        "avgPriceMins": 5,
    },
    {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
    {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
]
