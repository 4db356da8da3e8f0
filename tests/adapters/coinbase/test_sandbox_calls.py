from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from unified_coinbase.sandbox_calls import ApiError, Body, Query, invalid, not_found, unparsed

QUERY = Query(
    [
        ("order_ids", "a"),
        ("order_ids", "b"),
        ("limit", "20"),
        ("cursor", ""),
        ("start_date", "2026-11-21T12:00:00Z"),
        ("order_side", "BUY"),
        ("get_all_products", "true"),
        ("bad", "-1x"),
    ]
)


def test_a_repeated_name_is_a_list() -> None:
    assert QUERY.all("order_ids") == ["a", "b"]
    assert (QUERY.text("order_ids"), QUERY.all("cursor"), QUERY.text("cursor")) == ("b", [], "")


def test_values_of_a_query() -> None:
    assert (QUERY.whole("limit"), QUERY.whole("cursor"), QUERY.need("limit")) == (20, None, "20")
    assert (QUERY.moment_us("start_date"), QUERY.moment_us("end_date")) == (1_795_262_400_000_000, None)
    assert (QUERY.flag("get_all_products"), QUERY.flag("other")) == (True, False)
    assert QUERY.word("order_side", ("BUY", "SELL")) == "BUY"
    assert QUERY.word("product_type", ("SPOT",), "SPOT") == "SPOT"


@pytest.mark.parametrize(
    ("read", "error"),
    [
        pytest.param(lambda: QUERY.need("cursor"), "INVALID_ARGUMENT", id="missing"),
        pytest.param(lambda: QUERY.whole("bad"), "unknown", id="no whole number"),
        pytest.param(lambda: QUERY.moment_us("bad"), "unknown", id="no time"),
        pytest.param(lambda: QUERY.flag("bad"), "unknown", id="no boolean"),
        pytest.param(lambda: QUERY.words("order_ids", ("a",)), "unknown", id="not of the enumeration"),
    ],
)
def test_a_query_that_cannot_be_read(read: Callable[[], object], error: str) -> None:
    with pytest.raises(ApiError) as caught:
        read()
    assert (caught.value.status, caught.value.error) == (400, error)


def test_values_of_a_body() -> None:
    body = Body({"size": "0.5", "count": 3, "on": True, "part": {"a": "b"}, "ids": ["x", "y"], "mixed": ["x", 1]})
    assert (body.text("size"), body.text("count"), body.text("on"), body.text("none")) == ("0.5", "3", "", "")
    assert (body.number("size"), body.number("none")) == (Decimal("0.5"), None)
    assert (body.flag("on"), body.flag("size")) == (True, False)
    assert (body.texts("ids"), body.texts("mixed"), body.texts("size")) == (["x", "y"], None, None)
    part = body.part("part")
    assert part is not None
    assert (part.text("a"), body.part("size")) == ("b", None)


@pytest.mark.parametrize(
    ("error", "status", "content"),
    [
        pytest.param(
            unparsed("product_type", "OPTIONS"),
            400,
            {"error": "unknown", "error_details": 'parsing field "product_type": "OPTIONS" is not a valid value'},
            id="a value that is none",
        ),
        pytest.param(
            not_found("valid product_id is required"),
            404,
            {"error": "NOT_FOUND", "error_details": "valid product_id is required"},
            id="nothing there",
        ),
        pytest.param(
            invalid("limit is required"),
            400,
            {"error": "INVALID_ARGUMENT", "error_details": "limit is required"},
            id="a parameter that is missing",
        ),
    ],
)
def test_errors_as_answers(error: ApiError, status: int, content: dict[str, str]) -> None:
    answer = error.answer()
    assert answer.status == status
    assert json.loads(answer.body) == {**content, "message": content["error_details"]}
