from __future__ import annotations

from decimal import Decimal

import pytest

from unified.instrument import Product
from unified.sandbox.clock import VenueClock
from unified.sandbox.engine import Engine
from unified_binance.sandbox import DOORS
from unified_binance.sandbox_listings import LISTINGS
from unified_binance_dialect.sandbox_calls import Call, Endpoint, Fields, Refusal, error, per_symbol


def call(door: str = "linear", **fields: str) -> Call:
    engine = Engine(LISTINGS, clock=VenueClock(lambda: 0.0))
    return Call(
        engine=engine,
        door=DOORS[door],
        fields=Fields(fields),
        holder=None,
        mint=lambda: "minted",
        counts=lambda: (0, 0),
    )


def test_values_are_read_as_they_are_meant() -> None:
    fields = Fields({"price": "60000.10", "limit": "5000", "flag": "TRUE", "list": '["a",1]', "word": "BUY"})
    assert fields.number("price") == Decimal("60000.10")
    assert fields.whole("limit") == 5000
    assert fields.limit(500, 1000) == 1000
    assert fields.flag("flag") is True
    assert fields.array("list") == ["a", 1]
    assert fields.word("word", {"BUY": 1}) == 1
    assert list(fields) == ["price", "limit", "flag", "list", "word"]


def test_what_was_not_sent_is_the_default() -> None:
    fields = Fields({})
    assert (fields.number("price"), fields.whole("limit"), fields.array("list")) == (None, None, [])
    assert (fields.limit(500, 1000), fields.flag("flag"), fields.word("word", {}, "usual")) == (500, False, "usual")
    assert "price" not in fields


@pytest.mark.parametrize(
    ("name", "value", "reader", "code"),
    [
        pytest.param("price", "1e5", "number", -1100, id="an exponent"),
        pytest.param("price", "-1", "number", -1100, id="a negative number"),
        pytest.param("price", ".5", "number", -1100, id="a number without its leading zero"),
        pytest.param("limit", "1.5", "whole", -1100, id="a fraction where a whole number belongs"),
        pytest.param("flag", "yes", "flag", -1130, id="a flag that is neither true nor false"),
        pytest.param("list", "[", "array", -1130, id="a list that is no JSON"),
        pytest.param("list", '{"a":1}', "array", -1130, id="JSON that is no list"),
        pytest.param("symbol", "", "text", -1102, id="a text that must be there and is empty"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, value: str, reader: str, code: int) -> None:
    with pytest.raises(Refusal) as refused:
        getattr(Fields({name: value}), reader)(name)
    assert refused.value.code == code
    assert name in refused.value.message


def test_an_unknown_word_is_refused_with_its_own_error_where_it_has_one() -> None:
    with pytest.raises(Refusal, match="-1130"):
        Fields({"mode": "X"}).word("mode", {"Y": 1})
    with pytest.raises(Refusal, match="-1117 Invalid side"):
        Fields({"side": "X"}).word("side", {"Y": 1}, else_=error(-1117, "Invalid side."))
    with pytest.raises(Refusal, match="-1130"):
        Fields({"limit": "0"}).limit(5, 10)


def test_a_refusal_shows_what_belongs_to_it() -> None:
    assert Refusal(-1, "a").content == {"code": -1, "msg": "a"}
    assert Refusal(-1, "a", data={"b": 2}).content == {"code": -1, "msg": "a", "data": {"b": 2}}


def test_each_door_writes_times_of_its_own_clock() -> None:
    linear, spot = call("linear"), call("spot")
    assert linear.time(1_000_000) == 600
    assert linear.shown_us(600) == 1_000_000
    assert spot.time(1_000_000) == 1000
    assert spot.now_us - linear.now_us == 400_000


def test_an_instrument_is_found_among_those_of_the_door() -> None:
    assert call("linear", symbol="BTCUSDT").instrument.product is Product.LINEAR
    assert call("spot", symbol="BTCUSDT").instrument.product is Product.SPOT
    assert call("spot").instrument_if_any is None
    assert {item.product for item in call("spot").instruments} == {Product.SPOT}


def test_a_public_call_has_no_account() -> None:
    with pytest.raises(LookupError, match="no account"):
        _ = call().account


def test_an_endpoint_knows_its_parameters_and_its_weight() -> None:
    endpoint = Endpoint(method="GET", path="/", answer=lambda _: None, takes="symbol! limit", weight=per_symbol(2, 40))
    assert endpoint.must == ("symbol",)
    assert endpoint.known == {"symbol", "limit"}
    assert (endpoint.cost(Fields({"symbol": "A"})), endpoint.cost(Fields({}))) == (2, 40)
    assert Endpoint(method="GET", path="/", answer=lambda _: None, weight=7).cost(Fields({})) == 7
