from __future__ import annotations

import pytest

from tests.adapters.binanceus.sandbox_rig import ORDER, Rig
from unified.sandbox.refusal import Reason
from unified.sandbox.registry import sandbox_class
from unified_binance_dialect.sandbox_calls import Security
from unified_binanceus.sandbox import DOORS, TABLE, BinanceUsSandbox


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_sandbox_is_found_by_the_venues_name() -> None:
    assert sandbox_class("binanceus") is BinanceUsSandbox


def test_every_account_is_plainly_a_dummy(rig: Rig) -> None:
    assert [account.name for account in rig.dialect.accounts] == ["main", "poor", "reader"]
    assert all(account.credentials.key.startswith("dummy-") for account in rig.dialect.accounts)
    assert rig.ask("POST", "/api/v3/order", ORDER, "reader").error[:2] == (401, -2015)


def test_every_endpoint_that_changes_something_needs_a_key_that_trades() -> None:
    changing = {(path, endpoint.security) for (_, method, path), endpoint in TABLE.items() if method != "GET"}
    changing.remove(("/api/v3/userDataStream", Security.KEY))  # changes nothing of an account
    assert {security for _, security in changing} == {Security.TRADE}


def test_there_is_no_amending_and_no_perpetual(rig: Rig) -> None:
    assert rig.ask("PUT", "/api/v3/order/amend/keepPriority", {"symbol": "BTCUSDT"}).status == 404
    assert rig.get("/fapi/v1/time").status == 404


def test_an_order_that_came_in_time_is_taken_however_late_it_reaches_the_engine(rig: Rig) -> None:
    held = rig.ask("POST", "/api/v3/order", {**ORDER, "recvWindow": 1000}, held_s=8)
    assert held.status == 200
    rig.wait(1)
    late = rig.ask("POST", "/api/v3/order", {**ORDER, "recvWindow": "0.5"})
    assert late.error[:2] == (400, -1130)
    assert rig.ask("POST", "/api/v3/order", {**ORDER, "recvWindow": 60_001}).error[:2] == (400, -1130)


def test_answers_come_in_milliseconds_only(rig: Rig) -> None:
    assert rig.get("/api/v3/time").content == {"serverTime": rig.dialect.now_ms}


def test_over_the_limit_of_orders_nobody_tells_the_wait(rig: Rig) -> None:
    answers = [rig.ask("POST", "/api/v3/order", ORDER) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert answers[-1].error[1:] == (-1015, "Too many new orders; current limit is 10 orders per 1 SECOND.")
    assert "retry-after" not in answers[-1].headers


def test_the_door_has_words_for_what_its_engine_refuses() -> None:
    assert DOORS["spot"].refusals[Reason.BELOW_MIN_NOTIONAL] == (-1013, "Filter failure: MIN_NOTIONAL")
    assert Reason.NO_CHANGE not in DOORS["spot"].refusals
