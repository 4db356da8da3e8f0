from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import response
from tests.adapters.okx.venue import OKX, SPOT, SWAP, charged, failure, parse, recorded, rows
from unified.adapter import Charge, Endpoint, RollingWindow
from unified.errors import Kind, Scope
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import (
    AmendOrder,
    CancelBatch,
    CancelOrder,
    FetchBook,
    FetchFundingRate,
    FetchInstruments,
    FetchServerTime,
    Operation,
    PlaceBatch,
    PlaceOrder,
)
from unified.order import Order, OrderStatus, OrderType, Side
from unified_okx.limits import (
    ACCOUNT_ORDERS,
    LIMITS,
    STREAM_CONNECTS,
    STREAM_REQUESTS,
    FetchOrderRate,
    OrderRate,
    observe,
)
from unified_okx.procedures import CancelDirectly
from unified_okx.queries import FetchPlainOrder

LIMIT = PlaceOrder(instrument=SPOT, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), client_order_id="a")
ON_ETHER = PlaceOrder(
    instrument=evolve(SPOT, symbol="ETH-USDT"),
    side=Side.BUY,
    quantity=Decimal(1),
    price=Decimal(1),
    client_order_id="b",
)
STOP = PlaceOrder(
    instrument=SPOT,
    side=Side.SELL,
    order_type=OrderType.STOP_MARKET,
    quantity=Decimal(1),
    stop_price=Decimal(1),
    client_order_id="c",
)
SEEN = Order(instrument=SPOT, venue_order_id="1", status=OrderStatus.NEW)
CANCEL = CancelOrder(instrument=SPOT, venue_order_id="1")
CANCEL_STOP = CancelOrder(instrument=SPOT, venue_order_id="2", is_stop=True)


@pytest.mark.parametrize(
    ("operation", "charges"),
    [
        pytest.param(FetchServerTime(), [("GET /public/time", 1, "")], id="the server's time"),
        pytest.param(
            FetchInstruments(product=Product.LINEAR), [("GET /public/instruments", 1, "linear")], id="lists per product"
        ),
        pytest.param(FetchBook(instrument=SPOT), [("GET /market/books", 1, "")], id="a book"),
        pytest.param(
            FetchFundingRate(instrument=SWAP),
            [("GET /public/funding-rate", 1, "BTC-USDT-SWAP")],
            id="funding is counted per instrument",
        ),
        pytest.param(
            FetchPlainOrder(instrument=SPOT, client_order_id="a"),
            [("GET /trade/order", 1, "BTC-USDT")],
            id="looking for an order is counted per instrument",
        ),
        pytest.param(
            LIMIT,
            [("POST /trade/order", 1, "BTC-USDT"), (ACCOUNT_ORDERS, 1, "")],
            id="an order counts for its instrument and for the account",
        ),
        pytest.param(FetchOrderRate(), [("GET /trade/account-rate-limit", 1, "")], id="the account's rate"),
        pytest.param(STOP, [("POST /trade/order-algo", 1, "BTC-USDT")], id="a stop counts at its own door"),
        pytest.param(
            AmendOrder(instrument=SPOT, order=SEEN, price=Decimal(2)),
            [("POST /trade/amend-order", 1, "BTC-USDT"), (ACCOUNT_ORDERS, 1, "")],
            id="an amend counts as an order of the account",
        ),
        pytest.param(
            PlaceBatch(orders=(LIMIT, ON_ETHER, LIMIT)),
            [
                ("POST /trade/batch-orders", 2, "BTC-USDT"),
                ("POST /trade/batch-orders", 1, "ETH-USDT"),
                (ACCOUNT_ORDERS, 3, ""),
            ],
            id="every order of a batch counts for its instrument",
        ),
        pytest.param(
            PlaceBatch(orders=(LIMIT,)),
            [("POST /trade/order", 1, "BTC-USDT"), (ACCOUNT_ORDERS, 1, "")],
            id="a batch of one is a single order",
        ),
        pytest.param(
            CancelDirectly(instrument=SPOT, venue_order_id="1"),
            [("POST /trade/cancel-order", 1, "BTC-USDT")],
            id="a cancel does not count for the account",
        ),
        pytest.param(
            CancelDirectly(instrument=SPOT, venue_order_id="1", is_stop=True),
            [("POST /trade/cancel-algos", 1, "BTC-USDT")],
            id="a cancel of a stop",
        ),
        pytest.param(
            CancelBatch(cancels=(CANCEL, CANCEL)),
            [("POST /trade/cancel-batch-orders", 2, "BTC-USDT")],
            id="every cancel of a batch counts",
        ),
        pytest.param(
            CancelBatch(cancels=(CANCEL,)), [("POST /trade/cancel-order", 1, "BTC-USDT")], id="a batch of one cancel"
        ),
        pytest.param(
            CancelBatch(cancels=(CANCEL_STOP, CANCEL_STOP)),
            [("POST /trade/cancel-algos", 1, "BTC-USDT")],
            id="stops are counted by request",
        ),
    ],
)
def test_calls_are_charged_as_the_venue_counts_them(
    operation: Operation[Any], charges: list[tuple[str, int, str]]
) -> None:
    assert list(charged(operation)) == [Charge(bucket, cost, key) for bucket, cost, key in charges]


def test_every_charge_has_a_limit_and_every_limit_a_call() -> None:
    named = {limit.bucket for limit in LIMITS}
    assert len(named) == len(LIMITS)
    examples = " ".join(how.example for how in OKX.endpoints.values() if isinstance(how, Endpoint))
    streams = {charge.bucket for feed in OKX.streams.values() for charge in (*feed.line.connect, *feed.line.frame)}
    assert streams == {STREAM_CONNECTS, STREAM_REQUESTS}
    assert [name for name in named - streams - {ACCOUNT_ORDERS} if name.split()[1] not in examples] == []


@pytest.mark.parametrize(
    ("bucket", "count", "seconds", "scope"),
    [
        pytest.param("POST /trade/order", 60, 2, Scope.ACCOUNT, id="orders"),
        pytest.param("POST /trade/batch-orders", 300, 2, Scope.ACCOUNT, id="orders in batches"),
        pytest.param(ACCOUNT_ORDERS, 1000, 2, Scope.ACCOUNT, id="orders of the sub-account"),
        pytest.param("GET /system/status", 1, 5, Scope.IP, id="the status page"),
        pytest.param("GET /market/books", 40, 2, Scope.IP, id="books"),
        pytest.param(STREAM_CONNECTS, 3, 1, Scope.IP, id="new stream connections"),
        pytest.param(STREAM_REQUESTS, 480, 3600, Scope.CONNECTION, id="requests on a stream connection"),
    ],
)
def test_limits_are_those_of_the_documentation(bucket: str, count: int, seconds: float, scope: Scope) -> None:
    (limit,) = (limit for limit in LIMITS if limit.bucket == bucket)
    assert (limit.rule, limit.scope) == (RollingWindow(limit=count, period=seconds), scope)


DATE = {"date": "Fri, 20 Nov 2026 08:00:00 GMT"}


@pytest.mark.parametrize(
    ("operation", "answer", "time_us", "unit_us"),
    [
        pytest.param(
            FetchServerTime(), rows({"ts": "1597026383085"}), 1597026383085000, 1000, id="its own call: milliseconds"
        ),
        pytest.param(
            LIMIT,
            response({"code": "0", "data": [], "outTime": "1695190491423240"}, headers=DATE),
            1695190491423240,
            1,
            id="an order: microseconds, which beat the header",
        ),
        pytest.param(
            LIMIT,
            response({"code": "50102", "msg": "Timestamp request expired"}, 401, DATE),
            1795161600000000,
            1_000_000,
            id="a refusal: the header",
        ),
        pytest.param(
            FetchBook(instrument=SPOT),
            response(b"<html>", headers=DATE),
            1795161600000000,
            1_000_000,
            id="anything else: the header",
        ),
    ],
)
def test_answers_tell_the_time(operation: Operation[Any], answer: HttpResponse, time_us: int, unit_us: int) -> None:
    seen = observe(operation, answer).time
    assert seen is not None
    assert (seen.time_us, seen.unit_us) == (time_us, unit_us)


@given(
    st.binary(max_size=40), st.text(max_size=30), st.sampled_from([LIMIT, FetchServerTime(), FetchOrderRate(), CANCEL])
)
def test_observing_never_fails(body: bytes, date: str, operation: Operation[Any]) -> None:
    observed = OKX.observe(operation, response(body, headers={"date": date}))
    assert (observed.usage, observed.limits) == ((), ())


@pytest.mark.parametrize("body", [b'{"data":[]}', b'{"data":[3]}', b'{"outTime":{}}', b"{}"])
def test_an_answer_without_a_time_tells_none(body: bytes) -> None:
    assert observe(FetchServerTime(), response(body)).time is None


# --- what the account may send


def rate(now: object, following: object = "") -> HttpResponse:
    return rows({"accRateLimit": now, "nextAccRateLimit": following, "fillRatio": "", "mainFillRatio": "", "ts": "1"})


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(
            recorded("Trading", "GetAccountRateLimit.json"),
            OrderRate(100, 120),
            id="as it was recorded",
        ),
        pytest.param(rate("1000"), OrderRate(1000, 1000), id="below VIP 5 nothing is told of tomorrow"),
        pytest.param(rate("3000", "1250"), OrderRate(3000, 1250), id="less from tomorrow on"),
    ],
)
def test_the_rate_of_the_account_is_read(answer: HttpResponse, found: OrderRate) -> None:
    assert parse(FetchOrderRate(), answer) == found


@pytest.mark.parametrize("answer", [rows(), rate(""), rate("many"), rate("0"), rate("1000", "-1")])
def test_a_rate_that_is_none_is_malformed_and_publishes_nothing(answer: HttpResponse) -> None:
    assert failure(FetchOrderRate(), answer).kind is Kind.MALFORMED_RESPONSE
    assert OKX.observe(FetchOrderRate(), answer).limits == ()


@pytest.mark.parametrize(
    ("now", "following", "published"),
    [
        pytest.param("1000", "", [], id="what is kept anyway"),
        pytest.param("3000", "3000", [], id="a higher one is the account's own and may end"),
        pytest.param("600", "", [600], id="a lower one replaces it"),
        pytest.param("1000", "800", [800], id="one that falls tomorrow does so today"),
    ],
)
def test_the_limit_of_orders_is_never_raised_by_what_the_venue_tells(
    now: str, following: str, published: list[int]
) -> None:
    found = OKX.observe(FetchOrderRate(), rate(now, following)).limits
    assert [(limit.bucket, limit.scope) for limit in found] == [(ACCOUNT_ORDERS, Scope.ACCOUNT)] * len(published)
    assert [limit.rule for limit in found] == [RollingWindow(limit=most, period=2) for most in published]
