from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.adapters.bitzoom.sandbox_rig import CATALOGUE
from unified.sandbox.clock import VenueClock
from unified.sandbox.dialect import Incoming
from unified.sandbox.engine import Engine
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_bitzoom.sandbox_calls import REASONS, Call, Refusal, enveloped, fields_of, refusal_of
from unified_bitzoom.sandbox_listings import LISTINGS


def call(**fields: object) -> Call:
    return Call(engine=Engine(LISTINGS, clock=VenueClock(lambda: 0.0)), fields=fields, holder=None)


def test_every_refusal_is_in_the_catalogue() -> None:
    assert [code for code, _ in REASONS.values() if not CATALOGUE.holds(str(code))] == []
    assert refusal_of(EngineRefusal(Reason.INSUFFICIENT_FUNDS)).code == -2010


def test_values_are_read_as_they_are_meant() -> None:
    found = call(price="7.10", limit="5", side="BUY", symbol="BTCUSDT")
    assert (found.number("price"), found.number("none")) == (Decimal("7.10"), None)
    assert (found.whole("limit", 1), found.whole("none", 1), found.word("side", {"BUY": 1}, -1116)) == (5, 1, 1)
    assert found.instrument.base == "BTC"
    assert call().instrument_if_any is None
    with pytest.raises(LookupError):
        _ = call().account


@pytest.mark.parametrize(
    ("reader", "code"),
    [
        pytest.param(lambda one: one.text("missing"), -1102, id="a text that is missing"),
        pytest.param(lambda one: one.number("odd"), -1100, id="a number that is none"),
        pytest.param(lambda one: one.whole("odd", 1), -1130, id="a count that is none"),
        pytest.param(lambda one: one.word("odd", {}, -1116), -1116, id="an unknown word"),
    ],
)
def test_what_cannot_be_read_is_refused(reader: object, code: int) -> None:
    assert callable(reader)
    with pytest.raises(Refusal) as refused:
        reader(call(odd="x"))
    assert refused.value.code == code


def test_a_body_must_be_an_object_of_json() -> None:
    headers = {"content-type": "application/json"}
    post = Incoming(door="main", method="POST", path="/", query="a=1", headers=headers, body=b'{"b":2}')
    assert fields_of(post) == {"a": "1", "b": 2}
    for wrong, code in ((b"[]", -1130), (b"{", -1130)):
        with pytest.raises(Refusal) as refused:
            fields_of(Incoming(door="main", method="POST", path="/", headers=headers, body=wrong))
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        fields_of(Incoming(door="main", method="POST", path="/", body=b"{}"))
    assert refused.value.code == -1005


def test_a_refusal_without_a_code_says_so() -> None:
    assert json.loads(Refusal(None, "nonce reused", 401).answer.body) == {"success": False, "msg": "nonce reused"}
    assert json.loads(enveloped([], 1, by_guide=True).body) == {"code": 0, "msg": "success", "data": []}
