from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unified.sandbox.toy import BTC, Toy
from unified.order import OrderStatus, OrderType, Side
from unified.sandbox.dialect import Incoming, Outgoing, Setting
from unified.sandbox.ledger import AttemptRecord, Intent, Ledger, digest_of
from unified.sandbox.listing import ClientIds, EngineRules
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.sandbox.refusal import Reason


class Careless(Toy):
    """A venue that looks at no client id and refuses late."""

    rules = EngineRules(client_ids=ClientIds.UNCHECKED, late=frozenset({Reason.WOULD_TAKE}))


class Desk:
    """A ledger with its venue, and a clock to set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.venue = Careless(Setting(now=lambda: self.seconds))
        self.ledger = Ledger(self.venue)

    def place(self, name: str | None, price: str = "50000", **more: Any) -> VenueOrder:
        self.venue.engine.advance(self.venue.clock.true_us())
        asked = NewOrder(
            instrument=BTC,
            side=Side.BUY,
            price=Decimal(price),
            quantity=Decimal("0.01"),
            client_order_id=name,
            **more,
        )
        return self.venue.engine.place(self.venue.client, asked)

    def request(self, *, delayed: bool = False) -> Incoming:
        return Incoming(door="main", method="GET", path="/", arrived_us=self.venue.clock.true_us(), delayed=delayed)

    def answered(self, *, stamped: bool = True, door: str = "main") -> None:
        self.ledger.answered(door, Outgoing(stamped=stamped), self.venue.clock.true_us())


def intent(name: str, status: OrderStatus | None, filled: str = "0") -> Intent:
    return Intent(client_order_id=name, status=status, filled_quantity=Decimal(filled))


def test_a_quiet_run_is_clean() -> None:
    desk = Desk()
    desk.place("one")
    verdict = desk.ledger.verdict(intents=[intent("one", OrderStatus.NEW)], attempts=[])
    assert verdict.is_clean
    assert (verdict.orders, verdict.duplicate_orders, verdict.lost_orders) == (1, 0, 0)


def test_a_second_order_of_one_id_is_a_duplicate() -> None:
    desk = Desk()
    for name in ("one", "one", "two"):
        desk.place(name)
    assert desk.ledger.verdict().duplicate_orders == 1
    assert not desk.ledger.verdict().is_clean


def test_an_order_of_no_intent_is_a_duplicate() -> None:
    desk = Desk()
    for name in ("one", "other", None):
        desk.place(name)
    verdict = desk.ledger.verdict(intents=[intent("one", OrderStatus.NEW)])
    assert verdict.duplicate_orders == 2
    assert verdict.lost_orders == 2


def test_an_order_that_the_matching_engine_refused_never_lived() -> None:
    desk = Desk()
    for _ in range(2):
        desk.place("one", "70000", post_only=True)
    verdict = desk.ledger.verdict(intents=[intent("one", OrderStatus.REJECTED)])
    assert (verdict.orders, verdict.duplicate_orders, verdict.lost_orders) == (0, 0, 0)


@pytest.mark.parametrize(
    ("price", "cancel", "believed", "lost"),
    [
        pytest.param("50000", False, intent("one", None), 1, id="it lives and the client never learned of it"),
        pytest.param("50000", False, intent("one", OrderStatus.CANCELED), 1, id="it lives and is believed canceled"),
        pytest.param("50000", False, intent("one", OrderStatus.NEW), 0, id="it lives and is believed open"),
        pytest.param("50000", True, intent("one", None), 0, id="it ended without a fill, unknown to the client"),
        pytest.param("70000", False, intent("one", OrderStatus.REJECTED), 1, id="it filled and is believed refused"),
        pytest.param("70000", False, intent("one", OrderStatus.NEW), 0, id="it filled and is believed open still"),
        pytest.param("70000", False, intent("one", OrderStatus.FILLED, "0.01"), 0, id="it filled, as believed"),
        pytest.param("70000", False, intent("one", OrderStatus.FILLED, "0.005"), 1, id="it filled more than believed"),
    ],
)
def test_lost_orders(price: str, cancel: bool, believed: Intent, lost: int) -> None:
    desk = Desk()
    order = desk.place("one", price)
    if cancel:
        desk.venue.engine.cancel(desk.venue.client, order)
    assert desk.ledger.verdict(intents=[believed]).lost_orders == lost


@pytest.mark.parametrize(
    ("status", "filled", "lost"),
    [
        pytest.param(OrderStatus.FILLED, "0.0009", 0, id="filled"),
        pytest.param(OrderStatus.CANCELED, "0.0009", 0, id="its dust canceled"),
        pytest.param(OrderStatus.CANCELED, "0", 1, id="canceled without its fills"),
    ],
)
def test_the_dust_of_an_order_by_quote_quantity_has_no_name_of_its_own(
    status: OrderStatus, filled: str, lost: int
) -> None:
    desk = Desk()
    asked = NewOrder(
        instrument=BTC,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quote_quantity=Decimal(59),
        client_order_id="one",
    )
    order = desk.venue.engine.place(desk.venue.client, asked)
    assert (order.status, order.filled_quantity) == (OrderStatus.FILLED, Decimal("0.0009"))
    assert desk.ledger.verdict(intents=[intent("one", status, filled)]).lost_orders == lost


@pytest.mark.parametrize("status", [OrderStatus.FILLED, OrderStatus.CANCELED])
def test_an_order_amended_down_to_its_fills_has_no_name_of_its_own(status: OrderStatus) -> None:
    desk = Desk()
    asked = NewOrder(instrument=BTC, side=Side.BUY, price=Decimal(60_006), quantity=Decimal(10), client_order_id="one")
    order = desk.venue.engine.place(desk.venue.client, asked)
    filled = order.filled_quantity
    assert 0 < filled < 10
    desk.venue.engine.amend(desk.venue.client, order, quantity=filled)
    assert desk.ledger.verdict(intents=[intent("one", status, str(filled))]).lost_orders == 0
    assert desk.ledger.verdict(intents=[intent("one", status)]).lost_orders == 1


def test_without_the_clients_records_nothing_is_judged_by_them() -> None:
    verdict = Desk().ledger.verdict()
    assert (verdict.lost_orders, verdict.unattributed_requests) == (None, None)


def test_a_refused_timestamp_counts_once_the_client_could_know_the_time() -> None:
    desk = Desk()
    desk.ledger.refused_for_clock(desk.request())
    desk.answered(stamped=False)
    desk.answered()
    desk.seconds = 0.2
    desk.ledger.refused_for_clock(desk.request())
    assert desk.ledger.verdict().clock_rejections == 0
    desk.seconds = 0.3
    desk.ledger.refused_for_clock(desk.request(delayed=True))
    desk.ledger.refused_for_clock(desk.request())
    verdict = desk.ledger.verdict()
    assert (verdict.clock_rejections, verdict.clock_rejections_total) == (1, 4)


def test_a_step_of_the_clock_excuses_until_the_next_stamped_answer() -> None:
    desk = Desk()
    desk.answered()
    desk.seconds, made_before_us = 10, desk.venue.clock.true_us()
    desk.ledger.clock_stepped()
    desk.ledger.answered("main", Outgoing(stamped=True), made_before_us)
    desk.seconds = 20
    desk.ledger.refused_for_clock(desk.request())
    assert desk.ledger.verdict().clock_rejections == 0
    desk.answered()
    desk.seconds = 21
    desk.ledger.refused_for_clock(desk.request())
    assert desk.ledger.verdict().clock_rejections == 1


def test_the_clock_of_one_door_tells_nothing_of_anothers() -> None:
    desk = Desk()
    desk.answered(door="elsewhere")
    desk.seconds = 1
    desk.ledger.refused_for_clock(desk.request())
    assert desk.ledger.verdict().clock_rejections == 0


def test_arrivals_without_an_attempt_are_hidden_retries() -> None:
    desk = Desk()
    for query in ("a=1", "a=1", "b=2"):
        desk.ledger.arrived(Incoming(door="main", method="GET", path="/x", query=query, body=b"body"))
    told = [AttemptRecord("GET", "/x", digest_of(query, b"body")) for query in ("a=1", "b=2", "never arrived")]
    assert desk.ledger.verdict(attempts=told).unattributed_requests == 1
    assert desk.ledger.verdict(attempts=[*told, told[0]]).unattributed_requests == 0
