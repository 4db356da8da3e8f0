from __future__ import annotations

import pytest

from tests.adapters.binance.sandbox_rig import Answer, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


def amend(rig: Rig, **params: object) -> Answer:
    return rig.ask("spot", "PUT", "/api/v3/order/amend/keepPriority", {"symbol": "BTCUSDT", **params})


def test_an_amendment_keeps_the_order_and_changes_its_id_unless_told(rig: Rig) -> None:
    order_id = rig.spot(newClientOrderId="mine").content["orderId"]
    told = amend(rig, orderId=order_id, newQty="0.009", newClientOrderId="mine").content["amendedOrder"]
    assert (told["qty"], told["origClientOrderId"], told["clientOrderId"]) == ("0.00900000", "mine", "mine")
    told = amend(rig, orderId=order_id, newQty="0.008").content["amendedOrder"]
    assert told["origClientOrderId"] == "mine"
    assert told["clientOrderId"] != "mine"
    assert {"cumulativeQuoteQty", "preventedQty", "workingTime"} <= set(told)


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        pytest.param("0.02", "Order amend (quantity increase) is not supported.", id="more"),
        pytest.param("0.01", "The requested action would change no state; rejecting.", id="the same"),
    ],
)
def test_an_amendment_must_lower_the_quantity(rig: Rig, quantity: str, text: str) -> None:
    order_id = rig.spot().content["orderId"]
    assert amend(rig, orderId=order_id, newQty=quantity).error == (400, -2038, text)


def test_an_order_can_be_amended_ten_times(rig: Rig) -> None:
    order_id = rig.spot().content["orderId"]
    for number in range(10):
        assert amend(rig, orderId=order_id, newQty=f"0.00{90 - number}").status == 200
    assert amend(rig, orderId=order_id, newQty="0.001").error == (400, -2038, "Filter failure: MAX_NUM_ORDER_AMENDS")


def test_what_is_gone_or_waits_as_a_stop_is_not_amended(rig: Rig) -> None:
    assert amend(rig, orderId=1, newQty="0.001").error == (400, -2038, "Unknown order sent.")
    stop = rig.spot(side="SELL", type="STOP_LOSS", price=None, timeInForce=None, stopPrice="60000").content["orderId"]
    assert amend(rig, orderId=stop, newQty="0.001").error[2] == "Order amend is not supported for this symbol."
