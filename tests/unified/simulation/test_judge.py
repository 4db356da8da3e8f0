"""The judge: a venue's orders against what the client believed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.toy import BTC
from unified.order import OrderStatus, Side
from unified.sandbox.orders import NewOrder, VenueOrder
from unified.simulation.beliefs import Belief, Beliefs
from unified.simulation.judge import judge


def order(client_order_id: str, status: OrderStatus = OrderStatus.FILLED) -> VenueOrder:
    asked = NewOrder(instrument=BTC, side=Side.BUY, client_order_id=client_order_id)
    return VenueOrder(
        order_id=1,
        account="one",
        asked=asked,
        client_order_id=client_order_id,
        price=None,
        quantity=Decimal(1),
        created_us=0,
        updated_us=0,
        visible_from_us=0,
        status=status,
    )


@pytest.mark.parametrize(
    ("orders", "belief", "broken"),
    [
        pytest.param([order("a")], Belief.DONE, set(), id="one order that is known"),
        pytest.param([], Belief.REJECTED, set(), id="none that is known not to be"),
        pytest.param([order("a")], Belief.UNKNOWN, set(), id="an order in doubt"),
        pytest.param([], Belief.WANTED, set(), id="a crash before anything left"),
        pytest.param([order("a"), order("a")], Belief.DONE, {"duplicates"}, id="two orders of one id"),
        pytest.param([order("a")], Belief.REJECTED, {"false_rejected"}, id="an order that was denied"),
        pytest.param([], Belief.DONE, {"false_done"}, id="an order that was invented"),
        pytest.param([order("a")], Belief.WANTED, {"forgotten"}, id="an order that a crash made forget"),
        pytest.param(
            [order("a", OrderStatus.REJECTED)], Belief.REJECTED, set(), id="refused after its acknowledgement"
        ),
        pytest.param([order("a", OrderStatus.REJECTED)], Belief.DONE, set(), id="acknowledged, then refused"),
    ],
)
def test_a_promise_is_broken_or_not(orders: list[VenueOrder], belief: Belief, broken: set[str]) -> None:
    found = judge(orders, Beliefs(of={"a": belief}))
    assert {name for name, ids in found.broken.items() if ids} == broken
    assert found.undecided == (("a",) if belief is Belief.UNKNOWN else ())


@pytest.mark.parametrize(
    ("amendments", "belief", "broken"),
    [
        pytest.param(1, Belief.DONE, (), id="new terms that are known"),
        pytest.param(0, Belief.REJECTED, (), id="old terms that are known"),
        pytest.param(1, Belief.UNKNOWN, (), id="new terms in doubt"),
        pytest.param(1, Belief.WANTED, (), id="a crash before the answer"),
        pytest.param(0, Belief.DONE, ("a",), id="new terms that were invented"),
        pytest.param(1, Belief.REJECTED, ("a",), id="new terms that were denied"),
    ],
)
def test_an_amendment_is_told_truly_or_not(amendments: int, belief: Belief, broken: tuple[str, ...]) -> None:
    resting = order("a", OrderStatus.NEW)
    resting.amendments = amendments
    found = judge([resting], Beliefs(of={"a": Belief.DONE}, amended={"a": belief}))
    assert found.false_amended == broken


def test_an_order_that_nobody_wanted_is_forgotten() -> None:
    found = judge([order("stranger")], Beliefs())
    assert found.forgotten == ("stranger",)
    assert found.orders == 1
