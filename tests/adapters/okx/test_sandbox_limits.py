from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.adapters.okx.sandbox_rig import Reply, Rig, order
from unified.sandbox.limits import LimitScope
from unified_okx.sandbox_limits import LIMITS, QUOTAS

Ask = Callable[[Rig], Reply]


def get(path: str, name: str = "", **query: str) -> Ask:
    return lambda rig: rig.get(path, name or None, **query)


def batch(path: str, count: int, symbol: str = "BTC-USDT") -> Ask:
    return lambda rig: rig.post(path, [{"instId": symbol, "ordId": "1", "newSz": "1"}] * count)


def place_many(count: int, symbol: str = "BTC-USDT") -> Ask:
    return lambda rig: rig.post("trade/batch-orders", [order(symbol, sz="0.00000001")] * count)


LIMITED = [
    pytest.param(get("public/time"), 10, 2, id="server time"),
    pytest.param(get("system/status"), 1, 5, id="status"),
    pytest.param(get("public/instruments", instType="SPOT"), 20, 2, id="instruments"),
    pytest.param(get("market/ticker", instId="BTC-USDT"), 20, 2, id="ticker"),
    pytest.param(get("market/tickers", instType="SPOT"), 20, 2, id="tickers"),
    pytest.param(get("market/books", instId="BTC-USDT"), 40, 2, id="book"),
    pytest.param(get("market/trades", instId="BTC-USDT"), 100, 2, id="trades"),
    pytest.param(get("market/history-trades", instId="BTC-USDT"), 20, 2, id="old trades"),
    pytest.param(get("market/candles", instId="BTC-USDT", limit="1"), 40, 2, id="candles"),
    pytest.param(get("market/history-candles", instId="BTC-USDT", limit="1"), 20, 2, id="old candles"),
    pytest.param(get("public/funding-rate", instId="BTC-USDT-SWAP"), 10, 2, id="funding rate"),
    pytest.param(get("public/price-limit", instId="BTC-USDT"), 20, 2, id="price limits"),
    pytest.param(get("account/instruments", instType="SPOT"), 20, 2, id="instruments of the account"),
    pytest.param(get("account/config"), 5, 2, id="account configuration"),
    pytest.param(get("account/balance"), 10, 2, id="balances"),
    pytest.param(get("account/trade-fee", instType="SPOT"), 5, 2, id="fees"),
    pytest.param(get("account/positions"), 10, 2, id="positions"),
    pytest.param(get("trade/account-rate-limit"), 1, 1, id="state of the order limit"),
    pytest.param(get("trade/order", instId="BTC-USDT", ordId="1"), 60, 2, id="get order"),
    pytest.param(get("trade/orders-pending"), 60, 2, id="open orders"),
    pytest.param(get("trade/orders-history", instType="SPOT"), 40, 2, id="closed orders"),
    pytest.param(get("trade/orders-history-archive", instType="SPOT"), 20, 2, id="older orders"),
    pytest.param(get("trade/fills"), 60, 2, id="fills"),
    pytest.param(get("trade/fills-history", instType="SPOT"), 10, 2, id="older fills"),
    pytest.param(get("trade/order-algo", algoId="1"), 20, 2, id="get stop"),
    pytest.param(get("trade/orders-algo-pending", ordType="trigger"), 20, 2, id="waiting stops"),
    pytest.param(get("trade/orders-algo-history", ordType="trigger", state="canceled"), 20, 2, id="former stops"),
    pytest.param(lambda rig: rig.post("account/set-position-mode", {"posMode": "net_mode"}), 5, 2, id="position mode"),
    pytest.param(
        lambda rig: rig.post("account/set-leverage", {"instId": "BTC-USDT-SWAP", "lever": "10", "mgnMode": "cross"}),
        20,
        2,
        id="leverage",
    ),
    pytest.param(lambda rig: rig.post("trade/order-precheck", {}), 5, 2, id="try an order"),
    pytest.param(lambda rig: rig.place(), 60, 2, id="place"),
    pytest.param(lambda rig: rig.post("trade/cancel-order", {"instId": "BTC-USDT", "ordId": "1"}), 60, 2, id="cancel"),
    pytest.param(
        lambda rig: rig.post("trade/amend-order", {"instId": "BTC-USDT", "ordId": "1", "newSz": "1"}), 60, 2, id="amend"
    ),
    pytest.param(
        lambda rig: rig.post("trade/order-algo", {"instId": "BTC-USDT", "ordType": "trigger"}), 20, 2, id="place stop"
    ),
    pytest.param(place_many(1), 60, 2, id="a batch of one counts as a single order"),
    pytest.param(place_many(20), 15, 2, id="three hundred orders in batches of twenty"),
    pytest.param(batch("trade/cancel-batch-orders", 20), 15, 2, id="three hundred cancels"),
    pytest.param(batch("trade/amend-batch-orders", 1), 60, 2, id="a batch of one amendment"),
    pytest.param(batch("trade/cancel-algos", 10), 2, 2, id="twenty stops to cancel"),
]


@pytest.mark.parametrize(("ask", "most", "seconds"), LIMITED)
def test_the_limit_of_an_endpoint(ask: Ask, most: int, seconds: int) -> None:
    rig = Rig()
    for _ in range(most):
        assert ask(rig).told != "50011"
    assert rig.sandbox.keeper.violations == 0
    assert ask(rig).told == "50011"
    assert rig.sandbox.keeper.violations == 1
    rig.wait(seconds)
    assert ask(rig).told != "50011"


def test_a_full_limit_is_http_429_without_a_wait_or_usage_headers() -> None:
    rig = Rig()
    replies = [rig.get("public/time") for _ in range(11)]
    assert replies[-1].status == 429
    assert replies[-1].content == {"code": "50011", "msg": "Too Many Requests", "data": []}


def test_inside_a_batch_it_is_the_code_of_the_items_of_that_instrument() -> None:
    rig = Rig()
    for _ in range(15):
        place_many(20)(rig)
    mixed = rig.post("trade/batch-orders", [order(), order("ETH-USDT")])
    assert (mixed.status, mixed.code) == (200, "2")
    assert [row["sCode"] for row in mixed.data] == ["50011", "0"]


def test_windows_slide() -> None:
    rig = Rig()
    for _ in range(5):
        rig.get("account/config")
    rig.wait(1)
    assert rig.get("account/config").code == "50011"
    rig.wait(1)
    for _ in range(5):
        assert rig.get("account/config").code == "0"


def test_users_and_addresses_and_instruments_have_counts_of_their_own() -> None:
    rig = Rig()
    for _ in range(60):
        rig.place()
    assert rig.place().code == "50011"
    assert rig.place("ETH-USDT").code == "0"
    assert rig.post("trade/order", order(), name="second").code == "0"
    for _ in range(10):
        rig.get("public/time")
    assert rig.send("GET", "public/time", signed=False, peer="127.0.0.2").code == "0"


def test_new_and_amended_orders_of_an_account_are_counted_together() -> None:
    rig = Rig()
    symbols = ("BTC-USDT", "ETH-USDT", "SOL-USDT", "BTC-USDT-SWAP")
    for number in range(50):
        reply = place_many(20, symbols[number // 15])(rig)
        assert reply.told == "51020"
    for refused in (rig.place("ETH-USDT-SWAP"), place_many(2, "ETH-USDT-SWAP")(rig)):
        assert (refused.status, refused.code, refused.data) == (200, "50061", [])
    amended = rig.post("trade/amend-order", {"instId": "ETH-USDT", "ordId": "1", "newSz": "1"})
    assert amended.code == "50061"
    cancel = rig.post("trade/cancel-order", {"instId": "ETH-USDT", "ordId": "1"})
    assert cancel.told == "51400"


def test_every_quota_is_a_limit_of_the_sandbox() -> None:
    assert {limit.name for limit in LIMITS} == {quota.name for quota in QUOTAS}
    assert len({quota.name for quota in QUOTAS}) == len(QUOTAS)
    scopes = {limit.name: limit.scope for limit in LIMITS}
    assert (scopes["time"], scopes["place"]) == (LimitScope.IP, LimitScope.KEY)
