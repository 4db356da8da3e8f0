from __future__ import annotations

from tests.unified.testing.conformance.mutants import endpoint_of
from unified.adapter import AdapterSettings, Endpoint
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import FetchServerTime
from unified.testing.conformance.subject import STAMP
from unified.testing.conformance.watch import Watch
from unified_paper import Paper


def test_what_is_asked_and_answered_is_kept_and_nothing_is_changed() -> None:
    watch = Watch()
    watched = watch.of(Paper)
    assert (watched.venue, watched.products) == (Paper.venue, Paper.products)
    adapter = watched(AdapterSettings())
    how, operation = adapter.endpoints[FetchServerTime, Product.SPOT], FetchServerTime()
    assert isinstance(how, Endpoint)
    request = how.build(operation, STAMP)
    answer = HttpResponse(status=200, body=b'{"time_us":1}')
    assert request == endpoint_of(FetchServerTime).build(operation, STAMP)
    assert how.parse(operation, answer).time_us == 1
    (exchange,) = watch.exchanges
    assert (exchange.operation, exchange.request, exchange.response) == (operation, request, answer)
