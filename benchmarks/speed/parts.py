"""What single steps cost: reading answers, signing, classifying an error; and all of our own work on one order.

Functions are compared in turns with the bare libraries doing the same to the same bytes. No network anywhere.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.speed import answers
from benchmarks.speed.clients import KEY, SECRET, config
from benchmarks.speed.row import Effort, Row, at_most, beside
from unified.adapter import AdapterSettings, Stamp
from unified.client import Client
from unified.http import HttpRequest, HttpResponse, Method
from unified.instrument import Instrument, Product
from unified.operations import FetchBook, FetchTicker, FetchTrades, Operation, PlaceOrder
from unified.order import Side
from unified.ports import Pool
from unified.registry import adapter_class
from unified.secret import Credentials, Secret
from unified.wire import query
from unified_binance_dialect.auth import Auth as BinanceAuth
from unified_bybit.auth import Auth as BybitAuth
from unified_kraken.auth import Auth as KrakenAuth
from unified_okx.auth import Auth as OkxAuth

BITCOIN = Instrument(
    symbol=answers.SYMBOL,
    product=Product.SPOT,
    base="BTC",
    quote="USDT",
    tick_size=Decimal("0.01"),
    lot_size=Decimal("0.00001"),
)
ORDER = PlaceOrder(
    instrument=BITCOIN, side=Side.BUY, quantity=Decimal("0.001"), price=Decimal(50000), client_order_id="x1"
)
CREDENTIALS = Credentials(key=KEY, secret=Secret(SECRET), passphrase=Secret("p" * 12))
STAMP = Stamp(time_ms=1_795_262_400_123, window_ms=3000, nonce=1_795_262_400_123_000_000, token="0" * 32)
OWN_WORK_US = 25.0
CLASSIFY_US = 2.0


def rows(effort: Effort) -> Iterator[Row]:
    """Reading, signing, errors, our own work."""
    gc.collect()
    gc.freeze()  # what was imported is nobody's garbage; it would be looked through again and again
    try:
        yield from _reading(effort)
        yield from _signing(effort)
        yield _classifying(effort)
        yield _own_work(effort)
    finally:
        gc.unfreeze()


# --- reading


def _reading(effort: Effort) -> Iterator[Row]:
    book, trades = FetchBook(instrument=BITCOIN), FetchTrades(instrument=BITCOIN)
    levels = f"book {answers.LEVELS}x2"
    yield _read(effort, levels, book, answers.book(), 1.3, lambda found: found)
    yield _read(
        effort, f"{levels}, best bid and ask", book, answers.book(), 1.4, lambda found: (found.best_bid, found.best_ask)
    )
    yield _read(
        effort, f"{levels}, all levels as Decimal", book, answers.book(), 5.2, lambda found: (found.bids, found.asks)
    )
    yield _read(
        effort, f"{levels}, each level looked at", book, answers.book(), None, lambda found: [*found.bids, *found.asks]
    )
    yield _read(effort, f"{answers.TRADES} trades typed", trades, answers.trades(), 3.5, lambda found: found)
    yield _read(effort, "order answer typed", ORDER, answers.order(), 4.0, lambda found: found)
    yield _read(effort, "ticker typed", FetchTicker(instrument=BITCOIN), answers.ticker(), None, lambda found: found)


def _read(
    effort: Effort, what: str, operation: Operation[Any], body: bytes, bar: float | None, then: Callable[[Any], object]
) -> Row:
    kind = adapter_class("binance")
    endpoint: Any = kind(AdapterSettings(credentials=CREDENTIALS)).endpoints[type(operation), operation.product]
    response = HttpResponse(status=200, body=body)
    times = max(3, 150_000 // len(body))
    found = beside(
        lambda: then(endpoint.parse(operation, response)),
        lambda: orjson.loads(body),
        blocks=effort.blocks,
        times=times,
    )
    return Row(
        table="parts",
        what=f"{what}, against orjson.loads",
        bar="" if bar is None else f"at most {bar:g}x",
        measured=f"{found.ratio:.2f}x ({found.ours_us:.1f} us)",
        holds=None if bar is None else at_most(found.ratio, bar),
        numbers={"ratio": found.ratio, "us": found.ours_us, "bar": bar},
    )


# --- signing

_TERMS = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.001", "price": "50000"}
_TERMS |= {"newClientOrderId": "x0000000000000001", "timeInForce": "GTC", "newOrderRespType": "FULL"}


def _signing(effort: Effort) -> Iterator[Row]:
    pairs = {"Binance": _binance(), "OKX": _okx(), "Bybit": _bybit(), "Kraken": _kraken()}
    for venue, (ours, bare) in pairs.items():
        found = beside(ours, bare, blocks=effort.blocks, times=500)
        yield Row(
            table="parts",
            what=f"sign for {venue}, against bare hmac + urlencode",
            bar="at most 1.1x",
            measured=f"{found.ratio:.2f}x ({found.ours_us:.1f} us)",
            holds=at_most(found.ratio, 1.1),
            numbers={"ratio": found.ratio, "us": found.ours_us, "bar": 1.1},
        )


Pair = tuple[Callable[[], object], Callable[[], object]]


def _binance() -> Pair:
    auth, stamped = BinanceAuth(CREDENTIALS), {**_TERMS, "recvWindow": "3000", "timestamp": str(STAMP.time_ms)}

    def bare() -> str:
        text = urlencode(stamped)
        return f"{text}&signature={hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()}"

    return lambda: auth.signed_query(_TERMS, STAMP), bare


def _okx() -> Pair:
    auth, start = OkxAuth(CREDENTIALS), "2026-11-21T16:00:00.123Z"

    def ours() -> object:
        return auth.headers(Method.GET, f"/api/v5/trade/order?{query(_TERMS)}", b"", STAMP)

    def bare() -> object:
        text = f"{start}GET/api/v5/trade/order?{urlencode(_TERMS)}"
        return base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()).decode()

    return ours, bare


def _bybit() -> Pair:
    auth = BybitAuth(CREDENTIALS)

    def bare() -> object:
        text = f"{STAMP.time_ms}{KEY}{STAMP.window_ms}{urlencode(_TERMS)}"
        return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()

    return lambda: auth.headers(query(_TERMS).encode(), STAMP), bare


def _kraken() -> Pair:
    text = base64.b64encode(SECRET.encode()).decode()
    auth, path, nonce = KrakenAuth(Credentials(key=KEY, secret=Secret(text))), "/0/private/AddOrder", str(STAMP.nonce)
    key = base64.b64decode(text)

    def bare() -> object:
        body = urlencode({"nonce": nonce, **_TERMS})
        message = path.encode() + hashlib.sha256((nonce + body).encode()).digest()
        return base64.b64encode(hmac.new(key, message, hashlib.sha512).digest()).decode()

    return lambda: auth.form(path, _TERMS, STAMP), bare


# --- errors


def _classifying(effort: Effort) -> Row:
    """Find what a code means, with name, outcome, scope and hint, in a catalogue that has been read.

    A venue says the same few sentences again and again; one that it has not said before is measured beside.
    """
    adapter = adapter_class("binance")(AdapterSettings())
    new = count()

    def classify(message: str = "Account has insufficient balance for requested action.") -> object:
        return adapter.fault("-2010", message=message, http_status=400, surface="spot")

    found = beside(
        classify, lambda: classify(f"Account has insufficient balance {next(new)}."), blocks=effort.blocks, times=2000
    )
    return Row(
        table="parts",
        what="classify an error with all its facts",
        bar=f"at most {CLASSIFY_US:g} us",
        measured=f"{found.ours_us:.2f} us (words not seen before: {found.base_us:.2f} us)",
        holds=found.ours_us <= CLASSIFY_US,
        numbers={"us": found.ours_us, "unseen_us": found.base_us},
    )


# --- our own work


class Instant:
    """A transport that answers at once with bytes made before: what remains of a call is our own work."""

    def __init__(self) -> None:
        self._headers = {
            "content-type": "application/json;charset=UTF-8",
            "date": "Sat, 21 Nov 2026 16:00:00 GMT",
            "x-mbx-uuid": "9ab2c1de-6f5e-4b8d-9a1c-7f3d2e1c0b5a",
            "x-mbx-used-weight-1m": "25",
            "x-mbx-order-count-10s": "4",
            "x-mbx-order-count-1d": "17",
        }
        self._pages = {
            "/api/v3/order": answers.order(),
            "/api/v3/depth": answers.book(),
            "/api/v3/ticker/24hr": answers.ticker(),
            "/api/v3/exchangeInfo": answers.listing(10),
        }

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:  # noqa: ARG002
        now = asyncio.get_running_loop().time()
        body = self._pages.get(request.path) or b'{"serverTime":%d}' % (time.time_ns() // 1_000_000)
        return HttpResponse(status=200, headers=self._headers, body=body, sent_at=now, received_at=now)

    async def aclose(self) -> None:
        pass


async def own_work_us(blocks: int, folder: Path) -> float:
    """CPU of one signed order beyond the transport, orjson, hmac and urlencode, with everything on."""
    bare = _binance()[1]
    async with Client(config("http://127.0.0.1:1", folder), transport=Instant()) as client:
        bitcoin = await client.instrument("BTC/USDT")
        found = []
        for _ in range(blocks):
            gc.collect()
            began = time.process_time()
            for _ in range(300):
                await client.place_order(bitcoin, "buy", quantity="0.001", price="50000")
            middle = time.process_time()
            for _ in range(300):
                orjson.loads(answers_order)
                bare()
            found.append((middle - began - (time.process_time() - middle)) / 300 * 1e6)
    return median(found)


answers_order = answers.order()


def _own_work(effort: Effort) -> Row:
    with TemporaryDirectory() as folder:
        spent = asyncio.run(own_work_us(effort.blocks, Path(folder)))
    return Row(
        table="parts",
        what="our own work on one signed order, beyond transport, orjson, hmac and urlencode",
        bar=f"at most {OWN_WORK_US:g} us CPU",
        measured=f"{spent:.0f} us",
        holds=spent <= OWN_WORK_US,
        numbers={"us": spent},
    )
