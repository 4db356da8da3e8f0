from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import aiohttp
import pytest

from tests.adapters.coinbase.sandbox_rig import ROOT, Reply, Rig, holder, token
from tests.shared import CHECKOUT
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.sandbox.dialect import Incoming, Outgoing, RequestClass, Setting
from unified.sandbox.server import SandboxServer
from unified_coinbase.sandbox import CoinbaseSandbox

CATALOGUE = Catalogue(CHECKOUT / "adapters" / "unified_coinbase" / "errors.csv")


# --- limits


def test_the_eleventh_public_request_of_a_second_is_refused() -> None:
    rig = Rig()
    replies = [rig.get("time") for _ in range(11)]
    assert [reply.status for reply in replies] == [200] * 10 + [429]
    assert replies[-1].content == {"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}
    assert rig.sandbox.keeper.violations == 1
    rig.wait(1)
    assert rig.get("time").status == 200


def test_a_key_has_thirty_requests_a_second_of_its_own() -> None:
    rig = Rig()
    assert [rig.get("accounts").status for _ in range(31)] == [200] * 30 + [429]
    assert rig.get("accounts", "second").status == 200
    assert rig.get("time").status == 200


def test_headers_tell_how_much_is_left() -> None:
    rig = Rig()
    rig.get("accounts")
    shown = rig.get("key_permissions").headers
    assert {name: value for name, value in shown.items() if name.startswith("x-")} == {
        "x-ratelimit-limit": "30",
        "x-ratelimit-remaining": "28",
        "x-ratelimit-reset": "1",
    }
    assert rig.get("time").headers["x-ratelimit-remaining"] == "9"


def test_new_orders_over_the_limit_meet_a_page_instead_of_json() -> None:
    rig = Rig()
    for _ in range(30):
        rig.get("accounts")
    refused = rig.create()
    assert (refused.status, refused.headers["content-type"]) == (429, "text/html")
    assert "retry-after" not in refused.headers


# --- the cache of public answers


def test_public_answers_are_a_second_old_unless_fresh_ones_are_asked_for() -> None:
    rig = Rig()

    def epoch(headers: dict[str, str] | None = None) -> int:
        return int(rig.send("GET", "time", signed=False, headers=headers).content["epochMillis"])

    first = epoch()
    rig.wait(0.9)
    assert epoch() == first
    assert epoch({"cache-control": "no-cache"}) == first + 900
    rig.wait(1)
    assert epoch() == first + 1900


def test_a_cached_answer_does_not_tell_the_time() -> None:
    rig = Rig()
    asked = Incoming(door="rest", method="GET", path=f"{ROOT}/time")
    assert [rig.sandbox.handle(asked).stamped for _ in range(2)] == [True, False]


# --- permissions and paths


def test_a_reader_may_look_and_not_trade() -> None:
    rig = Rig(name="reader")
    assert rig.get("key_permissions").content["can_trade"] is False
    assert rig.get("orders/historical/batch").status == 200
    refused = rig.create()
    assert (refused.status, refused.content["error_details"]) == (403, "Missing required scopes")
    assert not rig.account.orders


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "nothing", 404, id="no such path"),
        pytest.param("POST", "accounts", 405, id="the wrong method"),
    ],
)
def test_what_does_not_exist(method: str, path: str, status: int) -> None:
    assert Rig().send(method, path, body="{}").status == status


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="half of it"),
        pytest.param("[]", id="a list"),
    ],
)
def test_a_body_must_be_an_object(body: str) -> None:
    reply = Rig().send("POST", "orders", body=body)
    assert (reply.status, reply.content["error"]) == (400, "INVALID_ARGUMENT")


def test_kinds_of_requests() -> None:
    kinds = {
        (method, path): Rig().sandbox.classify(Incoming(door="rest", method=method, path=f"{ROOT}/{path}"))
        for method, path in (
            ("GET", "time"),
            ("GET", "market/products/BTC-USD/ticker"),
            ("GET", "accounts"),
            ("POST", "orders"),
            ("POST", "orders/batch_cancel"),
            ("POST", "orders/edit"),
            ("POST", "orders/preview"),
            ("GET", "nothing"),
        )
    }
    assert list(kinds.values()) == [
        RequestClass.TIME,
        RequestClass.READ,
        RequestClass.PRIVATE_READ,
        RequestClass.ORDER,
        RequestClass.CANCEL,
        RequestClass.WRITE,
        RequestClass.PRIVATE_READ,
        RequestClass.READ,
    ]


# --- errors that faults show


ASKED = Incoming(door="rest", method="GET", path=f"{ROOT}/accounts")


@pytest.mark.parametrize(
    ("show", "status", "kind"),
    [
        pytest.param(lambda venue: venue.overloaded(ASKED), 503, Kind.OVERLOADED, id="overload"),
        pytest.param(lambda venue: venue.under_maintenance(ASKED), 503, Kind.MAINTENANCE, id="maintenance"),
        pytest.param(lambda venue: venue.throttled(ASKED, 1.0), 429, Kind.RATE_LIMITED, id="too many requests"),
        pytest.param(lambda venue: venue.html_error(502), 502, Kind.VENUE_FAULT, id="a page of the gateway"),
    ],
)
def test_the_catalogue_knows_what_faults_show(
    show: Callable[[CoinbaseSandbox], Outgoing], status: int, kind: Kind
) -> None:
    answer = show(Rig().sandbox)
    text = answer.body.decode()
    code = ""
    if answer.headers["content-type"] == "application/json":
        content = json.loads(text)
        code = content["errors"][0]["id"] if "errors" in content else content["error"]
    found = CATALOGUE.find(code, message=text, http_status=answer.status, surfaces=("advanced",))
    assert answer.status == status
    assert found is not None
    assert found.kind is kind


def test_there_are_no_bans() -> None:
    assert Rig().sandbox.banned(ASKED, 60.0) is None


def test_accounts_are_dummies() -> None:
    accounts = Rig().sandbox.accounts
    assert len({account.credentials.key for account in accounts}) == len(accounts) >= 5
    assert all("00000000-0000-4000-8000-" in account.credentials.key for account in accounts)


# --- the same seed, and real sockets


def told(seed: int) -> list[Reply]:
    rig = Rig(seed)
    rig.created()
    rig.wait(20)
    rig.create(side="SELL", client_order_id="same")
    return [rig.get("market/product_book", product_id="BTC-USD"), rig.get("orders/historical/batch")]


def test_a_seed_decides_everything() -> None:
    def books(replies: list[Reply]) -> object:
        return replies[0].content["pricebook"]["bids"], [row["status"] for row in replies[1].content["orders"]]

    assert books(told(4)) == books(told(4))
    assert books(told(4)) != books(told(5))


async def test_over_a_socket() -> None:
    sandbox = CoinbaseSandbox(Setting(now=asyncio.get_running_loop().time))
    async with SandboxServer(sandbox) as server, aiohttp.ClientSession() as session:
        url = server.urls["rest"]
        uri = f"GET {url.removeprefix('http://')}{ROOT}/accounts"
        made = token(holder("second"), uri, sandbox.now_us // 1_000_000)
        answer = await session.get(f"{url}{ROOT}/accounts?limit=2", headers={"authorization": f"Bearer {made}"})
        content = await answer.json()
        refused = await session.get(f"{url}{ROOT}/accounts")
        assert (answer.status, content["size"], content["has_next"]) == (200, 2, True)
        assert (refused.status, await refused.text()) == (401, "Unauthorized")
