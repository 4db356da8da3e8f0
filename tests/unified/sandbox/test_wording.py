from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.sandbox.wording import amount, at_step, base32_of, fixed, microseconds, plain, rfc3339, uuid_of

TIME_US = 1_795_262_400_123_456


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(fixed(Decimal("60000.1"), 2), "60000.10", id="fixed places"),
        pytest.param(at_step(Decimal("60000.1"), Decimal("0.10")), "60000.1", id="the step's own places"),
        pytest.param(at_step(Decimal(5), Decimal(10)), "5", id="a step of ten has no places"),
        pytest.param(plain(Decimal("0E-9")), "0", id="zero without places"),
        pytest.param(plain(Decimal("-0.00")), "0", id="no negative zero"),
        pytest.param(plain(Decimal("1E+3")), "1000", id="no exponent"),
        pytest.param(plain(Decimal("0.500")), "0.5", id="no idle zeros"),
        pytest.param(rfc3339(TIME_US), "2026-11-21T12:00:00.123456Z", id="microseconds"),
        pytest.param(rfc3339(TIME_US, digits=3), "2026-11-21T12:00:00.123Z", id="milliseconds"),
        pytest.param(rfc3339(TIME_US, digits=0), "2026-11-21T12:00:00Z", id="seconds"),
    ],
)
def test_writing(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize("text", ["", "1e5", "NaN", "Infinity", "1,5", "0x1", "1" * 41, None, 5, " 1"])
def test_what_is_no_plain_number_is_none(text: object) -> None:
    assert amount(text) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12))
def test_numbers_survive_writing_and_reading(value: Decimal) -> None:
    assert amount(plain(value)) == value


@given(st.integers(0, 4_000_000_000_000_000))
def test_times_survive_writing_and_reading(time_us: int) -> None:
    assert microseconds(rfc3339(time_us)) == time_us


@pytest.mark.parametrize("text", ["yesterday", "2026-11-21T12:00:00", None])
def test_what_is_no_aware_time_is_none(text: object) -> None:
    assert microseconds(text) is None


def test_ids_are_well_formed_steady_and_apart() -> None:
    assert str(uuid.UUID(uuid_of(7))) == uuid_of(7)
    assert uuid.UUID(uuid_of(7)).version == 4
    assert len({uuid_of(number, kind) for number in range(100) for kind in ("order", "trade")}) == 200
    assert [len(part) for part in base32_of(7, (6, 5, 6)).split("-")] == [6, 5, 6]
    assert base32_of(7, (6,)) == base32_of(7, (6,)) != base32_of(8, (6,))
