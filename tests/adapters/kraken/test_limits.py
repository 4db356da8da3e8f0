from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.calls import response
from tests.adapters.kraken.venue import (
    BTC_USD,
    BTC_USDT,
    KRAKEN,
    LISTING,
    STAMP,
    TXID,
    adapter,
    charged,
    errors,
    result,
)
from unified.adapter import Charge, Concurrency, DecayingCounter, Endpoint, TokenBucket
from unified.errors import Scope
from unified.operations import (
    AmendOrder,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchClosedOrders,
    FetchOpenOrders,
    FetchServerTime,
    Operation,
    PlaceBatch,
    PlaceOrder,
    TestOrder,
)
from unified.order import Order, OrderStatus, Side
from unified_kraken.limits import observe
from unified_kraken.orders import CancelTogether
from unified_kraken.queries import FetchFillHistory, FetchFillsById

ORDER = PlaceOrder(instrument=BTC_USD, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), client_order_id="a")
SEEN = Order(instrument=BTC_USD, venue_order_id=TXID, status=OrderStatus.NEW)
NONCE = Charge("nonces")


def touched(age: float) -> int:
    return STAMP.time_ms - round(age * 1000)


def cancel(age: float | None, **changes: Any) -> CancelOrder:
    when = None if age is None else touched(age)
    return evolve(CancelOrder(instrument=BTC_USD, venue_order_id=TXID, touched_ms=when), **changes)


def engine(cost: float, symbol: str = "XXBTZUSD") -> Charge:
    return Charge("engine", cost, symbol)


@pytest.mark.parametrize(
    ("operation", "charges"),
    [
        pytest.param(FetchBook(instrument=BTC_USD), (Charge("public"),), id="public calls are counted by address"),
        pytest.param(FetchOpenOrders(listing=LISTING), (NONCE, Charge("calls", 1)), id="a look at the account"),
        pytest.param(FetchClosedOrders(listing=LISTING), (NONCE, Charge("calls", 2)), id="closed orders"),
        pytest.param(FetchFillHistory(listing=LISTING), (NONCE, Charge("calls", 2)), id="history costs double"),
        pytest.param(ORDER, (NONCE, engine(1)), id="an order is free of the key's counter"),
        pytest.param(
            TestOrder(instrument=BTC_USD, order=ORDER), (NONCE, engine(1)), id="a test may count like an order"
        ),
        pytest.param(
            PlaceBatch(orders=(ORDER, ORDER, ORDER)), (NONCE, Charge("calls"), engine(1.5)), id="a batch costs half"
        ),
        pytest.param(
            AmendOrder(instrument=BTC_USD, order=SEEN, price=Decimal(2), touched_ms=touched(7)),
            (NONCE, Charge("calls"), engine(3)),
            id="an amend of seven seconds",
        ),
        pytest.param(
            AmendOrder(instrument=BTC_USD, order=SEEN, price=Decimal(2), touched_ms=touched(60)),
            (NONCE, Charge("calls"), engine(1)),
            id="an amend of a minute",
        ),
        pytest.param(
            AmendOrder(instrument=BTC_USD, order=SEEN, price=Decimal(2)),
            (NONCE, Charge("calls"), engine(4)),
            id="an amend of unknown age",
        ),
        pytest.param(cancel(None), (NONCE, engine(8)), id="a cancel of unknown age costs the most there is"),
        pytest.param(
            CancelTogether(cancels=(cancel(1), cancel(400), cancel(20, instrument=BTC_USDT))),
            (NONCE, Charge("calls"), engine(8), engine(4, "XBTUSDT")),
            id="a batch of cancels, each at its age and pair",
        ),
        pytest.param(
            CancelTogether(cancels=(cancel(400), cancel(500))), (NONCE, Charge("calls")), id="old orders are free"
        ),
    ],
)
def test_what_calls_cost(operation: Operation[Any], charges: tuple[Charge, ...]) -> None:
    assert charged(operation) == charges


@pytest.mark.parametrize(
    ("age", "cost"),
    [(0, 8), (4.999, 8), (5, 6), (9.999, 6), (10, 5), (15, 4), (44.999, 4), (45, 2), (90, 1), (299.999, 1), (300, 0)],
    ids=lambda value: f"{value}",
)
def test_a_cancel_costs_by_age_with_exclusive_upper_bounds(age: float, cost: int) -> None:
    assert charged(cancel(age)) == ((NONCE, engine(cost)) if cost else (NONCE,))


def test_while_the_venues_time_is_not_known_no_order_counts_as_old() -> None:
    how = KRAKEN.endpoints[CancelOrder, ORDER.product]
    assert isinstance(how, Endpoint)
    assert how.charges(cancel(1000), 0) == (NONCE, engine(8))


def test_the_documented_sum_of_a_life() -> None:
    amend = AmendOrder(instrument=BTC_USD, order=SEEN, price=Decimal(2), touched_ms=touched(7))
    costs = [
        charge.cost for step in (ORDER, amend, cancel(36)) for charge in charged(step) if charge.bucket == "engine"
    ]
    assert sum(costs) == 8


def test_every_signed_call_keeps_the_order_of_nonces() -> None:
    signed = [how for how in KRAKEN.endpoints.values() if isinstance(how, Endpoint) and how.signed]
    limit = next(limit for limit in KRAKEN.limits if limit.bucket == "nonces")
    assert (limit.rule, limit.scope) == (Concurrency(limit=1), Scope.KEY)
    assert len(signed) == 19


@pytest.mark.parametrize(
    ("tier", "calls", "orders"),
    [
        pytest.param("starter", (15, 0.33), (60, 1), id="starter"),
        pytest.param("intermediate", (20, 0.5), (125, 2.34), id="intermediate"),
        pytest.param("pro", (20, 1), (180, 3.75), id="pro"),
    ],
)
def test_the_tier_sets_the_counters(tier: str, calls: tuple[float, float], orders: tuple[float, float]) -> None:
    rules = {limit.bucket: limit.rule for limit in adapter(tier=tier).limits}
    assert rules["calls"] == DecayingCounter(limit=calls[0], decay=calls[1])
    assert rules["engine"] == DecayingCounter(limit=orders[0], decay=orders[1])
    assert rules["public"] == TokenBucket(rate=1, burst=3)


def test_starter_is_the_tier_unless_said() -> None:
    assert KRAKEN.limits == adapter(tier="starter").limits


def test_the_price_of_history_can_be_set() -> None:
    dear = adapter(history_cost="4")
    for operation in (FetchFillHistory(listing=LISTING), FetchFillsById(listing=LISTING, trade_ids=("A",))):
        assert charged(operation, dear) == (NONCE, Charge("calls", 4))
    assert charged(FetchClosedOrders(listing=LISTING), dear) == (NONCE, Charge("calls", 2))


# --- time


DATE = {"date": "Fri, 20 Nov 2026 08:00:00 GMT"}


def test_the_servers_time_counts_whole_seconds() -> None:
    time = observe(FetchServerTime(), result({"unixtime": 1795161601, "rfc1123": ""})).time
    assert time is not None
    assert (time.time_us, time.unit_us) == (1795161601_000_000, 1_000_000)


@pytest.mark.parametrize(
    "operation", [pytest.param(FetchBalances(), id="any answer"), pytest.param(FetchServerTime(), id="a refused time")]
)
def test_a_date_tells_the_time_as_exactly(operation: Operation[Any]) -> None:
    time = observe(operation, response(errors("EService:Busy").body, headers=DATE)).time
    assert time is not None
    assert (time.time_us, time.unit_us) == (1795161600_000_000, 1_000_000)


def test_without_a_date_nothing_is_known() -> None:
    assert observe(FetchBalances(), result({})).time is None


@given(st.binary(max_size=40), st.text(max_size=40))
def test_observing_never_fails(body: bytes, date: str) -> None:
    observation = observe(FetchServerTime(), response(body, headers={"date": date}))
    assert observation.usage == ()
