from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from tests.adapters.bybit.sandbox_user import User, content
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.sandbox.dialect import Incoming, RequestClass, Setting
from unified.sandbox.limits import LimitScope
from unified.sandbox.server import SandboxServer
from unified_bybit import sandbox as sandbox_module
from unified_bybit import sandbox_account, sandbox_market, sandbox_orders
from unified_bybit.sandbox import ENDPOINTS, BybitSandbox

CATALOGUE = Catalogue(Path(sandbox_module.__file__).with_name("errors.csv"))
WALLET = "/v5/account/wallet-balance"
UNIFIED = "accountType=UNIFIED"


# --- who asks


@pytest.mark.parametrize("who", ["one", "two", "three", "rsa", "poor", "reader"])
def test_every_account_signs_its_way_in(who: str) -> None:
    user = User(who=who)
    assert content(user.send("GET", WALLET, UNIFIED))["retCode"] == 0


def test_what_is_signed_is_the_query_as_it_was_sent() -> None:
    user = User()
    query = "category=linear&symbol=BTCUSDT&cursor=page_token%3D39380%26&limit=50"
    assert content(user.send("GET", "/v5/order/realtime", query))["retCode"] == 0
    other = user.headers(query.replace("%3D", "=").encode())
    assert content(user.send("GET", "/v5/order/realtime", query, headers=other))["retCode"] == 10004


def test_what_is_signed_is_the_body_to_the_byte() -> None:
    user = User()
    body = b'{"category": "linear",  "symbol":"BTCUSDT", "mode": 3}'
    assert content(user.send("POST", "/v5/position/switch-mode", body=body))["retCode"] == 0
    headers = user.headers(json.dumps(json.loads(body)).encode())
    assert content(user.send("POST", "/v5/position/switch-mode", body=body, headers=headers))["retCode"] == 10004


def test_a_wrong_signature_is_answered_with_the_text_that_should_have_been_signed() -> None:
    user = User()
    headers = user.headers(UNIFIED.encode())
    headers["x-bapi-sign"] = "0" * 64
    answer = content(user.send("GET", WALLET, UNIFIED, headers=headers))
    stamp, key = headers["x-bapi-timestamp"], headers["x-bapi-api-key"]
    assert answer["retCode"] == 10004
    assert answer["retMsg"] == f"error sign! origin_string[{stamp}{key}5000{UNIFIED}]"
    assert (answer["result"], answer["retExtInfo"]) == ({}, {})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"x-bapi-api-key": "nobody"}, 10003, id="an unknown key"),
        pytest.param({"x-bapi-api-key": ""}, 10001, id="no key"),
        pytest.param({"x-bapi-sign": ""}, 10001, id="no signature"),
        pytest.param({"x-bapi-timestamp": ""}, 10001, id="no timestamp"),
        pytest.param({"x-bapi-timestamp": "2026-11-21"}, 10001, id="a timestamp that is none"),
        pytest.param({"x-bapi-recv-window": "5s"}, 10001, id="a window that is none"),
        pytest.param({"x-bapi-recv-window": "6000"}, 10004, id="a window that was not signed"),
        pytest.param({"x-bapi-recv-window": ""}, 10004, id="a window that was signed and not sent"),
    ],
)
def test_headers_that_are_refused(change: dict[str, str], code: int) -> None:
    user = User()
    answer = content(user.send("GET", WALLET, UNIFIED, headers={**user.headers(UNIFIED.encode()), **change}))
    assert answer["retCode"] == code


def test_the_window_is_five_seconds_where_none_is_sent() -> None:
    user = User()
    old = user.headers(UNIFIED.encode(), stamp_ms=user.venue.now_ms - 5000, window="")
    assert content(user.send("GET", WALLET, UNIFIED, headers=old))["retCode"] == 0
    older = user.headers(UNIFIED.encode(), stamp_ms=user.venue.now_ms - 5001, window="")
    assert content(user.send("GET", WALLET, UNIFIED, headers=older))["retCode"] == 10002


@pytest.mark.parametrize(
    ("shift_ms", "window", "code"),
    [
        pytest.param(999, "5000", 0, id="just less than a second ahead"),
        pytest.param(1000, "5000", 10002, id="a second ahead"),
        pytest.param(1000, "60000", 10002, id="a second ahead with a wide window"),
        pytest.param(-5000, "5000", 0, id="as old as the window"),
        pytest.param(-5001, "5000", 10002, id="older than the window"),
        pytest.param(-5001, "6000", 0, id="old with a wider window"),
    ],
)
def test_timestamps(shift_ms: int, window: str, code: int) -> None:
    user = User()
    now_ms = user.venue.now_ms
    headers = user.headers(UNIFIED.encode(), stamp_ms=now_ms + shift_ms, window=window)
    answer = content(user.send("GET", WALLET, UNIFIED, headers=headers))
    assert answer["retCode"] == code
    assert len(user.venue.take_clock_refusals()) == (code == 10002)
    if code:
        told = f"req_timestamp[{now_ms + shift_ms}],server_timestamp[{now_ms}],recv_window[{window}]"
        assert answer["retMsg"].endswith(told)


def test_a_request_that_was_held_up_is_judged_by_the_time_at_which_it_runs() -> None:
    user = User()
    headers = user.headers(UNIFIED.encode())
    user.wait(6)
    assert content(user.send("GET", WALLET, UNIFIED, headers=headers))["retCode"] == 10002


def test_a_key_that_only_reads_writes_nothing() -> None:
    user = User(who="reader")
    assert user.place()["retCode"] == 10005
    assert user.listed("/v5/order/realtime", category="linear", symbol="BTCUSDT") == []


def test_a_key_that_is_bound_to_another_address_is_refused() -> None:
    assert User(who="elsewhere").get(WALLET, accountType="UNIFIED")["retCode"] == 10010
    assert User(who="elsewhere", peer="203.0.113.7").get(WALLET, accountType="UNIFIED")["retCode"] == 0


# --- envelopes


def test_every_answer_tells_the_time_and_a_trace() -> None:
    user = User()
    user.wait(1.5)
    first, second = (user.send("GET", "/v5/market/time") for _ in range(2))
    now = str(user.venue.now_ms)
    assert first.headers["Timenow"] == now == str(content(first)["time"])
    assert (first.headers["Ret_code"], first.stamped) == ("0", True)
    assert len(first.headers["Traceid"]) == 32
    assert first.headers["Traceid"] != second.headers["Traceid"]
    assert content(first)["result"] == {"timeSecond": now[:-3], "timeNano": f"{now}000000"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        pytest.param("PUT", "/v5/order/create", b"{}", 400, 10001, id="a method that there is not"),
        pytest.param("DELETE", "/v5/order/cancel", b"", 400, 10001, id="another one"),
        pytest.param("GET", "/v5/order/create", b"", 404, 10017, id="the wrong one of the two"),
        pytest.param("GET", "/v5/order/nowhere", b"", 404, 10017, id="an unknown path"),
        pytest.param("POST", "/v5/order/create", b"category=spot", 200, 10001, id="a form instead of JSON"),
        pytest.param("POST", "/v5/order/create", b"[]", 200, 10001, id="a list instead of an object"),
    ],
)
def test_requests_that_lead_nowhere(method: str, path: str, body: bytes, status: int, code: int) -> None:
    user = User()
    answer = user.send(method, path, body=body, headers=user.headers(body))
    assert (answer.status, content(answer)["retCode"]) == (status, code)


def test_a_get_with_a_body_does_not_pass_the_gateway() -> None:
    answer = User().send("GET", "/v5/market/time", body=b"{}")
    assert answer.status == 403
    assert b"The request could not be satisfied" in answer.body
    row = CATALOGUE.find("", message=answer.body.decode(), http_status=403, surfaces=("rest",))
    assert row is not None
    assert row.kind is Kind.INVALID_REQUEST


# --- limits


def test_an_endpoint_counts_its_requests_of_the_last_second_and_tells_it() -> None:
    user = User()
    left = []
    for _ in range(5):
        answer = user.send("GET", "/v5/account/fee-rate", "category=spot")
        left.append(answer.headers["X-Bapi-Limit-Status"])
        user.wait(0.1)
    assert left == ["4", "3", "2", "1", "0"]
    refused = user.send("GET", "/v5/account/fee-rate", "category=spot")
    assert (refused.status, content(refused)["retCode"]) == (200, 10006)
    assert refused.headers["X-Bapi-Limit"] == "5"
    assert refused.headers["X-Bapi-Limit-Status"] == "0"
    assert int(refused.headers["X-Bapi-Limit-Reset-Timestamp"]) == user.venue.now_ms + 500
    assert user.venue.keeper.violations == 1
    user.wait(0.5)
    assert user.get("/v5/account/fee-rate", category="spot")["retCode"] == 0


def test_an_answer_below_the_limit_names_now_as_its_reset() -> None:
    user = User()
    answer = user.send("GET", "/v5/account/info")
    assert answer.headers["X-Bapi-Limit-Reset-Timestamp"] == str(user.venue.now_ms)


def test_accounts_endpoints_and_categories_of_orders_count_apart() -> None:
    user = User()
    order = {"symbol": "BTCUSDT", "orderId": "none"}
    codes = [user.post("/v5/order/cancel", category="linear", **order)["retCode"] for _ in range(11)]
    assert codes == [110001] * 10 + [10006]
    assert user.post("/v5/order/cancel", category="spot", **order)["retCode"] == 170213
    assert user.post("/v5/order/amend", category="linear", **order)["retCode"] == 110001
    user.who = "two"
    assert user.post("/v5/order/cancel", category="linear", **order)["retCode"] == 110001


def test_spot_writes_have_twice_the_rate_but_for_amending() -> None:
    user = User()
    rates = {
        path: user.send("POST", f"/v5/order/{path}", body=b'{"category":"spot"}').headers["X-Bapi-Limit"]
        for path in ("create", "cancel", "cancel-all", "amend")
    }
    assert rates == {"create": "20", "cancel": "20", "cancel-all": "20", "amend": "10"}


def test_queries_of_both_categories_share_one_count() -> None:
    user = User()
    user.get("/v5/order/realtime", category="spot")
    answer = user.send("GET", "/v5/order/realtime", "category=linear&symbol=BTCUSDT")
    assert answer.headers["X-Bapi-Limit-Status"] == "48"


def test_a_public_endpoint_has_no_limit_but_the_address() -> None:
    assert "X-Bapi-Limit" not in User().send("GET", "/v5/market/time").headers


def test_the_request_too_many_bans_its_address_for_ten_minutes() -> None:
    user = User()
    for _ in range(600):
        assert user.send("GET", "/v5/market/time").status == 200
    answer = user.send("GET", "/v5/market/time")
    assert (answer.status, answer.body, answer.headers.get("Timenow")) == (403, b"403, access too frequent", None)
    keys = ((LimitScope.IP, user.peer),)
    left = user.venue.keeper.meet(keys, user.venue.moment)
    assert left == 600
    later = Incoming(door="rest", method="GET", path="/v5/market/time", peer=user.peer)
    assert user.venue.throttled(later, 600).status == 403
    assert user.venue.throttled(Incoming(door="rest", method="GET", path="/v5/market/time"), 1).status == 403
    user.wait(600)
    assert user.venue.keeper.meet(keys, user.venue.moment) is None
    assert user.send("GET", "/v5/market/time").status == 200


def test_six_hundred_in_five_seconds_are_allowed_for_ever() -> None:
    user = User()
    for _ in range(3):
        assert {user.send("GET", "/v5/market/time").status for _ in range(600)} == {200}
        user.wait(5)
    assert user.venue.keeper.violations == 0


# --- trouble that is injected


def test_a_refusal_for_too_many_requests_tells_its_end_at_private_endpoints_only() -> None:
    venue = User().venue
    private = venue.throttled(Incoming(door="rest", method="GET", path="/v5/order/realtime"), 2.0)
    assert content(private)["retCode"] == 10006
    assert int(private.headers["X-Bapi-Limit-Reset-Timestamp"]) == venue.now_ms + 2000
    public = venue.throttled(Incoming(door="rest", method="GET", path="/v5/market/kline"), 2.0)
    assert (content(public)["retCode"], "X-Bapi-Limit" in public.headers) == (10006, False)


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        pytest.param(b'{"category":"spot","symbol":"BTCUSDT"}', "20", id="spot"),
        pytest.param(b'{"category":"linear","symbol":"BTCUSDT"}', "10", id="linear"),
        pytest.param(b"[", "10", id="a body that cannot be read"),
    ],
)
def test_a_refusal_for_too_many_requests_names_the_limit_that_it_counts(body: bytes, limit: str) -> None:
    refused = User().venue.throttled(Incoming(door="rest", method="POST", path="/v5/order/cancel", body=body), 1.0)
    assert refused.headers["X-Bapi-Limit"] == limit


def test_overload_is_an_envelope_maintenance_a_page_and_bans_are_never_announced() -> None:
    venue = User().venue
    incoming = Incoming(door="rest", method="POST", path="/v5/order/create")
    overloaded, closed = venue.overloaded(incoming), venue.under_maintenance(incoming)
    assert (overloaded.status, content(overloaded)["retCode"]) == (200, 10000)
    assert (closed.status, closed.headers["content-type"]) == (503, "text/html")
    assert venue.banned(incoming, 5) is None


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v5/market/time", RequestClass.TIME),
        ("GET", "/v5/market/orderbook", RequestClass.READ),
        ("GET", "/v5/order/realtime", RequestClass.PRIVATE_READ),
        ("POST", "/v5/order/create-batch", RequestClass.ORDER),
        ("POST", "/v5/order/cancel-all", RequestClass.CANCEL),
        ("POST", "/v5/order/amend", RequestClass.WRITE),
        ("POST", "/v5/position/set-leverage", RequestClass.WRITE),
        ("GET", "/v5/nowhere", RequestClass.READ),
    ],
)
def test_what_requests_are_about(method: str, path: str, kind: RequestClass) -> None:
    assert User().venue.classify(Incoming(door="rest", method=method, path=path)) is kind


# --- the whole


def test_the_same_seed_makes_the_same_venue() -> None:
    def story(seed: int) -> list[object]:
        user = User(seed)
        user.wait(30)
        told = [user.place(), user.get("/v5/market/orderbook", category="spot", symbol="BTCUSDT", limit=20)]
        user.wait(5)
        return [*told, user.get("/v5/market/recent-trade", category="linear", symbol="BTCUSDT")]

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_every_endpoint_is_listed_once() -> None:
    assert len(ENDPOINTS) == len(sandbox_market.MARKET) + len(sandbox_orders.ORDERS) + len(sandbox_account.ACCOUNT)


async def test_it_is_reached_over_a_socket() -> None:
    venue = BybitSandbox(Setting(now=asyncio.get_running_loop().time))
    user = User()
    user.venue = venue
    async with SandboxServer(venue) as server, aiohttp.ClientSession() as session:
        base = server.urls["rest"]
        async with session.get(f"{base}{WALLET}?{UNIFIED}", headers=user.headers(UNIFIED.encode())) as answer:
            told = await answer.json()
        assert (answer.status, told["retCode"]) == (200, 0)
        assert answer.headers["X-Bapi-Limit"] == "50"
        body = json.dumps({"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "50"})
        async with session.post(
            f"{base}/v5/order/create", data=body.encode(), headers=user.headers(body.encode())
        ) as answer:
            assert (await answer.json())["retMsg"] == "OK"
        assert server.ledger.verdict().orders == 1
