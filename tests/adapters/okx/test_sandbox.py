from __future__ import annotations

import json
from collections.abc import Callable

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.okx.sandbox_rig import Rig, order, signature, stamp_of
from unified.sandbox.dialect import Incoming, Outgoing, RequestClass, Setting
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer
from unified_okx.sandbox import ENDPOINTS, OkxSandbox
from unified_okx.sandbox_sayings import SAYINGS


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_it_is_installed_under_its_name() -> None:
    assert sandbox_class("okx") is OkxSandbox
    assert OkxSandbox.doors == ("rest",)


def test_there_are_accounts_for_every_purpose(rig: Rig) -> None:
    funds = {name: account.margin.total for name, account in rig.sandbox.engine.accounts.items()}
    assert {"first", "second", "third", "poor", "reader", "multi"} <= set(funds)
    assert funds["first"] == funds["third"]
    assert funds["poor"]["USDT"] < 100 < funds["first"]["USDT"]


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        pytest.param("", {}, "50000", id="no body"),
        pytest.param("{}", {"content-type": "application/x-www-form-urlencoded"}, "50006", id="a form"),
        pytest.param("{}", {"content-type": ""}, "50006", id="no type of content"),
        pytest.param("{", {}, "50002", id="broken JSON"),
        pytest.param('"x"', {}, "50002", id="JSON that is no object"),
        pytest.param("{}", {"content-type": "application/json; charset=UTF-8"}, "50014", id="an empty object"),
        pytest.param("[]", {}, "50014", id="a list where an object belongs"),
    ],
)
def test_what_is_wrong_with_a_body(rig: Rig, body: str, headers: dict[str, str], code: str) -> None:
    reply = rig.send("POST", "trade/order", body=body, headers=headers)
    assert (reply.status, reply.code, reply.data) == (400, code, [])


def test_the_key_is_looked_at_before_the_body(rig: Rig) -> None:
    assert rig.send("POST", "trade/order", signed=False, body="{").code == "50103"


def test_an_unknown_path_and_a_wrong_method(rig: Rig) -> None:
    lost = rig.send("GET", "trade/nothing")
    assert (lost.status, "404" in lost.content) == (404, True)
    elsewhere = rig.deliver(Incoming(door="rest", method="GET", path="/api/v3/public/time"))
    assert elsewhere.status == 404
    wrong = rig.send("DELETE", "trade/order")
    assert (wrong.status, wrong.content) == (405, {"msg": "Invalid request method.", "code": "50115"})


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/public/time", RequestClass.TIME),
        ("GET", "/market/ticker", RequestClass.READ),
        ("GET", "/trade/order", RequestClass.PRIVATE_READ),
        ("POST", "/trade/order", RequestClass.ORDER),
        ("POST", "/trade/order-algo", RequestClass.ORDER),
        ("POST", "/trade/cancel-batch-orders", RequestClass.CANCEL),
        ("POST", "/trade/amend-order", RequestClass.WRITE),
        ("DELETE", "/trade/order", RequestClass.READ),
        ("GET", "/nothing", RequestClass.READ),
    ],
)
def test_what_a_request_is_about(rig: Rig, method: str, path: str, kind: RequestClass) -> None:
    assert rig.sandbox.classify(Incoming(door="rest", method=method, path=f"/api/v5{path}")) is kind


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        pytest.param(lambda venue, incoming: venue.overloaded(incoming), 500, "50026", id="overload"),
        pytest.param(lambda venue, incoming: venue.under_maintenance(incoming), 503, "50001", id="maintenance"),
        pytest.param(lambda venue, incoming: venue.throttled(incoming, 2.0), 429, "50011", id="too many requests"),
    ],
)
def test_what_stands_in_front(
    rig: Rig, answer: Callable[[OkxSandbox, Incoming], Outgoing], status: int, code: str
) -> None:
    shown = answer(rig.sandbox, Incoming(door="rest", method="GET", path="/"))
    assert (shown.status, json.loads(shown.body)["code"]) == (status, code)
    assert set(shown.headers) == {"content-type"}


def test_the_venue_announces_no_bans(rig: Rig) -> None:
    assert rig.sandbox.banned(Incoming(door="rest", method="GET", path="/"), 60) is None


def test_only_the_server_time_is_stamped(rig: Rig) -> None:
    time = rig.sandbox.handle(Incoming(door="rest", method="GET", path="/api/v5/public/time"))
    ticker = Incoming(door="rest", method="GET", path="/api/v5/market/ticker", query="instId=BTC-USDT")
    assert (time.stamped, rig.sandbox.handle(ticker).stamped) == (True, False)


_WORDS = (
    "0 -1 1 0.01 17 59000 1e5 x a-b true SPOT SWAP OPTION BTC-USDT BTC-USDT-SWAP cash cross isolated buy "
    "sell limit market post_only fok conditional trigger long net net_mode long_short_mode live canceled "
    "1m 1D quote_ccy base_ccy last"
)
_NAMES = (
    "instId instType tdMode side ordType sz px clOrdId ordId posSide reduceOnly state tgtCcy newSz newPx "
    "algoId algoClOrdId slTriggerPx slOrdPx triggerPx orderPx lever mgnMode posMode after before begin "
    "end limit bar ccy stpMode tpTriggerPx tpOrdPx"
)
PLAUSIBLE = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "1", "px": "59000"}
PARAMETERS = st.dictionaries(st.sampled_from(_NAMES.split()), st.sampled_from(["", *_WORDS.split()]), max_size=4).map(
    lambda changes: {**PLAUSIBLE, **changes}
)
REQUESTS = st.tuples(
    st.sampled_from([(item.method, path.removeprefix("/")) for path, found in ENDPOINTS.items() for item in found]),
    PARAMETERS,
    st.booleans(),
)


@given(requests=st.lists(REQUESTS, max_size=12))
@settings(max_examples=150, deadline=None)
def test_no_parameters_make_it_fail(requests: list[tuple[tuple[str, str], dict[str, str], bool]]) -> None:
    rig = Rig()
    for (method, path), parameters, as_list in requests:
        rig.wait(0.2)
        if method == "GET":
            reply = rig.get(path, None, **parameters)
        else:
            reply = rig.post(path, [parameters] if as_list else parameters)
        assert reply.code in ("0", "1", "2") or reply.code in SAYINGS
        for row in reply.data if reply.code in ("1", "2") else ():
            assert row["sCode"] == "0" or row["sCode"] in SAYINGS


def story(seed: int) -> list[object]:
    rig = Rig(seed)
    told: list[object] = []
    for number in range(5):
        rig.wait(1)
        told.append(rig.place(ordType="market", sz=str(1000 + number)).content)
    rig.settle()
    return [*told, rig.get("trade/fills").content, rig.get("market/books", instId="BTC-USDT", sz="20").content]


def test_the_same_seed_tells_the_same_story() -> None:
    assert story(7) == story(7)
    assert story(7) != story(8)


async def test_over_sockets_it_answers_any_client() -> None:
    seconds = [0.0]
    sandbox = OkxSandbox(Setting(now=lambda: seconds[0]))
    credentials = sandbox.accounts[0].credentials
    assert credentials.passphrase is not None
    body = json.dumps(order(clOrdId="raw1"))
    stamp = stamp_of(sandbox.now_us)
    headers = {
        "OK-ACCESS-KEY": credentials.key,
        "OK-ACCESS-PASSPHRASE": credentials.passphrase.reveal(),
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-SIGN": signature(credentials.secret.reveal(), stamp, "POST", "/api/v5/trade/order", body),
        "Content-Type": "application/json",
    }
    async with (
        SandboxServer(sandbox, FaultPlan(Profile.NONE)) as server,
        aiohttp.ClientSession(server.urls["rest"]) as session,
    ):
        async with session.get("/api/v5/public/instruments", params={"instType": "SWAP"}) as answer:
            assert len((await answer.json())["data"]) == 2
        async with session.post("/api/v5/trade/order", data=body, headers=headers) as answer:
            assert (answer.status, (await answer.json())["data"][0]["clOrdId"]) == (200, "raw1")
        async with session.get("/api/v5/account/config") as answer:
            assert (answer.status, (await answer.json())["code"]) == (401, "50103")
    assert server.ledger.verdict().requests == 3
