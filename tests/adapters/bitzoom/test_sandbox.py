from __future__ import annotations

import json

import pytest
from attrs import evolve

from tests.adapters.bitzoom.sandbox_rig import ORDER, Rig
from unified.sandbox.dialect import Incoming, RequestClass
from unified.sandbox.registry import sandbox_class
from unified_bitzoom.sandbox import BitzoomByGuide, BitzoomSandbox


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_sandbox_is_found_by_the_venues_name(rig: Rig) -> None:
    assert sandbox_class("bitzoom") is BitzoomSandbox
    assert [account.name for account in rig.dialect.accounts] == ["main", "bearer", "poor", "reader"]


def test_both_envelopes_are_spoken(rig: Rig) -> None:
    by_spec, by_guide = rig.get("/api/gateway/time").content, rig.get("/api/v1/exchangeinfo").content
    assert (by_spec["errorCode"], by_spec["success"], by_spec["host"]) == (200, True, "testing env")
    assert set(by_guide) == {"code", "msg", "data"}
    assert by_guide["code"] == 0


def test_what_changes_something_is_a_write_whatever_its_method(rig: Rig) -> None:
    table = BitzoomSandbox.table.items()
    kinds = {path: endpoint.kind for (method, path), endpoint in table if endpoint.changes and method == "GET"}
    assert kinds == {"/api/v1/leverage": RequestClass.WRITE, "/api/v1/margintype": RequestClass.WRITE}
    assert rig.dialect.classify(Incoming(door="main", method="POST", path="/api/v1/order")) is RequestClass.ORDER


def test_a_key_that_only_reads_changes_nothing(rig: Rig) -> None:
    assert rig.place("reader").status == 403
    assert rig.ask("GET", "/api/v1/leverage", {"symbol": "BTCUSDT", "leverage": "20"}, "reader").status == 403
    assert rig.ask("GET", "/api/v1/balance", who="reader").status == 200


def test_an_unknown_path_has_a_code(rig: Rig) -> None:
    assert (rig.get("/api/v1/nothing").status, rig.get("/api/v1/nothing").code) == (404, -1004)


def test_each_reading_of_the_papers_has_a_sandbox_that_cancels_at_one_address() -> None:
    assert BitzoomSandbox.readings() == (BitzoomSandbox, BitzoomByGuide)
    addresses = {"/api/v1/deleteorder": BitzoomSandbox, "/api/v1/order": BitzoomByGuide}
    for reading in (BitzoomSandbox, BitzoomByGuide):
        rig = Rig(reading)
        for address, known_by in addresses.items():
            order_id = rig.place().data["orderId"]
            answer = rig.ask("DELETE", address, {"symbol": "BTCUSDT", "orderId": order_id})
            assert answer.status == (200 if known_by is reading else 404)


def test_too_many_requests_are_refused_and_no_wait_is_told(rig: Rig) -> None:
    rig.wait(5)
    answers = [rig.dialect.handle(Incoming(door="main", method="GET", path="/api/gateway/ping")) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert "retry-after" not in answers[-1].headers
    rig.wait(1)
    assert rig.get("/api/gateway/ping").status == 200


def test_an_order_that_came_in_time_is_taken_however_late_it_runs(rig: Rig) -> None:
    body = json.dumps(ORDER).encode()
    bare = Incoming(door="main", method="POST", path="/api/v1/order", body=body)
    headers, arrived_us = rig.headers(bare, "main"), rig.dialect.clock.true_us()
    rig.wait(30)
    held = Incoming(door="main", method="POST", path="/api/v1/order", body=body, headers=headers, delayed=True)
    assert rig.handle(evolve(held, arrived_us=arrived_us)).status == 200


def test_faults_speak_the_venues_words(rig: Rig) -> None:
    ping = Incoming(door="main", method="GET", path="/api/gateway/ping")
    assert rig.dialect.overloaded(ping).status == 504
    assert rig.dialect.under_maintenance(ping).status == 503
    assert rig.dialect.banned(ping, 60) is None
