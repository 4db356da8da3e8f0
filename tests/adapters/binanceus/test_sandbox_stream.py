"""The streams of the simulated Binance.US, spoken to without the adapter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adapters.binanceus.sandbox_rig import ORDER, Rig
from unified.sandbox.dialect import Outgoing
from unified.sandbox.streams import Opening, Talk

MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}


def talk_of(rig: Rig, path: str) -> Talk:
    talk = rig.dialect.talk(Opening(door="spot", path=path))
    assert isinstance(talk, Talk)
    return talk


def heard(rig: Rig, talk: Talk, seconds: float) -> list[Any]:
    found = []
    for _ in range(round(seconds / 0.05)):
        rig.wait(0.05)
        found += [json.loads(frame) for frame in talk.pulse()]
    return found


def key_of(rig: Rig, who: str = "main") -> str:
    key: str = rig.keyed("POST", {}, who).content["listenKey"]
    return key


def test_a_listen_key_leads_to_the_account_and_its_events_come_bare() -> None:
    rig = Rig()
    key = key_of(rig)
    assert key_of(rig) == key, "asked for again it is the same"
    talk = talk_of(rig, f"/ws/{key}")
    rig.ask("POST", "/api/v3/order", {**MARKET, "newClientOrderId": "a-1"})
    *reports, funds = heard(rig, talk, 0.1)
    assert [reports[0]["x"], reports[-1]["X"], reports[-1]["c"]] == ["NEW", "FILLED", "a-1"]
    assert {row["a"] for row in funds["B"]} == {"BTC", "USDT"}
    assert talk.announced_end() == []


def test_a_key_lives_for_an_hour_after_each_renewal_and_ends_without_a_word() -> None:
    rig = Rig()
    key = key_of(rig)
    talk = talk_of(rig, f"/ws/{key}")
    rig.wait(3000)
    assert rig.keyed("PUT", {"listenKey": key}).content == {}
    rig.wait(3000)
    rig.ask("POST", "/api/v3/order", ORDER)
    assert heard(rig, talk, 0.1)
    rig.wait(700)
    rig.ask("POST", "/api/v3/order", ORDER)
    assert heard(rig, talk, 0.1) == []
    assert rig.keyed("PUT", {"listenKey": key}).error[1] == -1125
    assert key_of(rig) != key


def test_a_key_is_named_and_must_be_the_accounts_own() -> None:
    rig = Rig()
    key = key_of(rig)
    assert rig.keyed("PUT", {}).error[1] == -1102
    assert rig.keyed("PUT", {"listenKey": key}, "poor").error[1] == -1125
    assert rig.keyed("DELETE", {"listenKey": key}).content == {}
    assert rig.keyed("PUT", {"listenKey": key}).error[1] == -1125


def test_market_streams_come_wrapped_or_raw_and_there_are_no_candles_of_a_second() -> None:
    rig = Rig()
    for path, wrapped in (("/stream", True), ("/ws", False)):
        talk = talk_of(rig, path)
        names = ["btcusdt@trade", "btcusdt@kline_1s"]
        talk.receive(json.dumps({"method": "SUBSCRIBE", "params": names, "id": 1}))
        said = heard(rig, talk, 20)
        assert said
        assert {(row["data"] if wrapped else row)["e"] for row in said} == {"trade"}


def test_a_key_that_is_none_brings_silence() -> None:
    rig = Rig()
    talk = talk_of(rig, "/ws/nobodys-key")
    rig.ask("POST", "/api/v3/order", MARKET)
    assert heard(rig, talk, 1) == []


def test_a_listen_key_is_a_stream_that_can_be_subscribed_to() -> None:
    rig = Rig()
    key = key_of(rig)
    talk = talk_of(rig, "/stream")
    talk.receive(json.dumps({"method": "SUBSCRIBE", "params": [key], "id": 1}))
    rig.ask("POST", "/api/v3/order", MARKET)
    assert {frame["stream"] for frame in heard(rig, talk, 0.1)} == {key}


@pytest.mark.parametrize("path", ["/nowhere", "/ws-api/v3"])
def test_other_paths_lead_nowhere(path: str) -> None:
    assert isinstance(Rig().dialect.talk(Opening(door="spot", path=path)), Outgoing)


def test_more_than_five_frames_a_second_end_the_connection() -> None:
    rig = Rig()
    talk = talk_of(rig, "/stream")
    for number in range(6):
        talk.receive(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
    assert talk.wants_close() == 1008
