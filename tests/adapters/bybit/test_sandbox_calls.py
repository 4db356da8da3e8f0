from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified_bybit.sandbox_calls import Fields, Paged, Refusal, page

BODY = Fields(
    {"text": "a", "number": "0.10", "whole": 3, "yes": True, "no": None, "empty": "", "list": [{"a": "1"}]}, typed=True
)


def test_a_body_is_read_by_its_types() -> None:
    assert (BODY.text("text"), BODY.number("number"), BODY.whole("whole"), BODY.flag("yes")) == (
        "a",
        Decimal("0.10"),
        3,
        True,
    )
    assert (BODY.get("none", "b"), BODY.number("none"), BODY.whole("none"), BODY.flag("none")) == (
        "b",
        None,
        None,
        False,
    )
    assert ("no" in BODY, "empty" in BODY, "text" in BODY) == (False, False, True)
    assert BODY.items("list")[0].text("a") == "1"


@pytest.mark.parametrize(
    ("method", "name"),
    [
        pytest.param("text", "none", id="a text that is missing"),
        pytest.param("text", "empty", id="a text that is empty"),
        pytest.param("text", "whole", id="a number for a text"),
        pytest.param("number", "whole", id="a JSON number for a decimal text"),
        pytest.param("number", "text", id="a decimal that is none"),
        pytest.param("whole", "number", id="a text for an integer"),
        pytest.param("whole", "yes", id="a boolean for an integer"),
        pytest.param("flag", "whole", id="an integer for a boolean"),
        pytest.param("items", "text", id="a text for a list"),
        pytest.param("items", "none", id="no list"),
    ],
)
def test_wrong_types_are_refused(method: str, name: str) -> None:
    with pytest.raises(Refusal) as caught:
        getattr(BODY, method)(name)
    assert (caught.value.code, name in caught.value.message) == (10001, True)


def test_a_query_has_only_texts() -> None:
    query = Fields({"limit": "50", "openOnly": "-1", "end": "1e3"}, typed=False)
    assert (query.limit(20, 50), query.whole("openOnly")) == (50, -1)
    with pytest.raises(Refusal):
        query.whole("end")


@pytest.mark.parametrize("size", ["0", "51", "-1"])
def test_a_page_beyond_the_bounds_is_refused(size: str) -> None:
    with pytest.raises(Refusal):
        Fields({"limit": size}, typed=False).limit(20, 50)


def test_words_have_meanings() -> None:
    assert Fields({"side": "Buy"}, typed=True).word("side", {"Buy": 1}) == 1
    assert Fields({}, typed=True).word("side", {"Sell": 2}, "Sell") == 2
    with pytest.raises(Refusal):
        Fields({"side": "buy"}, typed=True).word("side", {"Buy": 1})


@given(st.integers(0, 60), st.integers(1, 20))
def test_pages_follow_each_other_without_a_gap(count: int, size: int) -> None:
    rows = [Paged(number, str(number)) for number in range(count, 0, -1)]
    seen: list[str] = []
    cursor = ""
    while True:
        # What the venue sends is percent-encoded already and goes into the query as it is.
        fields = dict(parse_qsl(f"limit={size}&cursor={cursor}"))
        shown, cursor = page(rows, Fields(fields, typed=False), default=20, most=20)
        seen += shown
        assert len(shown) <= size
        if not cursor:
            break
        assert "=" not in cursor
    assert seen == [row.row for row in rows]


@pytest.mark.parametrize("cursor", ["page_token%253D3%2526", "page_token=3&", "3", "page_token%3D-3%26"])
def test_a_cursor_that_was_encoded_again_or_decoded_is_refused(cursor: str) -> None:
    fields = Fields(dict(parse_qsl(f"cursor={cursor}")), typed=False)
    with pytest.raises(Refusal):
        page([Paged(1, "")], fields, default=20, most=50)
