from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.binance.venue import SPOT, STAMP
from tests.adapters.calls import response
from unified.adapter import Charge, Endpoint
from unified.errors import Kind, VenueError
from unified.http import Method
from unified.operations import FetchBook
from unified.secret import Credentials, Secret
from unified_binance.faults import FAULTS
from unified_binance_dialect.auth import Auth
from unified_binance_dialect.door import Door, done_if, either

DOOR = Door(
    name="spot",
    base="https://venue.test",
    auth=Auth(Credentials(key="a-dummy-key", secret=Secret("a-dummy-secret"))),
    faults=FAULTS,
    surfaces=("spot",),
    bucket="weight",
    toll=(Charge("calls"),),
)
BOOK = FetchBook(instrument=SPOT, depth=7)


def parameters(operation: FetchBook) -> dict[str, str]:
    return {"depth": str(operation.depth)}


def read(operation: FetchBook, answer: object) -> object:
    return operation.depth, answer


def signed(path: str = "/signed") -> Endpoint[Any, Any]:
    return DOOR.signed(Method.POST, path, parameters, read, 3)


def test_a_public_call_names_no_key() -> None:
    request = DOOR.public("/public", parameters, read, 1).build(BOOK, STAMP)
    assert (request.method, request.url) == (Method.GET, "https://venue.test/public?depth=7")
    assert dict(request.headers) == {"Accept": "application/json"}


def test_a_keyed_call_names_the_key_and_signs_nothing() -> None:
    endpoint = DOOR.keyed("/keyed", parameters, read, 1)
    request = endpoint.build(BOOK, STAMP)
    assert request.query == "depth=7"
    assert request.headers["X-MBX-APIKEY"] == "a-dummy-key"
    assert endpoint.signed


def test_a_signed_call_carries_all_in_its_query_and_nothing_in_a_body() -> None:
    endpoint = signed()
    request = endpoint.build(BOOK, STAMP)
    assert request.query.startswith("depth=7&recvWindow=3000&timestamp=1763680000000&signature=")
    assert (request.method, request.body, endpoint.signed) == (Method.POST, b"", True)
    assert request == endpoint.build(BOOK, STAMP)


@pytest.mark.parametrize(
    ("weight", "charges"),
    [
        pytest.param(5, (Charge("weight", 5), Charge("calls"), Charge("more")), id="a weight that never changes"),
        pytest.param(
            lambda operation: operation.depth,
            (Charge("weight", 7), Charge("calls"), Charge("more")),
            id="a weight by what is asked",
        ),
        pytest.param(0, (Charge("calls"), Charge("more")), id="no weight at all"),
    ],
)
def test_a_call_pays_its_weight_the_toll_of_the_door_and_what_is_its_own(weight: Any, charges: object) -> None:
    endpoint = DOOR.public("/public", parameters, read, weight, lambda _operation: (Charge("more"),))
    assert endpoint.charges(BOOK, 0) == charges


def test_the_reader_gets_the_operation_and_the_body_of_a_success() -> None:
    assert signed().parse(BOOK, response({"a": 1})) == (7, {"a": 1})
    with pytest.raises(VenueError) as raised:
        signed().parse(BOOK, response({"code": -1121, "msg": "Invalid symbol."}, 400))
    assert raised.value.kind is Kind.UNKNOWN_SYMBOL


@pytest.mark.parametrize(("depth", "path"), [(7, "/first"), (8, "/second")], ids=["the first", "the second"])
def test_what_the_operation_says_decides_between_two_addresses(depth: int, path: str) -> None:
    operation = FetchBook(instrument=SPOT, depth=depth)
    second = DOOR.signed(Method.POST, "/second", parameters, lambda _operation, _answer: "second", 4)
    both = either(signed("/first"), second, lambda asked: asked.depth > 7)
    assert both.build(operation, STAMP).path == path
    assert both.charges(operation, 0)[0].cost == (3 if path == "/first" else 4)
    assert (both.parse(operation, response({})) == "second") == (path == "/second")
    assert both.example == "POST /first or POST /second"


def test_a_refusal_may_mean_that_there_was_nothing_to_do() -> None:
    endpoint = done_if(Kind.ORDER_NOT_FOUND, signed())
    assert endpoint.parse(BOOK, response({"code": -2011, "msg": "Unknown order sent."}, 400)) is None
    with pytest.raises(VenueError) as raised:
        endpoint.parse(BOOK, response({"code": -1021, "msg": "Timestamp is outside of the recvWindow."}, 400))
    assert raised.value.kind is Kind.TIMESTAMP_OUT_OF_WINDOW
