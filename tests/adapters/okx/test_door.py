from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.calls import response
from tests.adapters.okx.venue import CREDENTIALS, SPOT, STAMP, rows
from unified.adapter import Charge
from unified.errors import Fault, Kind, VenueError
from unified.operations import FetchBook, FetchTicker
from unified_okx.auth import Auth
from unified_okx.door import Door

LIVE = Door(base="https://venue.test", auth=Auth(CREDENTIALS), demo=False)
DEMO = Door(base="https://venue.test", auth=Auth(CREDENTIALS), demo=True)
TICKER = FetchTicker(instrument=SPOT)
REFUSED_ITEM = {"sCode": "51008", "sMsg": "no money", "subCode": ""}


def parameters(operation: FetchTicker) -> dict[str, str]:
    return {"instId": operation.instrument.symbol, "odd": "a/b &c"}


def body(operation: FetchTicker) -> dict[str, object]:
    return {"instId": operation.instrument.symbol, "reduceOnly": True}


def read(operation: FetchTicker, data: list[Any]) -> list[Any]:
    return [operation.instrument.symbol, *data]


def free(operation: object, time_ms: int) -> tuple[Charge, ...]:
    return ()


def test_a_question_stands_percent_encoded_in_the_query() -> None:
    request = LIVE.public("/market/ticker", parameters, read).build(TICKER, STAMP)
    assert request.url == "https://venue.test/api/v5/market/ticker?instId=BTC-USDT&odd=a%2Fb+%26c"
    assert (request.body, request.headers) == (b"", {})


def test_what_is_signed_is_what_is_sent() -> None:
    request = LIVE.signed("/account/balance", parameters, read).build(TICKER, STAMP)
    target = request.url.removeprefix("https://venue.test")
    expected = Auth(CREDENTIALS).headers(request.method, target, b"", STAMP)
    assert request.headers == expected


def test_a_change_stands_in_a_compact_body() -> None:
    request = LIVE.setting("/account/set-leverage", body, read).build(TICKER, STAMP)
    assert request.body == b'{"instId":"BTC-USDT","reduceOnly":true}'
    assert request.headers["Content-Type"] == "application/json"
    assert "expTime" not in request.headers


def test_an_order_carries_its_last_moment_outside_the_signature() -> None:
    plain = LIVE.order("/trade/order", body, read).build(TICKER, STAMP)
    fenced = LIVE.order("/trade/order", body, read, expires=True).build(TICKER, STAMP)
    assert fenced.headers == {**plain.headers, "expTime": str(STAMP.expires_ms)}


@pytest.mark.parametrize("signed", [pytest.param(True, id="signed"), pytest.param(False, id="public")])
def test_demo_trading_is_a_header_on_every_call(signed: bool) -> None:
    call = DEMO.signed if signed else DEMO.public
    assert call("/market/ticker", parameters, read).build(TICKER, STAMP).headers["x-simulated-trading"] == "1"
    assert DEMO.order("/trade/order", body, read).build(TICKER, STAMP).headers["x-simulated-trading"] == "1"


def test_one_request_is_charged_to_its_own_path() -> None:
    assert LIVE.public("/market/ticker", parameters, read).charges(TICKER, 0) == (Charge("GET /market/ticker"),)
    assert LIVE.setting("/account/set-leverage", body, read).charges(TICKER, 0) == (
        Charge("POST /account/set-leverage"),
    )


def test_a_path_may_depend_on_the_operation() -> None:
    def path(operation: FetchBook, time_ms: int) -> str:
        """/market/books, or /market/books-full"""
        return "/market/books" if operation.depth < 401 else "/market/books-full"

    endpoint = LIVE.public(path, parameters, read)
    deep = FetchBook(instrument=SPOT, depth=500)
    assert endpoint.build(deep, STAMP).path == "/api/v5/market/books-full"
    assert endpoint.charges(deep, 0) == (Charge("GET /market/books-full"),)
    assert endpoint.example == "GET /market/books, or /market/books-full"


def test_a_reader_gets_the_rows() -> None:
    assert LIVE.public("/market/ticker", parameters, read).parse(TICKER, rows({"a": "1"})) == ["BTC-USDT", {"a": "1"}]


def test_a_single_call_raises_its_refused_item_and_a_batch_hands_it_over() -> None:
    answer = response({"code": "1", "msg": "All operations failed", "data": [REFUSED_ITEM]})
    with pytest.raises(VenueError) as caught:
        LIVE.order("/trade/order", body, read).parse(TICKER, answer)
    item = LIVE.batch("/trade/batch-orders", body, read, free).parse(TICKER, answer)[1]
    assert isinstance(item, Fault)
    assert caught.value.kind is item.kind is Kind.INSUFFICIENT_FUNDS
