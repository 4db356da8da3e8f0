from __future__ import annotations

from tests.unified.testing.conformance.mutants import subject
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import FetchOrder, FetchServerTime
from unified.testing.conformance.matching import matched
from unified.testing.conformance.recordings import Recording

TIME = HttpResponse(status=200, body=b'{"time_us":1}')


def recording(
    operation: str = "", method: str = "GET", path: str = "/time", product: Product | None = None
) -> Recording:
    return Recording(file="a", operation=operation, product=product, method=method, path=path, response=TIME)


def test_a_name_wins_over_the_path() -> None:
    (found,) = matched(subject(), recording("get_order", path="/elsewhere"))
    assert isinstance(found.operation, FetchOrder)


def test_without_a_name_method_and_path_decide() -> None:
    (found,) = matched(subject(), recording())
    assert isinstance(found.operation, FetchServerTime)
    assert matched(subject(), recording(method="POST")) == []


def test_a_name_or_product_that_is_not_in_the_table_matches_nothing() -> None:
    assert matched(subject(), recording("positions")) == []
    assert matched(subject(), recording("server_time", product=Product.LINEAR)) == []
