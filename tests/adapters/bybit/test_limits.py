from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.bybit.venue import BYBIT, CALLS, LISTING, PERPETUAL, SPOT, TIME_MS, answer, place
from tests.adapters.calls import response
from unified.account import VenueTime
from unified.adapter import Charge, Endpoint, RollingWindow, Usage
from unified.errors import Scope
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import (
    AmendOrder,
    CancelBatch,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchServerTime,
    Operation,
    PlaceBatch,
    TestOrder,
)
from unified.order import Order, OrderStatus
from unified_bybit.limits import ADDRESS, LIMITS, ORDER_FRAMES, STREAM_CONNECTS, STREAM_FRAMES, observe
from unified_bybit.orders import CancelBehind
from unified_bybit.procedures import CancelKind
from unified_bybit.queries import FetchFiledOrder, FetchRecentOrder

ON_PERPETUAL = place(PERPETUAL, price="1")
SEEN = Order(instrument=PERPETUAL, venue_order_id="1", status=OrderStatus.NEW)
CANCEL = CancelOrder(instrument=PERPETUAL, venue_order_id="1")


@pytest.mark.parametrize(
    ("operation", "bucket", "cost"),
    [
        pytest.param(place(price="1"), "POST /v5/order/create spot", 1, id="a spot order"),
        pytest.param(ON_PERPETUAL, "POST /v5/order/create linear", 1, id="a linear order has a count of its own"),
        pytest.param(
            AmendOrder(instrument=PERPETUAL, order=SEEN, price=Decimal(2)),
            "POST /v5/order/amend linear",
            1,
            id="an amend",
        ),
        pytest.param(CANCEL, "POST /v5/order/cancel linear", 1, id="a linear cancel"),
        pytest.param(
            CancelBehind(instrument=SPOT, venue_order_id="1", order_filter="Order"),
            "POST /v5/order/cancel spot",
            1,
            id="a spot cancel",
        ),
        pytest.param(
            CancelKind(product=Product.SPOT, listing=LISTING, order_filter="Order"),
            "POST /v5/order/cancel-all spot",
            1,
            id="all of a kind",
        ),
        pytest.param(
            PlaceBatch(orders=(ON_PERPETUAL,) * 7), "POST /v5/order/create-batch linear", 7, id="each order of a batch"
        ),
        pytest.param(
            CancelBatch(cancels=(CANCEL,) * 3), "POST /v5/order/cancel-batch linear", 3, id="each cancel of a batch"
        ),
        pytest.param(
            TestOrder(instrument=PERPETUAL, order=ON_PERPETUAL), "POST /v5/order/pre-check linear", 1, id="a test"
        ),
        pytest.param(FetchBalances(), "GET /v5/account/wallet-balance", 1, id="balances"),
        pytest.param(
            FetchRecentOrder(instrument=SPOT, client_order_id="a"), "GET /v5/order/realtime", 1, id="one order"
        ),
        pytest.param(FetchFiledOrder(instrument=SPOT, client_order_id="a"), "GET /v5/order/history", 1, id="its file"),
    ],
)
def test_calls_of_an_account_count_for_the_address_and_for_themselves(
    operation: Operation[Any], bucket: str, cost: int
) -> None:
    assert CALLS.charges(operation) == (Charge(ADDRESS), Charge(bucket, cost))


@pytest.mark.parametrize("operation", [FetchServerTime(), FetchBook(instrument=SPOT)], ids=lambda one: one.name)
def test_public_calls_count_for_the_address_only(operation: Operation[Any]) -> None:
    assert CALLS.charges(operation) == (Charge(ADDRESS),)


@pytest.mark.parametrize(
    ("bucket", "count", "seconds", "scope"),
    [
        pytest.param(ADDRESS, 600, 5, Scope.IP, id="the address"),
        pytest.param("POST /v5/order/create spot", 20, 1, Scope.ACCOUNT, id="spot orders"),
        pytest.param("POST /v5/order/create linear", 10, 1, Scope.ACCOUNT, id="linear orders"),
        pytest.param("POST /v5/order/amend spot", 10, 1, Scope.ACCOUNT, id="spot amends"),
        pytest.param("POST /v5/order/create-batch linear", 10, 1, Scope.ACCOUNT, id="linear orders in batches"),
        pytest.param("GET /v5/account/fee-rate", 5, 1, Scope.ACCOUNT, id="fees"),
        pytest.param("GET /v5/order/realtime", 50, 1, Scope.ACCOUNT, id="open orders"),
    ],
)
def test_limits_are_those_of_the_documentation(bucket: str, count: int, seconds: float, scope: Scope) -> None:
    (limit,) = (limit for limit in LIMITS if limit.bucket == bucket)
    assert (limit.rule, limit.scope) == (RollingWindow(limit=count, period=seconds), scope)


_NO_CALL = (ADDRESS, STREAM_CONNECTS, STREAM_FRAMES, ORDER_FRAMES)


def test_every_limit_has_a_call() -> None:
    examples = {how.example for how in BYBIT.endpoints.values() if isinstance(how, Endpoint)}
    calls = {" ".join(limit.bucket.split()[:2]) for limit in LIMITS if limit.bucket not in _NO_CALL}
    assert calls <= examples
    assert len({limit.bucket for limit in LIMITS}) == len(LIMITS)


# --- what answers tell


@pytest.mark.parametrize(
    "given_",
    [
        pytest.param(answer(), id="a success"),
        pytest.param(answer(code=10002, message="invalid request"), id="a refusal"),
        pytest.param(response(b'{"retCode":0, "time" : %d }\n' % TIME_MS), id="blanks"),
        pytest.param(response(b"{}", headers={"timenow": str(TIME_MS)}), id="the header where the envelope has none"),
    ],
)
def test_every_answer_tells_the_time_to_the_millisecond(given_: HttpResponse) -> None:
    assert BYBIT.observe(FetchServerTime(), given_).time == VenueTime(time_us=TIME_MS * 1000, unit_us=1000)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"retCode":0,"result":{"time":1672211918471},"x":1}', id="inside"),
        pytest.param(b'{"result":[{"time":"1672211918471"}]}', id="text"),
        pytest.param(b'{"time":1672211918}', id="seconds"),
        pytest.param(b'{"time":1672211918471', id="cut"),
        pytest.param(b"", id="empty"),
    ],
)
def test_no_other_number_is_taken_for_the_time(body: bytes) -> None:
    assert observe((), response(body)).time is None


def headers(limit: str, status: str) -> dict[str, str]:
    return {"x-bapi-limit": limit, "x-bapi-limit-status": status, "x-bapi-limit-reset-timestamp": str(TIME_MS)}


def test_headers_tell_what_is_left_of_the_calls_own_count() -> None:
    seen = BYBIT.observe(ON_PERPETUAL, response(b"{}", headers=headers("10", "7")))
    assert seen.usage == (Usage(bucket="POST /v5/order/create linear", remaining=7, limit=10),)
    assert seen.limits == ()


def test_a_larger_limit_is_not_taken_for_everybodys_but_a_smaller_one_is() -> None:
    larger = BYBIT.observe(ON_PERPETUAL, response(b"{}", headers=headers("60", "59")))
    assert (larger.usage[0].limit, larger.limits) == (60, ())
    (smaller,) = BYBIT.observe(ON_PERPETUAL, response(b"{}", headers=headers("5", "4"))).limits
    assert (smaller.bucket, smaller.rule) == ("POST /v5/order/create linear", RollingWindow(limit=5, period=1))


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({}, id="none"),
        pytest.param(headers("", ""), id="empty ones"),
        pytest.param(headers("0", "0"), id="zeros"),
        pytest.param(headers("many", "few"), id="words"),
        pytest.param({"x-bapi-limit-status": "3"}, id="half of them"),
    ],
)
def test_missing_headers_tell_nothing(told: dict[str, str]) -> None:
    seen = BYBIT.observe(ON_PERPETUAL, response(b"{}", headers=told))
    assert (seen.usage, seen.limits) == ((), ())


@given(st.binary(max_size=60), st.text(max_size=12), st.sampled_from([ON_PERPETUAL, FetchServerTime()]))
def test_observing_never_fails(body: bytes, text: str, operation: Operation[Any]) -> None:
    told = dict.fromkeys(("x-bapi-limit", "x-bapi-limit-status", "timenow"), text)
    seen = BYBIT.observe(operation, response(body, headers=told))
    assert all(usage.remaining is not None for usage in seen.usage)
