"""Orders over the simulated WebSocket APIs, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.binance.sandbox_rig import Rig, sign
from tests.adapters.binance_dialect.test_sandbox_stream import Listener
from unified.sandbox.entry import EntryTalk, said_in
from unified_binance_dialect.sandbox_entry import request_of

BUY = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "50000",
}
COUNTED = {
    "spot": [("ORDERS", "DAY", 1), ("ORDERS", "SECOND", 10), ("REQUEST_WEIGHT", "MINUTE", 1)],
    "linear": [("ORDERS", "MINUTE", 1), ("ORDERS", "SECOND", 10), ("REQUEST_WEIGHT", "MINUTE", 1)],
}
PATHS = {"spot": "/ws-api/v3", "linear": "/ws-fapi/v1"}


class Trader(Listener):
    def __init__(self, door: str = "spot") -> None:
        super().__init__(Rig(), door, PATHS[door])
        self.door = door

    def call(self, method: str, account: str = "hmac", signature: str = "", **params: Any) -> Any:
        """The one frame that answers a signed request."""
        credentials = self.rig.dialect.credentials(account)
        named = {"apiKey": credentials.key, "timestamp": self.rig.now_ms(self.door), **params}
        text = "&".join(f"{name}={named[name]}" for name in sorted(named))
        named["signature"] = signature or sign(credentials, text)
        return self.frame(json.dumps({"id": 9, "method": method, "params": named}))

    def frame(self, frame: str) -> Any:
        assert isinstance(self.talk, EntryTalk)
        asked = self.talk.asked(frame)
        if asked is None:
            (text,) = self.talk.receive(frame)
            return json.loads(text)
        answer = self.rig.dialect.handle(asked.incoming)
        (text,) = self.talk.answered(asked, answer, said_in(answer))
        return json.loads(text)


@pytest.mark.parametrize("account", ["hmac", "ed25519", "rsa"])
@pytest.mark.parametrize("door", PATHS)
def test_every_type_of_key_places_and_cancels(door: str, account: str) -> None:
    one = Trader(door)
    placed = one.call("order.place", account, **BUY, newClientOrderId="a-1")
    assert (placed["id"], placed["status"], placed["result"]["clientOrderId"]) == (9, 200, "a-1")
    counted = [(row["rateLimitType"], row["interval"], row["intervalNum"]) for row in placed["rateLimits"]]
    assert sorted(counted) == COUNTED[door]
    assert all(0 <= row["count"] <= row["limit"] for row in placed["rateLimits"])
    canceled = one.call("order.cancel", account, symbol="BTCUSDT", orderId=placed["result"]["orderId"])
    assert canceled["result"]["status"] == "CANCELED"


def test_orders_are_amended() -> None:
    spot, linear = Trader("spot"), Trader("linear")
    placed = spot.call("order.place", **BUY)["result"]
    less = spot.call("order.amend.keepPriority", symbol="BTCUSDT", orderId=placed["orderId"], newQty="0.005")
    assert less["result"]["amendedOrder"]["qty"] == "0.00500000"
    placed = linear.call("order.place", **BUY)["result"]
    terms = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01", "price": "49000"}
    assert linear.call("order.modify", orderId=placed["orderId"], **terms)["status"] == 200


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"timestamp": 5}, 400, -1021),
        ({"signature": "00"}, 400, -1022),
        ({"apiKey": "nobody"}, 401, -2015),
        ({"account": "reader"}, 401, -2015),
        ({"quantity": "0"}, 400, -1013),
    ],
)
def test_refusals_bear_the_status_of_rest(params: dict[str, Any], status: int, code: int) -> None:
    answer = Trader().call("order.place", **{**BUY, **params})
    assert (answer["id"], answer["status"], answer["error"]["code"]) == (9, status, code)


def test_a_limit_tells_the_moment_of_its_end() -> None:
    one = Trader()
    refused = [answer for _ in range(120) if (answer := one.call("order.place", **BUY))["status"] == 429]
    assert refused
    told = refused[0]["error"]["data"]
    assert 0 < told["retryAfter"] - told["serverTime"] <= 10_000


# --- sessions


def unsigned(one: Trader, method: str, **params: Any) -> Any:
    params = {"timestamp": one.rig.now_ms(one.door), **params}
    return one.frame(json.dumps({"id": 9, "method": method, "params": params}))


@pytest.mark.parametrize("door", PATHS)
def test_who_has_logged_in_need_not_sign(door: str) -> None:
    one = Trader(door)
    assert unsigned(one, "order.place", **BUY)["error"]["code"] == -1102
    status = one.call("session.logon", "ed25519")["result"]
    assert status["apiKey"] == one.rig.dialect.credentials("ed25519").key
    assert status["authorizedSince"] == one.rig.now_ms(door)
    assert unsigned(one, "order.place", **BUY, newClientOrderId="a-1")["result"]["clientOrderId"] == "a-1"
    assert unsigned(one, "order.place", **{**BUY, "timestamp": 5})["error"]["code"] == -1021
    made = one.rig.dialect.engine.accounts
    assert [order.client_order_id for order in made["ed25519"].orders] == ["a-1"]
    other = one.call("order.place", "hmac", **BUY, newClientOrderId="a-2")["result"]
    assert [order.client_order_id for order in made["hmac"].orders] == [other["clientOrderId"]], "signed by another"
    assert one.call("session.logout", "ed25519")["result"]["apiKey"] is None
    assert unsigned(one, "order.place", **BUY)["error"]["code"] == -1102


@pytest.mark.parametrize(
    ("account", "changes", "code"),
    [
        ("hmac", {}, -1022),
        ("rsa", {}, -1022),
        ("ed25519", {"timestamp": 5}, -1021),
        ("ed25519", {"signature": "00"}, -1022),
        ("ed25519", {"apiKey": "nobody"}, -2015),
    ],
)
def test_a_login_is_checked(account: str, changes: dict[str, Any], code: int) -> None:
    one = Trader()
    assert one.call("session.logon", account, **changes)["error"]["code"] == code
    assert unsigned(one, "session.status")["result"]["apiKey"] is None


def test_a_login_can_be_refused_and_a_session_can_hear_of_its_account() -> None:
    one = Trader()
    one.talk.refuse_logins = 1
    assert one.call("session.logon", "ed25519")["error"]["code"] == -1021
    assert unsigned(one, "userDataStream.subscribe")["error"]["code"] == -1102
    assert one.call("session.logon", "ed25519")["status"] == 200
    assert unsigned(one, "userDataStream.subscribe")["result"] == {"subscriptionId": 0}


def test_other_requests() -> None:
    linear = Trader("linear")
    assert "serverTime" in linear.frame('{"id":1,"method":"session.status"}')["result"]
    assert linear.frame('{"id":1,"method":"ping"}')["error"]["code"] == -1105
    assert linear.talk.announced_end() == []
    assert request_of('{"id":1}') is None
    assert request_of('{"id":1,"method":"order.place","params":[1]}') is None
