from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from unified_kraken.sandbox_call import Fields, Refused

FIELDS = Fields(
    {
        "text": "abc",
        "price": "27500.10",
        "count": "7",
        "negative": "-3",
        "yes": True,
        "no": "false",
        "number": 42,
        "list": ["a"],
        "object": {"a": 1},
        "csv": "a, b,,c",
        "time": "2026-11-21T12:00:05.5Z",
        "null": None,
    }
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("text", "abc", id="a text"),
        pytest.param("yes", "true", id="a JSON boolean"),
        pytest.param("number", "42", id="a JSON number"),
        pytest.param("list", "", id="a list is no text"),
        pytest.param("object", "", id="an object is no text"),
        pytest.param("null", "", id="null is nothing"),
        pytest.param("missing", "", id="nothing"),
    ],
)
def test_a_parameter_as_text(name: str, text: str) -> None:
    assert FIELDS.text(name) == text


def test_what_can_be_read() -> None:
    assert FIELDS.required("text") == "abc"
    assert (FIELDS.number("price"), FIELDS.number("missing")) == (Decimal("27500.10"), None)
    assert (FIELDS.whole("count", 1, 1, 7), FIELDS.whole("negative", 1, -3, 3), FIELDS.whole("none", 5, 1, 7)) == (
        7,
        -3,
        5,
    )
    assert (FIELDS.flag("yes"), FIELDS.flag("no"), FIELDS.flag("missing")) == (True, False, False)
    assert (Fields({"yes": "True"}).flag("yes"), Fields({"no": "False"}).flag("no")) == (True, False)
    assert FIELDS.listed("csv") == ("a", "b", "c")
    assert (FIELDS.rows("list"), FIELDS.rows("missing")) == (["a"], [])
    assert (FIELDS.instant("time"), FIELDS.instant("missing")) == (1_795_262_405_500_000, None)


@pytest.mark.parametrize(
    ("read", "name"),
    [
        pytest.param(lambda: FIELDS.required("missing"), "missing", id="a required one that is missing"),
        pytest.param(lambda: FIELDS.number("text"), "text", id="a number that is none"),
        pytest.param(lambda: FIELDS.whole("count", 1, 1, 6), "count", id="an integer that is too large"),
        pytest.param(lambda: FIELDS.whole("price", 1, 1, 10**6), "price", id="an integer with a fraction"),
        pytest.param(lambda: FIELDS.flag("text"), "text", id="a flag that is none"),
        pytest.param(lambda: FIELDS.rows("text"), "text", id="a list that is none"),
        pytest.param(lambda: FIELDS.instant("text"), "text", id="a time that is none"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(read: Callable[[], object], name: str) -> None:
    with pytest.raises(Refused) as refusal:
        read()
    assert refusal.value.words == f"EGeneral:Invalid arguments:{name}"
