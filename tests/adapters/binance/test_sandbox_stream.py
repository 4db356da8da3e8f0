"""The two ways to an account of the simulated Binance, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Rig, sign
from tests.adapters.binance_dialect.test_sandbox_stream import Listener
from unified.sandbox.dialect import Incoming, Outgoing
from unified.sandbox.streams import Opening


def subscription(rig: Rig, account: str = "hmac", **changes: Any) -> dict[str, Any]:
    credentials = rig.dialect.credentials(account)
    params = {"apiKey": credentials.key, "timestamp": rig.dialect.now_ms, **changes}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    signature = sign(credentials, text)
    return {
        "id": 1,
        "method": "userDataStream.subscribe.signature",
        "params": {"signature": signature, **params},
    }


@pytest.fixture
def spot() -> Listener:
    return Listener(Rig(), path="/ws-api/v3")


@pytest.mark.parametrize("account", ["hmac", "ed25519", "rsa"])
def test_every_type_of_key_may_subscribe_once(spot: Listener, account: str) -> None:
    asked = subscription(spot.rig, account)
    assert spot.say(**asked) == [{"id": 1, "status": 200, "result": {"subscriptionId": 0}, "rateLimits": []}]
    assert spot.say(**asked)[0]["error"]["code"] == -2035


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"apiKey": "x"}, -2015), ({"timestamp": 5}, -1021), ({"signature": "00"}, -1022)],
)
def test_a_subscription_is_checked(spot: Listener, changes: dict[str, Any], code: int) -> None:
    asked = subscription(spot.rig)
    asked["params"] |= changes
    assert spot.say(**asked)[0]["error"]["code"] == code
    spot.talk.refuse_logins = 1
    assert "error" in spot.say(**subscription(spot.rig))[0]
    assert "result" in spot.say(**subscription(spot.rig))[0]


def test_spot_tells_reports_and_funds_as_they_happen(spot: Listener) -> None:
    spot.say(**subscription(spot.rig))
    spot.rig.spot(**MARKET, newClientOrderId="a-1")
    *reports, funds = (frame["event"] for frame in spot.wait(0.1))
    first = reports[0]
    assert (first["x"], first["X"], first["c"]) == ("NEW", "NEW", "a-1")
    assert reports[-1]["X"] == "FILLED"
    assert {row["a"] for row in funds["B"]} == {"BTC", "USDT"}
    spot.rig.spot(price="50000", newClientOrderId="a-2")
    spot.rig.ask("spot", "DELETE", "/api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "a-2"})
    rows = [frame["event"] for frame in spot.wait(0.1)]
    ended = [row for row in rows if row.get("x") == "CANCELED"]
    assert [(row["C"], row["c"] == "a-2") for row in ended] == [("a-2", False)]


def test_requests_that_are_none_are_refused(spot: Listener) -> None:
    assert spot.say(id=1, method="ping")[0]["result"] == {}
    assert "serverTime" in spot.say(id=1, method="time")[0]["result"]
    assert spot.say(id=1, method="dance")[0]["error"]["code"] == -1105
    assert json.loads(spot.talk.receive("[]")[0])["error"]["code"] == -1135
    assert spot.talk.announced_end()


def key_of(rig: Rig) -> str:
    key: str = listen_key(rig, "POST").content["listenKey"]
    return key


def listen_key(rig: Rig, method: str) -> Answer:
    headers = {"x-mbx-apikey": rig.dialect.credentials("hmac").key}
    return rig.handle(Incoming(door="linear", method=method, path="/fapi/v1/listenKey", headers=headers))


def test_a_listen_key_leads_to_the_account_until_its_hour_is_over() -> None:
    rig = Rig()
    key = key_of(rig)
    assert key_of(rig) == key, "asked for again it is the same"
    linear = Listener(rig, "linear", f"/private/ws/{key}")
    rig.linear(**MARKET, newClientOrderId="a-1")
    *updates, account = linear.wait(0.1)
    assert updates[-1]["o"]["X"] == "FILLED"
    assert account["a"]["P"][0]["pa"] == "0.010"
    assert linear.say(method="LIST_SUBSCRIPTIONS", id=1) == [{"result": [key], "id": 1}]
    assert linear.say(method="DANCE", id=1)[0]["code"] == 2
    rig.wait(3000)
    assert listen_key(rig, "PUT").status == 200
    rig.wait(3000)
    assert linear.wait(0.1) == []
    rig.wait(700)
    assert [frame["e"] for frame in linear.wait(0.5)] == ["listenKeyExpired"], "said once"
    assert listen_key(rig, "PUT").error[1] == -1125
    assert key_of(rig) != key


def test_a_listen_key_is_a_stream_that_can_be_subscribed_to() -> None:
    rig = Rig()
    key = key_of(rig)
    linear = Listener(rig, "linear", "/private/stream")
    assert linear.say(id=1, method="SUBSCRIBE", params=[key, "nobody", "btcusdt@aggTrade"])[0] == {
        "result": None,
        "id": 1,
    }
    rig.linear(**MARKET, newClientOrderId="a-1")
    told = linear.wait(0.1)
    assert {frame["stream"] for frame in told} == {key}, "others bring nothing here"
    assert [frame["data"]["e"] for frame in told][-1] == "ACCOUNT_UPDATE"
    linear.say(id=2, method="UNSUBSCRIBE", params=[key])
    rig.linear(**MARKET, newClientOrderId="a-2")
    assert linear.wait(0.1) == []


def test_a_stop_is_told_at_its_own_door_and_then_as_an_order() -> None:
    rig = Rig()
    linear = Listener(rig, "linear", f"/private/ws/{key_of(rig)}")
    stop = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "BUY", "type": "STOP_MARKET", "quantity": "0.01"}
    stop |= {"triggerPrice": "70000", "clientAlgoId": "s-1"}
    placed = rig.ask("linear", "POST", "/fapi/v1/algoOrder", stop).content
    (told,) = linear.wait(0.1)
    assert (told["e"], told["o"]["aid"], told["o"]["X"]) == ("ALGO_UPDATE", placed["algoId"], "NEW")
    rig.ask("linear", "DELETE", "/fapi/v1/algoOrder", {"algoId": placed["algoId"]})
    (ended,) = linear.wait(0.1)
    assert (ended["e"], ended["o"]["X"]) == ("ALGO_UPDATE", "CANCELED")


def test_marks_come_every_second() -> None:
    market = Listener(Rig(), "linear", "/market/stream")
    market.subscribe("btcusdt@markPrice@1s", "btcusdt@markPrice")
    frames = market.wait(6)
    assert [frame["stream"] for frame in frames].count("btcusdt@markPrice@1s") == pytest.approx(6, abs=1)
    assert len(frames) == pytest.approx(8, abs=2)
    assert frames[0]["data"]["T"] % 3_600_000 == 0


@pytest.mark.parametrize(
    ("door", "path"),
    [("spot", "/nowhere"), ("linear", "/private/ws/nobody"), ("linear", "/private/x"), ("linear", "/ws-api/v3")],
)
def test_other_paths_lead_nowhere(door: str, path: str) -> None:
    assert isinstance(Rig().dialect.talk(Opening(door=door, path=path)), Outgoing)


@pytest.mark.parametrize("path", ["/ws", "/ws/0"])
def test_raw_streams_say_the_same_without_their_name(path: str) -> None:
    raw = Listener(Rig(), path=path)
    raw.say(id=1, method="SUBSCRIBE", params=["btcusdt@trade"])
    said = raw.wait(20)
    assert said
    assert {frame["e"] for frame in said} == {"trade"}
