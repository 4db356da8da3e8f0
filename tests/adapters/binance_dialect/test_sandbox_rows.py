from __future__ import annotations

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Rig
from unified.order import OrderStatus
from unified.sandbox.orders import EndReason, VenueOrder
from unified_binance_dialect.sandbox_rows import status


@pytest.fixture
def rig() -> Rig:
    return Rig()


def order(rig: Rig, **params: object) -> VenueOrder:
    rig.spot(**params)
    return rig.account().orders[-1]


@pytest.mark.parametrize(
    ("now", "end", "word"),
    [
        pytest.param(OrderStatus.NEW, None, "NEW", id="a new order"),
        pytest.param(OrderStatus.PARTIALLY_FILLED, None, "PARTIALLY_FILLED", id="one that trades"),
        pytest.param(OrderStatus.FILLED, EndReason.FILLED, "FILLED", id="one that is filled"),
        pytest.param(OrderStatus.CANCELED, EndReason.CANCELED, "CANCELED", id="one that was canceled"),
        pytest.param(OrderStatus.CANCELED, EndReason.AMENDED_AWAY, "CANCELED", id="one amended to nothing"),
        pytest.param(OrderStatus.CANCELED, EndReason.SELF_TRADE, "EXPIRED_IN_MATCH", id="one that met its own account"),
        pytest.param(OrderStatus.CANCELED, EndReason.IOC_REST, "EXPIRED", id="the rest of one for now"),
        pytest.param(OrderStatus.EXPIRED, EndReason.EXPIRED, "EXPIRED", id="one whose date has passed"),
        pytest.param(OrderStatus.REJECTED, EndReason.REFUSED, "EXPIRED", id="one that the engine could not fill"),
    ],
)
def test_each_end_has_its_word(rig: Rig, now: OrderStatus, end: EndReason | None, word: str) -> None:
    found = order(rig)
    found.status, found.end = now, end
    assert status(found) == word


def test_only_expired_orders_tell_why(rig: Rig) -> None:
    expired = rig.spot(timeInForce="IOC").content["orderId"]
    resting = rig.spot().content["orderId"]
    rows = {
        order_id: rig.ask("spot", "GET", "/api/v3/order", {"symbol": "BTCUSDT", "orderId": order_id}).content
        for order_id in (expired, resting)
    }
    assert rows[expired]["expiryReason"] == "INSUFFICIENT_LIQUIDITY"
    assert "expiryReason" not in rows[resting]


def test_a_market_order_by_amount_tells_what_it_bought(rig: Rig) -> None:
    told = rig.spot(**MARKET, quantity=None, quoteOrderQty="100").content
    assert told["origQty"] == told["executedQty"] != "0.00000000"


def test_a_waiting_stop_does_not_work_yet(rig: Rig) -> None:
    params = {"side": "SELL", "type": "STOP_LOSS_LIMIT", "price": "59000", "stopPrice": "60000"}
    order_id = rig.spot(**params).content["orderId"]
    row = rig.ask("spot", "GET", "/api/v3/order", {"symbol": "BTCUSDT", "orderId": order_id}).content
    assert (row["isWorking"], row["workingTime"], row["stopPrice"]) == (False, -1, "60000.00000000")
