from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.exact import LONGEST, number, numbers


@pytest.mark.parametrize("text", ["0", "-1", "+1", "1.50", "1.", ".5", "1e-8", "1E+8", "0.00000001", "9" * 40])
def test_numbers_as_venues_write_them(text: str) -> None:
    assert str(number(text)) == str(Decimal(text))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param(" 1", id="a blank in front"),
        pytest.param("1\n", id="a line break behind"),
        pytest.param("1_000", id="an underscore, which Decimal would skip"),
        pytest.param("1,5", id="a comma"),
        pytest.param("\u0661\u0662", id="digits of another script, which Decimal would read"),
        pytest.param("\uff11", id="a wide digit"),
        pytest.param("NaN", id="not a number"),
        pytest.param("-Infinity", id="infinite"),
        pytest.param("0x10", id="hexadecimal"),
        pytest.param("1e9999999999", id="an exponent that no Decimal holds"),
        pytest.param("1e41", id="too large"),
        pytest.param("1e-41", id="too small"),
        pytest.param("0." + "1" * (LONGEST + 1), id="more digits than money has"),
        pytest.param(10**40, id="an integer that is too large"),
        pytest.param(Decimal("NaN"), id="a Decimal that is no number"),
        pytest.param(1.5, id="a float, whose last digits are its own"),
        pytest.param(True, id="a truth value"),
        pytest.param(None, id="none"),
        pytest.param(["1"], id="a list"),
    ],
)
def test_what_is_no_usable_number(value: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        number(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=8))
def test_no_digit_is_lost(value: Decimal) -> None:
    assert number(f"{value:f}") == value
    assert f"{number(f'{value:f}'):f}" == f"{value:f}"


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        made = number(text)
    except ValueError:
        return
    assert made.is_finite()


WRITTEN = st.sampled_from(
    ["1", "0.50", "-2e-8", "+.5", "", "1_0", " 1", "NaN", "sNaN", "-inf", "\u0661", "1e99", "1.2.3", "0e60"]
)


@given(st.lists(st.one_of(WRITTEN, st.text(max_size=8), st.none(), st.floats(), st.integers(-9, 9)), max_size=4))
def test_many_are_read_as_each_alone(values: list[object]) -> None:
    def read(all_of: Callable[[], list[Decimal]]) -> list[str] | None:
        try:
            return [str(made) for made in all_of()]
        except ValueError:
            return None

    assert read(lambda: numbers(values)) == read(lambda: [number(value) for value in values])
