from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from unified.instrument import Product
from unified_okx.sandbox_calls import Fields, NothingHereError, ms
from unified_okx.sandbox_sayings import Refusal


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("1.5", "1.5", id="a text"),
        pytest.param(True, "true", id="a JSON boolean"),
        pytest.param(False, "false", id="another"),
        pytest.param(7, "7", id="a JSON number"),
        pytest.param(None, "", id="null"),
        pytest.param(["x"], "", id="a list"),
    ],
)
def test_a_value_as_text(value: Any, text: str) -> None:
    assert Fields({"a": value}).text("a") == text
    assert Fields({}).text("a") == ""


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        pytest.param("need", "", "50014", id="a needed value is missing"),
        pytest.param("number", "1e5", "51000", id="an exponent"),
        pytest.param("number", "abc", "51000", id="no number"),
        pytest.param("number", "1" * 41, "51000", id="a number without end"),
        pytest.param("whole", "-1", "51000", id="a negative id"),
        pytest.param("whole", "1.5", "51000", id="half an id"),
        pytest.param("whole", "\u0661", "51000", id="digits of another script"),
        pytest.param("whole", "9" * 20, "51000", id="more digits than an id has"),
        pytest.param("flag", "maybe", "51000", id="neither true nor false"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, text: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        getattr(Fields({"a": text}), name)("a")
    assert caught.value.code == code
    assert " a " in caught.value.message


def test_values_are_read() -> None:
    fields = Fields({"a": "2.50", "b": "17", "c": "TRUE", "d": "", "list": [1], "empty": []})
    assert fields.number("a") == Decimal("2.50")
    assert (fields.whole("b"), fields.flag("c"), fields.flag("d")) == (17, True, False)
    assert (fields.number("d"), fields.whole("d")) == (None, None)
    assert (fields.has_items("list"), fields.has_items("empty"), fields.has_items("none")) == (True, False, False)


@pytest.mark.parametrize("sent", ["0", "101"])
def test_a_page_has_its_bounds(sent: str) -> None:
    with pytest.raises(Refusal, match="limit"):
        Fields({"limit": sent}).limit(100, 100)
    assert Fields({"limit": "7"}).limit(100, 100) == 7
    assert Fields({}).limit(20, 100) == 20


def test_words_of_the_venue() -> None:
    meanings = {"x": 1}
    assert Fields({"a": "x"}).word("a", meanings) == 1
    assert Fields({}).word("a", meanings, "x") == 1
    for sent, code in (({"a": "y"}, "51000"), ({}, "50014")):
        with pytest.raises(Refusal) as caught:
            Fields(sent).word("a", meanings)
        assert caught.value.code == code


def test_types_of_instruments() -> None:
    assert Fields({"instType": "SWAP"}).product(required=True) is Product.LINEAR
    assert Fields({}).product(required=False) is None
    with pytest.raises(NothingHereError):
        Fields({"instType": "OPTION"}).product(required=True)
    for sent, code in (({"instType": "spot"}, "51000"), ({}, "50014")):
        with pytest.raises(Refusal) as caught:
            Fields(sent).product(required=True)
        assert caught.value.code == code


def test_times_are_milliseconds() -> None:
    assert ms(1_795_262_400_123_999) == "1795262400123"
