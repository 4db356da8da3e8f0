"""The venue's limits as rows, what a call costs, and what answers tell about time. Keeps no count: the limiter does.

OKX sends no usage headers. Whether its windows are fixed or sliding is not said: sliding is the safe reading.
Source: OKX API v5 docs, the rate limit of each endpoint and #overview-rate-limits (2026-07-06, 2026-09-02).
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import evolve

from unified.account import VenueTime
from unified.adapter import Charge, Limit, Observation, RollingWindow
from unified.errors import Scope, VenueError
from unified.http import HttpResponse
from unified.operations import (
    AmendOrder,
    CancelBatch,
    FetchServerTime,
    InstrumentOperation,
    Operation,
    PlaceBatch,
    PlaceOrder,
    Priority,
)
from unified.values import frozen
from unified.wire import Json, integer, item, json_of, malformed, microseconds, obj, rows, text_or_none

Cost = Callable[[Any, int], tuple[Charge, ...]]

ACCOUNT_ORDERS = "account orders"
"""New and amended orders of one sub-account over all instruments; code 50061 when it is reached."""

_INSTRUMENT, _PRODUCT, _ALL = "instrument", "product", ""

STREAM_CONNECTS, STREAM_REQUESTS = "stream connections", "stream requests"

_ROWS = (
    # method and path, whose requests, how many, in how many seconds, counted per
    ("GET /public/time", Scope.IP, 10, 2, _ALL),
    ("GET /system/status", Scope.IP, 1, 5, _ALL),
    ("GET /public/instruments", Scope.IP, 20, 2, _PRODUCT),
    ("GET /market/ticker", Scope.IP, 20, 2, _ALL),
    ("GET /market/tickers", Scope.IP, 20, 2, _ALL),
    ("GET /market/books", Scope.IP, 40, 2, _ALL),
    ("GET /market/books-full", Scope.IP, 10, 2, _ALL),
    ("GET /market/trades", Scope.IP, 100, 2, _ALL),
    ("GET /market/history-trades", Scope.IP, 20, 2, _ALL),
    ("GET /market/candles", Scope.IP, 40, 2, _ALL),
    ("GET /market/history-candles", Scope.IP, 20, 2, _ALL),
    ("GET /public/funding-rate", Scope.IP, 10, 2, _INSTRUMENT),
    ("GET /account/config", Scope.ACCOUNT, 5, 2, _ALL),
    ("GET /account/balance", Scope.ACCOUNT, 10, 2, _ALL),
    ("GET /account/trade-fee", Scope.ACCOUNT, 5, 2, _ALL),
    ("GET /account/positions", Scope.ACCOUNT, 10, 2, _ALL),
    ("POST /account/set-leverage", Scope.ACCOUNT, 20, 2, _ALL),
    ("POST /account/set-position-mode", Scope.ACCOUNT, 5, 2, _ALL),
    ("GET /trade/account-rate-limit", Scope.ACCOUNT, 1, 1, _ALL),
    ("GET /trade/order", Scope.ACCOUNT, 60, 2, _INSTRUMENT),
    ("GET /trade/orders-pending", Scope.ACCOUNT, 60, 2, _ALL),
    ("GET /trade/orders-history", Scope.ACCOUNT, 40, 2, _ALL),
    ("GET /trade/orders-history-archive", Scope.ACCOUNT, 20, 2, _ALL),
    ("GET /trade/fills", Scope.ACCOUNT, 60, 2, _ALL),
    ("GET /trade/fills-history", Scope.ACCOUNT, 10, 2, _ALL),
    ("GET /trade/order-algo", Scope.ACCOUNT, 20, 2, _ALL),
    ("GET /trade/orders-algo-pending", Scope.ACCOUNT, 20, 2, _ALL),
    ("POST /trade/order", Scope.ACCOUNT, 60, 2, _INSTRUMENT),
    ("POST /trade/batch-orders", Scope.ACCOUNT, 300, 2, _INSTRUMENT),
    ("POST /trade/cancel-order", Scope.ACCOUNT, 60, 2, _INSTRUMENT),
    ("POST /trade/cancel-batch-orders", Scope.ACCOUNT, 300, 2, _INSTRUMENT),
    ("POST /trade/amend-order", Scope.ACCOUNT, 60, 2, _INSTRUMENT),
    ("POST /trade/order-precheck", Scope.ACCOUNT, 5, 2, _ALL),
    ("POST /trade/order-algo", Scope.ACCOUNT, 20, 2, _INSTRUMENT),
    ("POST /trade/cancel-algos", Scope.ACCOUNT, 20, 2, _INSTRUMENT),
    (ACCOUNT_ORDERS, Scope.ACCOUNT, 1000, 2, _ALL),
    (STREAM_CONNECTS, Scope.IP, 3, 1, _ALL),
    # Logins, subscriptions and their ends (60014); pings are not counted.
    (STREAM_REQUESTS, Scope.CONNECTION, 480, 3600, _ALL),
)

LIMITS = tuple(
    Limit(bucket=name, scope=scope, rule=RollingWindow(limit=count, period=seconds), about=f"per {per}" if per else "")
    for name, scope, count, seconds, per in _ROWS
)
_ACCOUNT_LIMIT = next(limit for limit in LIMITS if limit.bucket == ACCOUNT_ORDERS)
_PER = {name: per for name, _, _, _, per in _ROWS}


def charge(bucket: str, operation: Operation[Any]) -> Charge:
    """One request, on the instrument's or product's own count where OKX keeps one."""
    per = _PER[bucket]
    if per == _INSTRUMENT and isinstance(operation, InstrumentOperation):
        return Charge(bucket, key=operation.instrument.symbol)
    return Charge(bucket, key=operation.product.value if per == _PRODUCT else "")


def place_charges(order: PlaceOrder, _time_ms: int) -> tuple[Charge, ...]:
    """A stop has a bucket of its own and stays outside the count of the account's orders."""
    if order.order_type.is_stop:
        return (charge("POST /trade/order-algo", order),)
    return charge("POST /trade/order", order), Charge(ACCOUNT_ORDERS)


def amend_charges(operation: AmendOrder, _time_ms: int) -> tuple[Charge, ...]:
    return charge("POST /trade/amend-order", operation), Charge(ACCOUNT_ORDERS)


def place_batch_charges(operation: PlaceBatch, _time_ms: int) -> tuple[Charge, ...]:
    """Every order counts; a batch of one counts as a single order."""
    orders = operation.orders
    bucket = "POST /trade/order" if len(orders) == 1 else "POST /trade/batch-orders"
    return *_each(bucket, [order.instrument.symbol for order in orders]), Charge(ACCOUNT_ORDERS, len(orders))


def cancel_batch_charges(operation: CancelBatch, _time_ms: int) -> tuple[Charge, ...]:
    cancels = operation.cancels
    symbols = [cancel.instrument.symbol for cancel in cancels]
    if cancels[0].is_stop:
        return tuple(Charge("POST /trade/cancel-algos", key=symbol) for symbol in dict.fromkeys(symbols))
    return _each("POST /trade/cancel-order" if len(cancels) == 1 else "POST /trade/cancel-batch-orders", symbols)


def _each(bucket: str, symbols: list[str]) -> tuple[Charge, ...]:
    return tuple(Charge(bucket, symbols.count(symbol), symbol) for symbol in dict.fromkeys(symbols))


# --- what answers tell


@frozen
class OrderRate:
    """How many new and amended orders the account may send in two seconds."""

    now: int
    following: int
    """From 08:00 UTC of the next day on, as far as it is known."""


class FetchOrderRate(Operation[OrderRate]):
    """What the venue allows this account by its fill ratio."""

    __slots__ = ()
    name = "order_rate"
    priority = Priority.PRIVATE_READ


def parse_order_rate(_operation: FetchOrderRate, data: list[Json]) -> OrderRate:
    """Source: OKX API v5 docs, #order-book-trading-trade-get-account-rate-limit (2026-01-15)."""
    if not data:
        raise malformed("data: no rate of the account")
    row = obj(data[0], "data[]")
    now = integer(row, "accRateLimit")
    following = integer(row, "nextAccRateLimit") if text_or_none(row, "nextAccRateLimit") else now
    if min(now, following) < 1:
        raise malformed("accRateLimit: a rate that allows no order")
    return OrderRate(now, following)


def observe(operation: Operation[Any], response: HttpResponse) -> Observation:
    """The venue's time: to the millisecond from its own call, to the microsecond from order calls, else the Date."""
    try:
        if isinstance(operation, FetchServerTime):
            first = obj(rows(item(obj(json_of(response)), "data"))[0])
            return Observation(time=VenueTime(time_us=integer(first, "ts") * 1000, unit_us=1000))
        if operation.writes:
            return Observation(time=VenueTime(time_us=integer(obj(json_of(response)), "outTime"), unit_us=1))
    except (VenueError, IndexError):
        pass  # a refusal without them: the header may still tell
    if isinstance(operation, FetchOrderRate):
        return Observation(time=_date(response), limits=_lowered(operation, response))
    return Observation(time=_date(response))


def _lowered(operation: FetchOrderRate, response: HttpResponse) -> tuple[Limit, ...]:
    """The account's limit of orders, where it is lower than the one that is kept, today or tomorrow.

    A higher one does not replace it: it is this account's own and may end on any day, and limits are kept for all
    accounts of the process.
    """
    try:
        rate = parse_order_rate(operation, rows(item(obj(json_of(response)), "data")))
    except VenueError:
        return ()
    rule, most = _ACCOUNT_LIMIT.rule, min(rate.now, rate.following)
    if not isinstance(rule, RollingWindow) or most >= rule.limit:
        return ()
    return (evolve(_ACCOUNT_LIMIT, rule=evolve(rule, limit=most)),)


def _date(response: HttpResponse) -> VenueTime | None:
    try:
        when = parsedate_to_datetime(response.header("date") or "")
        return VenueTime(time_us=microseconds(when), unit_us=1_000_000)
    except (ValueError, TypeError, OverflowError):
        return None
