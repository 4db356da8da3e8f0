"""What adapters say about orders over sockets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.toy import BTC, Toy
from tests.toy_entry import entry_line
from unified.adapter import AdapterSettings, Charge, Endpoint, Stamp, costs
from unified.entry import NO_ENTRY, Entry, entry_of, where
from unified.http import HttpRequest, HttpResponse, Method
from unified.operations import PlaceOrder
from unified.order import OrderType, Side
from unified.registry import adapter_class, installed

STAMP = Stamp(time_ms=1, window_ms=1, nonce=1, token="0" * 32)


def endpoint(base: str, cost: float) -> Endpoint[PlaceOrder, str]:
    return Endpoint(
        build=lambda _order, _stamp: HttpRequest(method=Method.POST, base=base, path="/"),
        parse=lambda _order, _response: base,
        charges=costs(Charge("calls", cost)),
        door="main",
        signed=True,
        example=base,
    )


def order(order_type: OrderType) -> PlaceOrder:
    return PlaceOrder(instrument=BTC, side=Side.BUY, order_type=order_type, quantity=Decimal(1), price=Decimal(1))


@pytest.mark.parametrize(
    ("order_type", "base"), [(OrderType.LIMIT, "wss://toy"), (OrderType.STOP_LIMIT, "https://toy")], ids=str
)
def test_what_the_socket_has_no_words_for_goes_over_http_in_every_respect(order_type: OrderType, base: str) -> None:
    how = where(lambda asked: not asked.order_type.is_stop, endpoint("wss://toy", 1), endpoint("https://toy", 2))
    asked = order(order_type)
    request = how.build(asked, STAMP)
    assert request.base == base
    assert request.over_socket == base.startswith("wss")
    assert how.parse(asked, HttpResponse(status=200)) == base
    assert how.charges(asked, 0) == (Charge("calls", 1 if request.over_socket else 2),)


def test_an_adapter_that_says_nothing_takes_nothing() -> None:
    assert entry_of(Toy(AdapterSettings())) is NO_ENTRY


def entries() -> Iterator[tuple[str, Entry, dict[str, str]]]:
    for name in installed():
        adapter = adapter_class(name)(AdapterSettings())
        entry = entry_of(adapter)
        if entry.lines:
            yield name, entry, {line: host.base for line, host in adapter.environment.streams.items()}


@pytest.mark.parametrize(("name", "entry", "bases"), [pytest.param(*found, id=found[0]) for found in entries()])
def test_every_line_has_a_place_of_its_own_and_every_endpoint_one_over_http(
    name: str, entry: Entry, bases: dict[str, str]
) -> None:
    places = [(bases[line.name], line.place) for line in entry.lines]
    assert len(set(places)) == len(places)
    assert entry.endpoints.keys() <= adapter_class(name)(AdapterSettings()).endpoints.keys()


def test_the_place_of_a_line_is_its_path() -> None:
    assert entry_line().place == "/v1"
