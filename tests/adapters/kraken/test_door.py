from __future__ import annotations

import pytest

from tests.adapters.kraken.venue import BTC_USD, CREDENTIALS, STAMP, errors, result
from unified.adapter import Charge
from unified.errors import Kind, VenueError
from unified.operations import FetchTicker
from unified.wire import Json
from unified_kraken.auth import Auth
from unified_kraken.door import Door, deadline
from unified_kraken.faults import CANCEL
from unified_kraken.limits import calls

DOOR = Door(base="https://venue.test", auth=Auth(CREDENTIALS))
TICKER = FetchTicker(instrument=BTC_USD)


def fields(operation: FetchTicker) -> dict[str, str]:
    return {"pair": operation.instrument.symbol, "odd": "a/b &c"}


def read(operation: FetchTicker, content: Json) -> tuple[str, Json]:
    return operation.instrument.symbol, content


def test_a_public_question_stands_percent_encoded_in_the_query() -> None:
    endpoint = DOOR.public("Ticker", fields, read)
    request = endpoint.build(TICKER, STAMP)
    assert request.url == "https://venue.test/0/public/Ticker?pair=XXBTZUSD&odd=a%2Fb+%26c"
    assert (request.method, request.body, endpoint.signed) == ("GET", b"", False)
    assert endpoint.charges(TICKER, 0) == (Charge("public"),)


def test_a_private_call_is_a_signed_form_below_its_own_path() -> None:
    request = DOOR.private("Balance", fields, read, calls(1)).build(TICKER, STAMP)
    signed = Auth(CREDENTIALS).form("/0/private/Balance", fields(TICKER), STAMP)
    assert (request.method, request.url) == ("POST", "https://venue.test/0/private/Balance")
    assert (request.body, request.headers) == (signed.body, signed.headers)


def test_a_batch_is_signed_json() -> None:
    request = DOOR.batch("AddOrderBatch", fields, read, calls(1)).build(TICKER, STAMP)
    signed = Auth(CREDENTIALS).nested("/0/private/AddOrderBatch", fields(TICKER), STAMP)
    assert (request.body, request.headers) == (signed.body, signed.headers)


def test_a_call_that_expires_carries_its_last_moment() -> None:
    assert deadline(STAMP) == {"deadline": "2026-11-20T08:00:05.123Z"}
    form = DOOR.private("AddOrder", fields, read, calls(1), expires=True).build(TICKER, STAMP)
    nested = DOOR.batch("AddOrderBatch", fields, read, calls(1), expires=True).build(TICKER, STAMP)
    assert form.body.endswith(b"&deadline=2026-11-20T08%3A00%3A05.123Z")
    assert b'"deadline":"2026-11-20T08:00:05.123Z"' in nested.body


def test_the_reader_is_given_the_result() -> None:
    for endpoint in (DOOR.public("Ticker", fields, read), DOOR.private("Balance", fields, read, calls(1))):
        assert endpoint.parse(TICKER, result({"a": "1"})) == ("XXBTZUSD", {"a": "1"})


def test_the_surface_of_a_call_decides_what_its_refusal_means() -> None:
    lost = errors("EOrder:Invalid order")
    kinds = []
    for surfaces in (("spot",), CANCEL):
        with pytest.raises(VenueError) as caught:
            DOOR.private("CancelOrder", fields, read, calls(1), surfaces=surfaces).parse(TICKER, lost)
        kinds.append(caught.value.kind)
    assert kinds == [Kind.INVALID_ORDER, Kind.ORDER_NOT_FOUND]
