from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.calls import response
from tests.adapters.coinbase.venue import BTC, CREDENTIALS, STAMP
from unified.adapter import Charge
from unified.errors import Kind, Outcome, VenueError
from unified.operations import FetchTicker
from unified_coinbase.auth import Auth
from unified_coinbase.door import Door, segment

DOOR = Door(base="https://venue.test", auth=Auth(CREDENTIALS), private_charges=(Charge("private"), Charge("hourly")))
TICKER = FetchTicker(instrument=BTC)


def path(operation: FetchTicker) -> str:
    """/products/{product_id}"""
    return f"/products/{segment(operation.instrument.symbol)}"


def parameters(operation: FetchTicker) -> dict[str, str | tuple[str, ...]]:
    return {"order_status": ("OPEN", "PENDING"), "odd": "a/b &c"}


def body(operation: FetchTicker) -> dict[str, object]:
    return {"order_id": operation.instrument.symbol, "post_only": True}


def read(operation: FetchTicker, answer: dict[str, Any]) -> list[Any]:
    return [operation.instrument.symbol, answer]


def test_a_public_question_asks_for_no_cached_answer_and_carries_no_key() -> None:
    request = DOOR.public("/time", parameters, read).build(TICKER, STAMP)
    assert request.url == (
        "https://venue.test/api/v3/brokerage/time?order_status=OPEN&order_status=PENDING&odd=a%2Fb%20%26c"
    )
    assert (request.body, dict(request.headers)) == (b"", {"Cache-Control": "no-cache"})


def test_the_token_is_for_method_host_and_path_of_what_is_sent() -> None:
    request = DOOR.signed(path, parameters, read).build(TICKER, STAMP)
    assert request.path == "/api/v3/brokerage/products/BTC-USD"
    assert request.headers == Auth(CREDENTIALS).headers(request.method, "venue.test", request.path, STAMP)


def test_a_change_stands_in_a_compact_body() -> None:
    request = DOOR.order("/orders", body, read).build(TICKER, STAMP)
    assert request.body == b'{"order_id":"BTC-USD","post_only":true}'
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"].startswith("Bearer ")


def test_what_a_call_costs() -> None:
    public, signed = DOOR.public("/time", parameters, read), DOOR.signed("/accounts", parameters, read)
    assert public.charges(TICKER, 0) == (Charge("public"),)
    assert signed.charges(TICKER, 0) == (Charge("private"), Charge("hourly"))
    assert DOOR.order("/orders", body, read).charges(TICKER, 0) == (Charge("private"), Charge("hourly"))


def test_examples_show_where_ids_stand() -> None:
    assert DOOR.signed(path, parameters, read).example == "GET /products/{product_id}"
    assert DOOR.order("/orders", body, read).example == "POST /orders"


def test_a_reader_gets_the_body_and_a_batch_the_whole_answer() -> None:
    answer = response({"a": "1"})
    assert DOOR.public("/time", parameters, read).parse(TICKER, answer) == ["BTC-USD", {"a": "1"}]
    assert DOOR.signed("/time", parameters, read).parse(TICKER, answer) == ["BTC-USD", {"a": "1"}]
    assert DOOR.batch("/orders", body, lambda operation, whole: whole).parse(TICKER, answer) is answer


def test_a_refusal_is_raised_before_the_reader() -> None:
    with pytest.raises(VenueError):
        DOOR.order("/orders", body, read).parse(TICKER, response({"success": False}))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("BTC-USD", "BTC-USD", id="an id stays as it is"),
        pytest.param("a/../b?c#d e%2f", "a%2F..%2Fb%3Fc%23d%20e%252f", id="nothing leaves its segment"),
        pytest.param("ü", "%C3%BC", id="letters beyond ASCII"),
    ],
)
def test_an_id_is_one_segment_of_a_path(value: str, shown: str) -> None:
    assert segment(value) == shown


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_would_be_another_path_is_no_id(value: str) -> None:
    with pytest.raises(VenueError) as caught:
        segment(value)
    assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
