from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.bitzoom.sandbox_rig import Rig

BTC = {"symbol": "BTCUSDT"}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_an_id_can_stand_for_many_orders(rig: Rig) -> None:
    ids = {rig.place(clientOrderId="same").data["orderId"] for _ in range(2)}
    assert len(ids) == 2
    assert [row["client_order_id"] for row in rig.ask("GET", "/api/v1/openorders", BTC).data] == ["same", "same"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        pytest.param({"side": "UP"}, -1116, id="a side"),
        pytest.param({"type": "ODD"}, -1115, id="a type"),
        pytest.param({"timeInForce": "GTD"}, -1114, id="a time in force"),
        pytest.param({"symbol": "DOGE"}, -1120, id="a symbol"),
        pytest.param({"price": "60000.001"}, -2019, id="a tick"),
        pytest.param({"quantity": "0.0105"}, -1111, id="a lot"),
        pytest.param({"quantity": "many"}, -1100, id="a number"),
        pytest.param({"positionSide": "LONG"}, -2024, id="a side of another mode"),
        pytest.param({"reduceOnly": True}, -2023, id="nothing to reduce"),
        pytest.param({"type": "STOP_MARKET", "price": None, "stopPrice": "60000"}, -2021, id="a stop that triggers"),
    ],
)
def test_what_is_wrong_is_refused_in_the_venues_words(rig: Rig, terms: dict[str, Any], code: int) -> None:
    assert rig.place(**terms).code == code


def test_who_has_no_money_is_told_so(rig: Rig) -> None:
    assert rig.place("poor").code == -2010


def test_a_cancel_names_an_order_either_way_and_tells_how_it_ended(rig: Rig) -> None:
    path = "/api/v1/deleteorder"
    first = rig.place(clientOrderId="a-1").data["orderId"]
    assert rig.ask("DELETE", path, {**BTC, "orderId": first}).data == {"orderId": first}
    assert rig.ask("DELETE", path, {**BTC, "origClientOrderId": "a-1"}).code == -2012
    filled = rig.place(type="MARKET", price=None).data["orderId"]
    assert rig.ask("DELETE", path, {**BTC, "orderId": filled}).code == -2013
    assert rig.ask("DELETE", path, {**BTC, "orderId": 1}).code == -2011


def test_the_history_is_paged_newest_first(rig: Rig) -> None:
    ids = [rig.place(type="MARKET", price=None).data["orderId"] for _ in range(3)]
    page = rig.ask("GET", "/api/v1/historyorder", {**BTC, "limit": 2}).data
    assert (page["total"], [row["order_id"] for row in page["rows"]]) == (3, [ids[2], ids[1]])
    last = rig.ask("GET", "/api/v1/historyorder", {**BTC, "limit": 2, "page": 2}).data
    assert [row["order_id"] for row in last["rows"]] == ids[:1]
    assert rig.ask("GET", "/api/v1/historytrade", BTC).data["total"] >= 3


def test_the_account_is_told(rig: Rig) -> None:
    assert rig.ask("GET", "/api/v1/balance").data[0]["balance"] == "1000000.00000000"
    assert rig.ask("GET", "/api/v1/commissionrate", BTC).data["takerCommissionRate"] == "0.0005"
    assert rig.ask("GET", "/api/v1/positionrisk").data == []
    rig.place(type="MARKET", price=None)
    assert rig.ask("GET", "/api/v1/positionrisk", BTC).data[0]["positionAmt"] == "0.01"


def test_leverage_is_set_by_get_and_read_without_a_number(rig: Rig) -> None:
    assert rig.ask("GET", "/api/v1/leverage", {**BTC, "leverage": 20}).data["leverage"] == 20
    assert rig.ask("GET", "/api/v1/leverage", BTC).data["leverage"] == 20
    assert rig.ask("GET", "/api/v1/leverage", {**BTC, "leverage": 20}).status == 200
    assert rig.ask("GET", "/api/v1/leverage", {**BTC, "leverage": 126}).code == -2104


def test_the_margin_type_and_the_position_mode_change_while_nothing_is_open(rig: Rig) -> None:
    kind, mode = "/api/v1/margintype", "/api/v1/positionSide/dual"
    assert rig.ask("GET", kind, {**BTC, "marginType": "ISOLATED"}).data["marginType"] == "ISOLATED"
    assert rig.ask("GET", kind, {**BTC, "marginType": "ISOLATED"}).code == -2200
    assert rig.ask("GET", kind, BTC).data["marginType"] == "ISOLATED"
    assert rig.ask("POST", mode, {"dualSidePosition": True}).status == 200
    assert rig.ask("POST", mode, {"dualSidePosition": True}).code == -2100
    assert rig.place().code == -2024
    rig.place(positionSide="LONG", type="MARKET", price=None)
    assert rig.ask("POST", mode, {"dualSidePosition": False}).code == -2101
    assert rig.ask("GET", kind, {**BTC, "marginType": "CROSSED"}).code == -2201
