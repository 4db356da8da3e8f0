from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Rig
from unified.instrument import Product

DEPTH = {"symbol": "BTCUSDT", "limit": 5000}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def counts(answer: Answer, second: str = "1d") -> tuple[int, int]:
    return int(answer.headers["x-mbx-order-count-10s"]), int(answer.headers[f"x-mbx-order-count-{second}"])


def weight(answer: Answer) -> int:
    return int(answer.headers["x-mbx-used-weight-1m"])


def test_weight_grows_within_a_calendar_minute_and_then_begins_anew(rig: Rig) -> None:
    rig.wait(59)
    assert [weight(rig.get("spot", "/api/v3/ping")) for _ in range(3)] == [1, 2, 3]
    rig.wait(1)
    assert weight(rig.get("spot", "/api/v3/ping")) == 1


def test_the_windows_of_a_door_follow_its_own_clock(rig: Rig) -> None:
    rig.wait(60)
    assert weight(rig.get("linear", "/fapi/v1/ping")) == 1
    rig.wait(0.5)
    assert weight(rig.get("linear", "/fapi/v1/ping")) == 1


def test_the_doors_count_each_for_itself(rig: Rig) -> None:
    rig.get("spot", "/api/v3/depth", DEPTH)
    assert weight(rig.get("linear", "/fapi/v1/ping")) == 1


def test_orders_that_rest_are_counted_by_account(rig: Rig) -> None:
    assert counts(rig.spot()) == (1, 1)
    assert counts(rig.spot()) == (2, 2)
    assert counts(rig.spot("rsa")) == (1, 1)
    rig.wait(10)
    assert counts(rig.spot()) == (1, 3)
    assert counts(rig.linear(), "1m") == (1, 1)


def test_too_many_orders_are_refused(rig: Rig) -> None:
    rig.wait(3)
    for _ in range(100):
        assert rig.spot().status == 200
    answer = rig.spot()
    assert answer.error == (429, -1015, "Too many new orders; current limit is 100 orders per 10 SECOND.")
    assert answer.headers["retry-after"] == "7"
    rig.wait(7)
    assert rig.spot().status == 200


def test_placing_and_canceling_on_spot_weigh_nothing_unless_refused(rig: Rig) -> None:
    assert weight(rig.spot(newClientOrderId="a")) == 0
    assert weight(rig.ask("spot", "DELETE", "/api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "a"})) == 0
    assert weight(rig.spot(price="1")) == 1
    assert weight(rig.linear()) == 0


def test_an_order_that_is_refused_does_not_count_on_spot(rig: Rig) -> None:
    assert rig.spot(price="1").status == 400
    assert counts(rig.spot()) == (1, 1)


def test_an_order_that_trades_at_once_is_taken_off_the_count_again(rig: Rig) -> None:
    rig.spot()
    rig.spot(**MARKET)
    assert counts(rig.spot()) == (2, 2)


def test_a_first_fill_as_maker_takes_more_off_but_nobody_gets_credit(rig: Rig) -> None:
    for price in ("61000", "60000", "60000", "60000", "60000", "60000"):
        rig.spot(price=price)
    rig.dialect.engine.move_price(rig.instrument(Product.SPOT), Decimal(60_900))
    assert counts(rig.spot()) == (2, 2)
    rig.spot(price="60800")
    rig.dialect.engine.move_price(rig.instrument(Product.SPOT), Decimal(60_700))
    assert counts(rig.spot()) == (1, 1)


def test_the_half_of_a_replacement_that_was_placed_counts(rig: Rig) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    params = {**order, "price": "59000", "cancelReplaceMode": "ALLOW_FAILURE", "cancelOrderId": 1}
    assert rig.ask("spot", "POST", "/api/v3/order/cancelReplace", params).status == 409
    assert counts(rig.spot()) == (2, 2)
