from __future__ import annotations

import pytest

from tests.adapters.bitzoom.sandbox_rig import Rig
from unified.order import OrderStatus
from unified.sandbox.orders import EndReason
from unified_bitzoom.sandbox_rows import listed, placed, position, status


@pytest.mark.parametrize(
    ("now", "end", "word"),
    [
        (OrderStatus.NEW, None, "new"),
        (OrderStatus.PARTIALLY_FILLED, None, "partiallyFilled"),
        (OrderStatus.FILLED, EndReason.FILLED, "filled"),
        (OrderStatus.CANCELED, EndReason.CANCELED, "canceled"),
        (OrderStatus.REJECTED, EndReason.REFUSED, "rejected"),
        (OrderStatus.CANCELED, EndReason.IOC_REST, "expired"),
    ],
)
def test_each_state_has_its_word(now: OrderStatus, end: EndReason | None, word: str) -> None:
    rig = Rig()
    rig.place()
    order = rig.account().orders[-1]
    order.status, order.end = now, end
    assert status(order) == word


def test_the_two_ways_of_writing_an_order() -> None:
    rig = Rig()
    rig.place(clientOrderId="a-1")
    order = rig.account().orders[-1]
    assert (placed(order)["orderId"], placed(order)["status"]) == (order.order_id, "NEW")
    assert "clientOrderId" not in placed(order)
    assert (listed(order)["order_id"], listed(order)["client_order_id"]) == (order.order_id, "a-1")


def test_a_position_tells_its_side() -> None:
    rig = Rig()
    rig.place(type="MARKET", price=None)
    (found,) = rig.dialect.engine.positions(rig.account())
    row = position(rig.dialect.engine, rig.account(), found)
    assert (row["positionSide"], row["positionAmt"], row["marginType"]) == ("BOTH", "0.01", "cross")
