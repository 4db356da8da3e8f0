"""What was asked is read, and what cannot be read is refused in Paper's words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.paper.sandbox_rig import Rig
from unified.sandbox.dialect import Incoming
from unified_paper.sandbox_calls import Call, Refusal, carried_out, fields_of


def test_parameters_are_read() -> None:
    call = Rig().call(symbol="BTCUSDT", price="1.50", id="7", start_ms="10", end_ms="20")
    assert (call.instrument().base, call.number("price"), call.number("quantity")) == ("BTC", Decimal("1.50"), None)
    assert call.which() == {"order_id": 7}
    assert [call.within(ms * 1000) for ms in (9, 10, 19, 20)] == [False, True, True, False]
    assert call.about(call.instrument())


def test_without_a_number_the_clients_own_id_counts() -> None:
    assert Rig().call(client_order_id="c1").which() == {"client_order_id": "c1"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"symbol": "NOSUCH"}, "unknown_instrument"),
        ({"symbol": "BTCUSDT", "price": "1e5"}, "bad_request"),
        ({"symbol": "BTCUSDT", "price": "1"}, "bad_request"),
    ],
)
def test_whatever_goes_wrong_has_a_code(fields: dict[str, str], code: str) -> None:
    def answer(call: Call) -> object:
        return call.instrument(), call.number("price"), call.which()

    with pytest.raises(Refusal) as caught:
        carried_out(answer, Rig().call(**fields))
    assert caught.value.content["code"] == code


def test_a_body_is_an_object_of_texts() -> None:
    def read(body: bytes) -> object:
        return fields_of(Incoming(door="main", method="POST", path="/orders", query="a=1", body=body))

    assert read(b"") == {"a": "1"}
    assert read(b'{"b": "2"}') == {"b": "2"}
    for body in (b"[]", b'{"b": 2}', b"no JSON"):
        with pytest.raises(Refusal, match="object of texts"):
            read(body)
