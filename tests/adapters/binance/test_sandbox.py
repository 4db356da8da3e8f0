from __future__ import annotations

import time
from urllib.parse import quote

import aiohttp
import pytest

from tests.adapters.binance.sandbox_rig import Rig, sign
from unified.sandbox.dialect import Incoming, Setting
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer
from unified_binance.sandbox import TABLE, BinanceSandbox
from unified_binance_dialect.sandbox_calls import Security

PING = {"spot": "/api/v3/ping", "linear": "/fapi/v1/ping"}


@pytest.fixture(params=["spot", "linear"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def pinging(door: str, path: str | None = None, method: str = "GET") -> Incoming:
    return Incoming(door=door, method=method, path=path or PING[door])


# --- what there is


def test_the_sandbox_is_found_by_the_venues_name() -> None:
    assert sandbox_class("binance") is BinanceSandbox


def test_every_account_has_a_key_and_money_in_the_engine(rig: Rig) -> None:
    names = [account.name for account in rig.dialect.accounts]
    assert names == list(rig.dialect.engine.accounts)
    assert rig.dialect.credentials("rsa").key == "dummy-binance-key-rsa"


def test_every_endpoint_that_changes_something_needs_a_key_that_trades() -> None:
    changing = {(path, endpoint.security) for (_, method, path), endpoint in TABLE.items() if method != "GET"}
    changing.remove(("/fapi/v1/listenKey", Security.KEY))  # changes nothing of an account
    assert {security for _, security in changing} == {Security.TRADE}


# --- limits and bans


# --- what goes wrong by plan


# --- determinism


# --- over sockets


async def test_a_client_of_the_venue_can_talk_to_it_over_http() -> None:
    dialect = BinanceSandbox(Setting(now=time.monotonic))
    async with SandboxServer(dialect) as server, aiohttp.ClientSession() as session:
        for door, path in (("spot", "/api/v3"), ("linear", "/fapi/v1")):
            base = server.urls[door]
            async with session.get(f"{base}{path}/time") as answer:
                stamp = (await answer.json())["serverTime"]
                assert answer.headers["X-MBX-USED-WEIGHT-1M"] == "1"
            credentials = dialect.credentials("ed25519")
            text = f"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000&timestamp={stamp}"
            body = f"{text}&signature={quote(sign(credentials, text), safe='')}"
            headers = {"X-MBX-APIKEY": credentials.key, "content-type": "application/x-www-form-urlencoded"}
            async with session.post(f"{base}{path}/order", data=body, headers=headers) as answer:
                assert answer.status == 200
                assert (await answer.json())["status"] == "NEW"
                assert answer.headers["X-MBX-ORDER-COUNT-10S"] == "1"
    assert server.ledger.verdict().is_clean
