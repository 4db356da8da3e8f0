from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.bybit.venue import CREDENTIALS, PERPETUAL, SPOT, STAMP, TIME_MS, answer
from unified.adapter import Charge
from unified.errors import Fault, Kind, VenueError
from unified.operations import FetchTicker
from unified_bybit.auth import Auth
from unified_bybit.door import Door, encoded, surfaces_of
from unified_bybit.faults import Answer
from unified_bybit.limits import ADDRESS

DOOR = Door(base="https://venue.test", auth=Auth(CREDENTIALS))
TICKER = FetchTicker(instrument=SPOT)


def parameters(operation: FetchTicker) -> dict[str, str]:
    return {"symbol": operation.instrument.symbol, "odd": "a/b &c"}


def body(operation: FetchTicker) -> dict[str, object]:
    return {"symbol": operation.instrument.symbol, "reduceOnly": True}


def read(operation: FetchTicker, found: Answer) -> tuple[object, ...]:
    return operation.instrument.symbol, found.result, found.time_ms


def read_items(operation: FetchTicker, items: list[Any]) -> list[Any]:
    return items


def free(operation: object, time_ms: int) -> tuple[Charge, ...]:
    return ()


def test_a_question_stands_percent_encoded_in_the_query() -> None:
    request = DOOR.public("/v5/x", parameters, read).build(TICKER, STAMP)
    assert request.url == "https://venue.test/v5/x?symbol=BTCUSDT&odd=a%2Fb%20%26c"
    assert (request.body, request.headers) == (b"", {})


def test_what_is_signed_is_what_is_sent() -> None:
    question = DOOR.signed("/v5/x", parameters, read).build(TICKER, STAMP)
    assert question.headers == Auth(CREDENTIALS).headers(question.query.encode(), STAMP)
    change = DOOR.setting("/v5/x", body, read).build(TICKER, STAMP)
    assert change.body == b'{"symbol":"BTCUSDT","reduceOnly":true}'
    assert change.headers == {
        **Auth(CREDENTIALS).headers(change.body, STAMP),
        "Content-Type": "application/json",
    }


def test_a_cursor_goes_back_as_it_came() -> None:
    assert encoded({"cursor": "page_token%3D39380%26"}) == "cursor=page_token%3D39380%26"


@given(st.text(max_size=20), st.sampled_from(["cursor", "symbol"]))
def test_no_text_leaves_its_parameter(text: str, name: str) -> None:
    query = encoded({name: text, "limit": "5"})
    assert query.count("&") == 1
    assert query.count("=") == 2
    assert "#" not in query
    assert query.isascii()


def test_a_call_is_charged_to_the_address_and_to_its_own_count() -> None:
    assert DOOR.public("/v5/market/tickers", parameters, read).charges(TICKER, 0) == (Charge(ADDRESS),)
    assert DOOR.order("/v5/order/create", body, read).charges(TICKER, 0) == (
        Charge(ADDRESS),
        Charge("POST /v5/order/create spot"),
    )


def test_a_reader_gets_the_result_and_the_time() -> None:
    assert DOOR.public("/v5/x", parameters, read).parse(TICKER, answer({"a": "1"})) == ("BTCUSDT", {"a": "1"}, TIME_MS)


def test_a_refused_item_is_handed_over_and_a_refused_call_is_raised() -> None:
    batch = DOOR.batch("/v5/order/cancel-batch", body, read_items, free)
    items = batch.parse(TICKER, answer({"list": [{}]}, extra={"list": [{"code": 170213, "msg": "gone"}]}))
    assert isinstance(items[0], Fault)
    assert items[0].kind is Kind.ORDER_NOT_FOUND
    with pytest.raises(VenueError) as caught:
        batch.parse(TICKER, answer(code=10005, message="Permission denied"))
    assert caught.value.kind is Kind.PERMISSION_DENIED


def test_order_calls_are_read_by_the_words_of_their_product() -> None:
    assert surfaces_of(TICKER) == ("rest", "spot")
    assert surfaces_of(FetchTicker(instrument=PERPETUAL)) == ("rest", "linear")
