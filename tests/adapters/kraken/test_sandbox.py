from __future__ import annotations

import ast
import re
import time
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.adapters.kraken.sandbox_rig import Rig, answer, refusal, result
from unified.catalogue import read
from unified.errors import Kind
from unified.sandbox.dialect import Incoming, RequestClass, Setting
from unified.sandbox.server import SandboxServer
from unified_kraken import sandbox
from unified_kraken.sandbox import KrakenSandbox


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture(scope="module")
def shared() -> Rig:
    """For questions that change nothing."""
    return Rig()


# --- the way of a request


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        pytest.param("GET", "/0/public/Time", RequestClass.TIME, id="the venue's time"),
        pytest.param("GET", "/0/public/Depth", RequestClass.READ, id="a public call"),
        pytest.param("POST", "/0/private/BalanceEx", RequestClass.PRIVATE_READ, id="a private question"),
        pytest.param("POST", "/0/private/AddOrder", RequestClass.ORDER, id="an order"),
        pytest.param("POST", "/0/private/CancelOrder", RequestClass.CANCEL, id="a cancel"),
        pytest.param("POST", "/0/private/AmendOrder", RequestClass.WRITE, id="an amendment"),
        pytest.param("POST", "/0/private/Time", RequestClass.READ, id="a call behind the wrong door"),
    ],
)
def test_requests_are_classified(shared: Rig, method: str, path: str, kind: RequestClass) -> None:
    assert shared.venue.classify(Incoming(door="rest", method=method, path=path)) is kind


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/0/public/Nothing", id="an unknown public call"),
        pytest.param("GET", "/0/private/Balance", id="a private call as GET"),
        pytest.param("POST", "/0/private/balance", id="the wrong capitals"),
        pytest.param("DELETE", "/0/public/Time", id="an unknown verb"),
    ],
)
def test_what_does_not_exist_is_an_unknown_method(shared: Rig, method: str, path: str) -> None:
    found = shared.send(Incoming(door="rest", method=method, path=path))
    assert (found.status, refusal(answer(found))) == (200, "EGeneral:Unknown method")


def test_another_site_has_no_such_page(shared: Rig) -> None:
    found = shared.send(Incoming(door="rest", method="GET", path="/api/v3/time"))
    assert (found.status, found.headers["content-type"]) == (404, "text/html")


def test_public_calls_may_be_posted(shared: Rig) -> None:
    incoming = Incoming(door="rest", method="POST", path="/0/public/Depth", body=b"pair=XBTUSD&count=1")
    assert len(result(answer(shared.send(incoming)))["XXBTZUSD"]["asks"]) == 1


def test_every_answer_tells_the_time_of_the_venue_s_clock(rig: Rig) -> None:
    rig.venue.clock.step(3600.0)
    for call in ("Time", "Nothing"):
        told = rig.send(Incoming(door="rest", method="GET", path=f"/0/public/{call}"))
        assert (told.stamped, told.headers["date"]) == (True, "Sat, 21 Nov 2026 13:00:00 GMT")


def test_a_body_that_is_no_object_is_a_bad_request(rig: Rig) -> None:
    assert refusal(rig.signed("Balance", "[1]", "maker", kind="application/json")) == "EAPI:Bad request"


def test_accounts_are_announced_main_one_first_and_a_reader_last(shared: Rig) -> None:
    accounts = shared.venue.accounts
    assert [account.name for account in accounts] == ["maker", "taker", "starter", "poor", "maker"]
    assert all("dummy" in account.credentials.key for account in accounts)


# --- permissions


@pytest.mark.parametrize("call", ["AddOrder", "AddOrderBatch", "AmendOrder", "CancelOrder", "CancelAll"])
def test_a_key_that_may_only_read_changes_nothing(rig: Rig, call: str) -> None:
    assert refusal(rig.post(call, "reader")) == "EGeneral:Permission denied"


@pytest.mark.parametrize("call", ["Balance", "OpenOrders", "ClosedOrders", "TradesHistory", "GetApiKeyInfo"])
def test_a_key_that_may_only_read_may_ask(rig: Rig, call: str) -> None:
    result(rig.post(call, "reader"))


# --- limits


def test_public_calls_of_an_address_have_a_burst_and_then_a_rate(rig: Rig) -> None:
    for _ in range(20):
        result(rig.get("Time"))
    assert refusal(rig.get("Time")) == "EGeneral:Too many requests"
    rig.seconds += 0.2
    result(rig.get("Time"))
    assert rig.venue.keeper.violations == 1


@pytest.mark.parametrize(
    ("who", "calls", "wait"),
    [
        pytest.param("starter", 15, 1 / 0.33, id="starter: 15, and 0.33 a second"),
        pytest.param("taker", 20, 2.0, id="intermediate: 20, and one in two seconds"),
        pytest.param("maker", 20, 1.0, id="pro: 20, and one a second"),
    ],
)
def test_the_call_counter_follows_the_tier(rig: Rig, who: str, calls: int, wait: float) -> None:
    for _ in range(calls):
        result(rig.post("Balance", who))
    assert refusal(rig.post("Balance", who)) == "EAPI:Rate limit exceeded"
    rig.seconds += 2 * wait + 0.01
    result(rig.post("Balance", who))


def test_calls_go_on_over_the_limit_make_it_last_longer(rig: Rig) -> None:
    for _ in range(25):
        rig.post("Balance")
    rig.seconds += 5
    assert refusal(rig.post("Balance")) == "EAPI:Rate limit exceeded"


def test_the_calls_of_one_key_are_not_those_of_another(rig: Rig) -> None:
    for _ in range(21):
        rig.post("Balance")
    result(rig.post("Balance", "reader"))


def test_history_costs_two_and_orders_cost_nothing(rig: Rig) -> None:
    for _ in range(10):
        result(rig.post("TradesHistory"))
    assert refusal(rig.post("TradesHistory")) == "EAPI:Rate limit exceeded"
    txid = rig.placed()
    result(rig.post("CancelOrder", txid=txid))


# --- words


def answered_words() -> list[str]:
    """Every text of Kraken's form in the sandbox's modules; one that is continued by a value without its end."""
    found = set()
    for module in sorted(Path(sandbox.__file__).parent.glob("sandbox*.py")):
        nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        found |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return sorted({text.removesuffix(":") for text in found if re.match(r"E[A-Z][A-Za-z]*: ?[A-Z][^<]*$", text)})


@pytest.mark.parametrize("words", answered_words())
def test_everything_that_is_answered_is_in_the_catalogue(words: str) -> None:
    """Matched as the papers say: blanks around colons do not count, the longest row wins."""
    plain = re.sub(r"\s*:\s*", ":", words).strip(": ")
    rows = read((Path(sandbox.__file__).parent / "errors.csv").read_text(encoding="utf-8"))
    codes = [row for row in rows if ":" in row.code and row.surface in ("", "spot", "spot_cancel", "ws")]
    fitting = [row for row in codes if plain == row.code or plain.startswith((f"{row.code}:", f"{row.code} "))]
    assert fitting
    assert max(fitting, key=lambda row: len(row.code)).kind is not Kind.UNKNOWN


def test_the_words_are_found() -> None:
    assert {"EAPI:Invalid nonce", "EGeneral:Invalid arguments", "EOrder:Post only order"} < set(answered_words())


# --- what goes wrong by plan


def test_trouble_is_told_in_several_ways_of_unknown_outcome(shared: Rig) -> None:
    incoming = Incoming(door="rest", method="POST", path="/0/private/AddOrder")
    found = [shared.venue.overloaded(incoming) for _ in range(3)]
    assert {(told.status, refusal(answer(told))) for told in found} == {
        (200, "EService:Busy"),
        (503, "EService:Unavailable"),
        (200, "EGeneral:Internal error"),
    }


def test_a_throttle_of_a_private_call_names_its_end_in_whole_unix_seconds(shared: Rig) -> None:
    told = shared.venue.throttled(Incoming(door="rest", method="POST", path="/0/private/Balance"), 1.5)
    assert refusal(answer(told)) == f"EService: Throttled: {-(-shared.venue.now_us // 1_000_000) + 2}"


def test_a_throttle_of_a_public_call_names_none(shared: Rig) -> None:
    told = shared.venue.throttled(Incoming(door="rest", method="GET", path="/0/public/Time"), 1.5)
    assert refusal(answer(told)) == "EGeneral:Too many requests"


def test_maintenance_is_told_by_the_status_and_refuses_all_else(shared: Rig) -> None:
    status = Incoming(door="rest", method="GET", path="/0/public/SystemStatus")
    assert result(answer(shared.venue.under_maintenance(status)))["status"] == "maintenance"
    order = Incoming(door="rest", method="POST", path="/0/private/AddOrder")
    assert refusal(answer(shared.venue.under_maintenance(order))) == "EService:Unavailable"


def test_no_ban_is_ever_announced(shared: Rig) -> None:
    assert shared.venue.banned(Incoming(door="rest", method="GET", path="/0/public/Time"), 10.0) is None


# --- over sockets


async def test_a_client_on_a_socket_places_and_cancels(rig: Rig) -> None:
    venue = KrakenSandbox(Setting(now=time.monotonic))
    async with SandboxServer(venue) as server, aiohttp.ClientSession(server.urls["rest"]) as session:
        body = urlencode(
            {"nonce": 1, "pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "50000", "volume": "1"}
        )
        txid = result(await _post(session, rig, "AddOrder", body, "1"))["txid"][0]
        cancel = urlencode({"nonce": 2, "txid": txid})
        assert result(await _post(session, rig, "CancelOrder", cancel, "2"))["count"] == 1
        async with session.get("/0/public/Time") as told:
            assert result(await told.json())["unixtime"] == venue.now_us // 1_000_000


async def _post(session: aiohttp.ClientSession, rig: Rig, call: str, body: str, nonce: str) -> object:
    kind = "application/x-www-form-urlencoded"
    signed = rig.incoming(call, body, rig.credentials["maker"], kind=kind, nonce=nonce)
    async with session.post(signed.path, data=signed.body, headers=dict(signed.headers)) as told:
        assert told.status == 200
        return await told.json()
