from __future__ import annotations

import json

import pytest

from tests.adapters.binance.sandbox_rig import Answer, Rig

DEPTH = {"symbol": "BTCUSDT", "limit": 5000}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def counts(answer: Answer, second: str = "1d") -> tuple[int, int]:
    return int(answer.headers["x-mbx-order-count-10s"]), int(answer.headers[f"x-mbx-order-count-{second}"])


def weight(answer: Answer) -> int:
    return int(answer.headers["x-mbx-used-weight-1m"])


def test_two_headers_of_weight_are_wrong_as_the_venue_warns(rig: Rig) -> None:
    rig.get("linear", "/fapi/v1/depth", {"symbol": "BTCUSDT"})
    assert weight(rig.get("linear", "/fapi/v2/ticker/price")) == 1
    assert weight(rig.get("linear", "/fapi/v1/ping")) == 13


def test_more_weight_than_a_minute_has_is_refused_until_its_end(rig: Rig) -> None:
    rig.wait(20.5)
    for _ in range(24):
        assert rig.get("spot", "/api/v3/depth", DEPTH).status == 200
    answer = rig.get("spot", "/api/v3/ping")
    assert answer.error[:2] == (429, -1003)
    assert "current limit is 6000 request weight per 1 MINUTE" in answer.error[2]
    assert answer.headers["retry-after"] == "40"
    rig.wait(39.5)
    assert rig.get("spot", "/api/v3/ping").status == 200


def test_calls_for_funding_have_a_limit_of_their_own(rig: Rig) -> None:
    rig.wait(1)
    statuses = [rig.get("linear", "/fapi/v1/fundingInfo").status for _ in range(501)]
    assert statuses == [200] * 500 + [429]
    assert rig.get("linear", "/fapi/v1/ping").status == 200


# --- orders


def test_a_batch_counts_as_five_in_ten_seconds_and_as_one_in_a_minute(rig: Rig) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.010"}
    items = json.dumps([{**order, "price": "60000"}] * 2)
    answer = rig.ask("linear", "POST", "/fapi/v1/batchOrders", {"batchOrders": items})
    assert (counts(answer, "1m"), weight(answer)) == ((5, 1), 5)
