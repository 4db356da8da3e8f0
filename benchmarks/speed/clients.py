"""Who runs: raw aiohttp + orjson, our client with everything on, ccxt and python-binance. Measures nothing.

Each makes the same three requests of Binance's spot API. The raw floor does what a request needs and nothing more:
it builds the query, signs it, sends it and reads the JSON. Other people's clients run with their defaults, their rate
limiters off, since those would make them wait.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
import orjson

from benchmarks.speed import answers
from unified.client import Client
from unified.config import ClientConfig
from unified.secret import Credentials, Secret
from unified.settings import JournalSettings, TransportSettings

KEY, SECRET = "k" * 64, "s" * 64
AT_ONCE = 50
CALLS = ("book", "ticker", "order")
_CONNECTIONS = AT_ONCE * 20 // 19 + 1
"""So that as many orders can be under way: the last twentieth is kept for what is more urgent than they are."""
_QUANTITY, _PRICE = "0.001", "50000"

Call = Callable[[], Awaitable[object]]


class Runner(Protocol):
    """One client, opened in the loop in which it runs."""

    name: str
    calls: dict[str, Call]

    async def open(self, base: str, folder: Path, /) -> None: ...

    async def close(self) -> None: ...


class Raw:
    """aiohttp and orjson alone: the floor."""

    name = "raw"

    async def open(self, base: str, _folder: Path, /) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=AT_ONCE), headers={"X-MBX-APIKEY": KEY}
        )
        self._base, self._ids = f"{base}/api/v3", count()
        self.calls: dict[str, Call] = {"book": self._book, "ticker": self._ticker, "order": self._order}

    async def _get(self, path: str) -> Any:
        async with self._session.get(f"{self._base}{path}") as response:
            return orjson.loads(await response.read())

    async def _book(self) -> Any:
        return await self._get(f"/depth?symbol={answers.SYMBOL}&limit={answers.LEVELS}")

    async def _ticker(self) -> Any:
        return await self._get(f"/ticker/24hr?symbol={answers.SYMBOL}")

    async def _order(self) -> Any:
        query = urlencode(
            {
                "symbol": answers.SYMBOL,
                "side": "BUY",
                "type": "LIMIT",
                "newClientOrderId": f"x{next(self._ids)}",
                "newOrderRespType": "FULL",
                "quantity": _QUANTITY,
                "price": _PRICE,
                "timeInForce": "GTC",
                "recvWindow": "3000",
                "timestamp": str(time.time_ns() // 1_000_000),
            }
        )
        signature = hmac.new(SECRET.encode(), query.encode(), hashlib.sha256).hexdigest()
        async with self._session.post(f"{self._base}/order?{query}&signature={signature}") as response:
            return orjson.loads(await response.read())

    async def close(self) -> None:
        await self._session.close()


class Ours:
    """The production client, limiter, clock, retry, error handling and journal on; as many requests at once as raw."""

    name = "unified"

    async def open(self, base: str, folder: Path, /) -> None:
        self._client = Client(config(base, folder))
        bitcoin = await self._client.instrument("BTC/USDT")
        self.calls: dict[str, Call] = {
            "book": lambda: self._client.book(bitcoin, answers.LEVELS),
            "ticker": lambda: self._client.ticker(bitcoin),
            "order": lambda: self._client.place_order(bitcoin, "buy", quantity=_QUANTITY, price=_PRICE),
        }

    async def close(self) -> None:
        await self._client.aclose()


def config(base: str, folder: Path) -> ClientConfig:
    """A client of the measured venue with a journal in `folder`."""
    return ClientConfig(
        adapter="binance",
        endpoint=base,
        credentials=Credentials(key=KEY, secret=Secret(SECRET)),
        journal=JournalSettings(file=str(folder / "orders.journal"), mode="process"),
        transport=TransportSettings(connections=_CONNECTIONS),
    )


class Ccxt:
    """ccxt, its unified calls."""

    name = "ccxt"

    async def open(self, base: str, _folder: Path, /) -> None:
        import ccxt.async_support as ccxt

        self._exchange: Any = ccxt.binance({"apiKey": KEY, "secret": SECRET, "enableRateLimit": False})
        self._exchange.urls["api"] |= dict.fromkeys(("public", "private"), f"{base}/api/v3")
        self._exchange.options["fetchMarkets"] = {"types": ["spot"], "loadAllOptions": False}
        self._exchange.options |= {"fetchCurrencies": False, "fetchMargins": False}
        self._exchange.has["fetchCurrencies"] = False
        await self._exchange.load_markets()
        self.calls: dict[str, Call] = {
            "book": lambda: self._exchange.fetch_order_book("BTC/USDT", answers.LEVELS),
            "ticker": lambda: self._exchange.fetch_ticker("BTC/USDT"),
            "order": lambda: self._exchange.create_order("BTC/USDT", "limit", "buy", 0.001, 50000),
        }

    async def close(self) -> None:
        await self._exchange.close()


class PythonBinance:
    """python-binance: the venue's JSON as it comes."""

    name = "python-binance"

    async def open(self, base: str, _folder: Path, /) -> None:
        from binance import AsyncClient

        self._client: Any = AsyncClient(KEY, SECRET)
        self._client.API_URL = f"{base}/api"
        order = {
            "symbol": answers.SYMBOL,
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": _QUANTITY,
            "price": _PRICE,
        }
        self.calls: dict[str, Call] = {
            "book": lambda: self._client.get_order_book(symbol=answers.SYMBOL, limit=answers.LEVELS),
            "ticker": lambda: self._client.get_ticker(symbol=answers.SYMBOL),
            "order": lambda: self._client.create_order(**order),
        }

    async def close(self) -> None:
        await self._client.close_connection()


def runners() -> list[Runner]:
    """Everybody who is installed; raw and ours are always there."""
    peers: list[tuple[str, Callable[[], Runner]]] = [("ccxt", Ccxt), ("binance", PythonBinance)]
    return [Raw(), Ours(), *(make() for package, make in peers if find_spec(package))]
