from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.errors import Kind, VenueError
from unified_kraken.seconds import at_seconds, at_seconds_or_none, to_seconds, whole_after, whole_before

MOMENT = datetime(2023, 7, 6, 18, 53, 17, 827736, tzinfo=UTC)
AWARE = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Decimal("1688669597.827736"), id="a number with a fraction"),
        pytest.param(Decimal("1688669597.8277369"), id="digits beyond the microsecond"),
        pytest.param("1688669597.827736", id="a text"),
    ],
)
def test_seconds_are_read_to_the_microsecond(value: object) -> None:
    assert to_seconds(value, "time") == MOMENT


@pytest.mark.parametrize("value", [pytest.param(1.5, id="a float"), pytest.param("1e30", id="a year beyond all years")])
def test_what_is_no_moment_is_malformed(value: object) -> None:
    with pytest.raises(VenueError) as caught:
        to_seconds(value, "time")
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


@pytest.mark.parametrize("row", [pytest.param({}, id="missing"), pytest.param({"t": 0}, id="zero")])
def test_no_moment(row: dict[str, object]) -> None:
    assert at_seconds_or_none(row, "t") is None
    with pytest.raises(VenueError):
        at_seconds(row, "t")


@given(AWARE)
def test_whole_seconds_enclose_the_moment(when: datetime) -> None:
    before, after = (to_seconds(second(when), "t") for second in (whole_before, whole_after))
    assert before <= when <= after
    assert after - before <= timedelta(seconds=1)
