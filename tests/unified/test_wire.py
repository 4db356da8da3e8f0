"""Bytes to values: any JSON value gives a value or a malformed_response, and no digit is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unified import wire
from unified.errors import Kind, Outcome, TransportError
from unified.http import HttpResponse

TEXTS = st.text(st.characters(codec="utf-8"))
NUMBERS_AS_TEXT = st.sampled_from(
    [
        "--1",
        "-",
        "+1",
        "1e999",
        "1E-999",
        "0e999999",
        "NaN",
        "-Infinity",
        "sNaN123",
        "1_0",
        " 1",
        "\u0665",
        "\u00b2",
        "1" * 50,
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals(allow_nan=False) | TEXTS | NUMBERS_AS_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


class Colour(StrEnum):
    RED = "red"


MEMBERS: list[Callable[[Any, str], Any]] = [
    wire.item,
    wire.optional,
    wire.child,
    wire.children,
    wire.text,
    wire.text_or_none,
    wire.integer,
    wire.flag,
    wire.decimal,
    wire.decimal_or_none,
    wire.positive_or_none,
    wire.at_ms,
    wire.ms_as_us,
    wire.at_ms_or_none,
]
VALUES: list[Callable[[Any, str], Any]] = [
    wire.obj,
    wire.rows,
    wire.to_decimal,
    wire.to_integer,
    wire.to_moment,
    lambda value, where: wire.choice({"RED": Colour.RED}, value, where),
]
WORD = st.characters(min_codepoint=97, max_codepoint=122)


def answer(body: bytes) -> HttpResponse:
    return HttpResponse(status=200, body=body)


def malformed_by(call: Callable[[], object]) -> str | None:
    """What `call` finds malformed; None where it gives a value. Anything else that is raised fails the test."""
    try:
        call()
    except TransportError as error:
        return f"{error.kind}: {error.message}"
    return None


class TestAnyValue:
    @given(JSON)
    def test_a_value_is_read_or_malformed_at_a_named_place(self, value: Any) -> None:
        for read in VALUES:
            problem = malformed_by(lambda read=read: read(value, "place"))  # type: ignore[misc]  # bound for the loop
            assert problem is None or problem.startswith("malformed_response: place: ")

    @given(JSON)
    def test_a_member_is_read_or_malformed_at_its_key(self, value: Any) -> None:
        for read in MEMBERS:
            for container in ({"key": value}, {}, value):
                problem = malformed_by(lambda r=read, c=container: r(c, "key"))  # type: ignore[misc]  # bound for the loop
                assert problem is None or problem.startswith("malformed_response: key: ")

    @given(st.binary() | JSON.map(lambda value: json.dumps(value, default=str).encode()))
    @example(b"[" * 100_000)
    @example(b"1" * 5_000)
    @example(b'{"a":1e999999999999999999999}')
    @example(b'"\\ud800"')
    def test_any_body_is_json_or_malformed(self, body: bytes) -> None:
        for read in (wire.json_of, wire.exact_json):
            problem = malformed_by(partial(read, answer(body)))
            assert problem is None or problem.startswith("malformed_response: ")

    def test_an_unreadable_answer_to_a_request_leaves_its_outcome_unknown(self) -> None:
        with pytest.raises(TransportError) as info:
            wire.json_of(answer(b"<html>"))
        assert info.value.kind is Kind.MALFORMED_RESPONSE
        assert info.value.outcome is Outcome.UNKNOWN

    @given(st.text(WORD, min_size=9))
    def test_an_error_does_not_repeat_the_body(self, content: str) -> None:
        problem = malformed_by(lambda: wire.exact_json(answer(f'{{"token":"{content}"'.encode())))
        assert problem is not None
        assert content not in problem


class TestLongBody:
    """What is read object by object is what is read at once."""

    @given(JSON.map(lambda value: json.dumps(value, default=str).encode()) | st.binary(max_size=30))
    @example(b'{"a":"\\ud800"}')
    @example(b"[NaN]")
    @example(b'[1.5,"1.5",-1e3]')
    def test_it_is_read_alike(self, body: bytes) -> None:
        def read(body: bytes) -> tuple[str | None, Any]:
            found: list[Any] = []
            problem = malformed_by(lambda: found.append(wire.json_of(answer(body))))
            return problem and problem.partition(" (")[0], found

        if any(len(digits) > 15 for digits in re.findall(rb"[0-9]+", body)):
            return  # integers beyond 64 bits are exact in the one, floats in the other
        assert read(body + b" " * wire.LONG_BODY) == read(body) or body.lstrip() == b""

    def test_what_was_used_is_let_go(self) -> None:
        rows = [{"a": 1}, {"a": 2}]
        used = wire.used_up(rows, "rows[]")
        assert next(used) == {"a": 1}
        assert rows == [{"a": 2}]
        assert list(used) == [{"a": 2}]
        with pytest.raises(TransportError, match="rows"):
            next(wire.used_up([1], "rows[]"))


class TestBody:
    @pytest.mark.parametrize(
        ("body", "what"),
        [
            pytest.param(b"", "empty body, HTTP 200", id="an empty body"),
            pytest.param(b" \n", "empty body, HTTP 200", id="white space alone"),
            pytest.param(b"<!DOCTYPE html><p>", "the body is an HTML page (18 bytes), HTTP 200", id="a page of HTML"),
            pytest.param(b'{"a":1', "the body is no valid JSON (6 bytes), HTTP 200", id="a body that was cut"),
            pytest.param(b"\xff", "the body is no valid JSON (1 bytes), HTTP 200", id="bytes that are no text"),
        ],
    )
    def test_what_is_no_json_is_named(self, body: bytes, what: str) -> None:
        for read in (wire.json_of, wire.exact_json):
            with pytest.raises(TransportError) as info:
                read(answer(body))
            assert info.value.message == what
            assert info.value.fault.http_status == 200

    @given(st.decimals(-(10**30), 10**30, allow_nan=False).filter(lambda number: number.adjusted() > -30))
    def test_exact_json_keeps_every_digit_of_a_number(self, number: Decimal) -> None:
        found = wire.exact_json(answer(f'{{"price":{number:f}}}'.encode()))
        assert wire.decimal(found, "price") == number
        assert str(wire.decimal(found, "price")) == str(Decimal(f"{number:f}"))

    def test_a_float_is_never_taken_for_money(self) -> None:
        found = wire.json_of(answer(b'{"price":0.1}'))
        assert malformed_by(lambda: wire.decimal(found, "price")) == (
            "malformed_response: price: expected a number as text, found float"
        )

    def test_an_integer_too_long_for_64_bits_is_not_rounded_unseen(self) -> None:
        found = wire.json_of(answer(b'{"id":123456789012345678901234567890}'))
        assert malformed_by(lambda: wire.integer(found, "id")) is not None
        assert wire.integer(wire.exact_json(answer(b'{"id":18446744073709551615}')), "id") == 2**64 - 1

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b'{"a":"\\ud800"}', id="an escape"),
            pytest.param(b'{"a":"\xed\xa0\x80"}', id="bytes"),
            pytest.param('{"a":1}'.encode("utf-16"), id="another encoding"),
            pytest.param(b'{"a":0.' + b"1" * 200 + b"}", id="more digits than money has"),
        ],
    )
    def test_text_that_could_not_be_logged_or_kept_is_malformed(self, body: bytes) -> None:
        for read in (wire.json_of, wire.exact_json):
            if b"0.1" not in body or read is wire.exact_json:
                assert malformed_by(partial(read, answer(body))) is not None

    def test_both_halves_of_a_character_are_one(self) -> None:
        assert wire.exact_json(answer(b'{"a":"\\ud83d\\ude00"}')) == {"a": "\U0001f600"}


class TestNumbers:
    @given(st.decimals(-(10**30), 10**30, allow_nan=False).filter(lambda number: number.adjusted() > -30))
    def test_a_number_written_as_text_keeps_its_digits_there_and_back(self, number: Decimal) -> None:
        assert str(wire.to_decimal(str(number), "price")) == str(number)
        assert wire.to_decimal(wire.plain(number), "price") == number

    @given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 40))
    def test_a_number_for_a_venue_is_plain_digits(self, number: Decimal) -> None:
        assert set(wire.plain(number)) <= set("-.0123456789")

    @pytest.mark.parametrize(
        "text",
        ["NaN", "Infinity", "-Infinity", "1e41", "1e-41", "0e999999", "", "one", "0x10"],
        ids=lambda text: f"{text!r} is no usable number",
    )
    def test_what_is_no_finite_number_of_this_world_is_malformed(self, text: str) -> None:
        problem = malformed_by(lambda: wire.to_decimal(text, "price"))
        assert problem is not None
        assert problem.startswith("malformed_response: price: ")

    @given(st.integers(-(10**38), 10**38))
    def test_a_whole_number_comes_as_number_or_as_text(self, number: int) -> None:
        assert wire.to_integer(number, "id") == wire.to_integer(str(number), "id") == number

    @pytest.mark.parametrize(
        "value",
        ["--5", "-", "5.0", "", "1e3", True, 5.0, None, 10**41, "1" * 41],
        ids=lambda value: f"{str(value)[:9]!r} is no whole number",
    )
    def test_what_is_no_whole_number_is_malformed(self, value: Any) -> None:
        assert malformed_by(lambda: wire.to_integer(value, "id")) is not None

    @pytest.mark.parametrize(
        ("member", "read", "value"),
        [
            pytest.param(None, wire.decimal_or_none, None, id="null is no number"),
            pytest.param("", wire.decimal_or_none, None, id="empty text is no number"),
            pytest.param("0", wire.decimal_or_none, Decimal(0), id="zero is a number"),
            pytest.param("0.00", wire.positive_or_none, None, id="zero stands for none where a positive one is wanted"),
            pytest.param("-1", wire.positive_or_none, None, id="so does a negative"),
            pytest.param("0.5", wire.positive_or_none, Decimal("0.5"), id="a positive number is itself"),
            pytest.param(0, wire.at_ms_or_none, None, id="a time of zero is none"),
            pytest.param("1000", wire.at_ms_or_none, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), id="a time as text"),
            pytest.param("", wire.text_or_none, None, id="empty text is none"),
            pytest.param(7, wire.text_or_none, "7", id="an id as number is its digits"),
            pytest.param("true", wire.flag, True, id="a truth value as text"),
            pytest.param(False, wire.flag, False, id="a truth value"),
        ],
    )
    def test_members_say_nothing_in_several_ways(
        self, member: Any, read: Callable[[Any, str], Any], value: object
    ) -> None:
        assert read({"key": member}, "key") == value

    @pytest.mark.parametrize("container", [{}, {"key": None}], ids=["missing", "null"])
    def test_a_truth_value_may_have_a_default(self, container: dict[str, Any]) -> None:
        assert wire.flag(container, "key", default=True) is True
        assert malformed_by(lambda: wire.flag(container, "key")) is not None

    def test_a_word_of_no_table_is_malformed(self) -> None:
        assert wire.choice({"RED": Colour.RED}, "RED", "colour") is Colour.RED
        assert malformed_by(lambda: wire.choice({"RED": Colour.RED}, "BLUE", "colour")) == (
            "malformed_response: colour: unknown word 'BLUE'"
        )


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=80_000)).map(EPOCH.__add__)


class TestTime:
    @given(MOMENTS, st.integers(0, 9), st.sampled_from(["Z", "z", "+00:00", "-05:30"]))
    def test_rfc_3339_is_read_with_up_to_nine_digits(self, when: datetime, digits: int, zone: str) -> None:
        fraction = f"{when.microsecond:06d}789"[:digits]
        kept = int(fraction[:6].ljust(6, "0"))
        text = f"{when:%Y-%m-%dT%H:%M:%S}{'.' + fraction if digits else ''}{zone}"
        offset = timedelta(hours=5, minutes=30) if zone == "-05:30" else timedelta()
        assert wire.to_moment(text, "time") == when.replace(microsecond=kept) + offset
        assert wire.to_moment(text, "time").tzinfo is UTC

    @pytest.mark.parametrize(
        "value",
        [
            "2026-11-21T10:00:00",
            "2026-11-21",
            "10:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-21T10:00:00.1x2Z",
            "",
            5,
            None,
        ],
        ids=lambda value: f"{value!r} is no moment",
    )
    def test_a_time_without_a_zone_or_a_sense_is_malformed(self, value: Any) -> None:
        assert malformed_by(lambda: wire.to_moment(value, "time")) is not None

    @given(MOMENTS)
    def test_moments_and_microseconds_are_the_same_thing(self, when: datetime) -> None:
        assert wire.moment(wire.microseconds(when), "time") == when
        assert wire.milliseconds(when) == wire.microseconds(when) // 1000

    @given(MOMENTS)
    def test_milliseconds_come_as_number_or_as_text(self, when: datetime) -> None:
        time_ms = wire.milliseconds(when)
        cut = when.replace(microsecond=when.microsecond // 1000 * 1000)
        assert wire.at_ms({"t": time_ms}, "t") == wire.at_ms({"t": str(time_ms)}, "t") == cut

    def test_a_moment_beyond_the_calendar_is_malformed(self) -> None:
        assert malformed_by(lambda: wire.at_ms({"t": 10**18}, "t")) is not None


class TestQuery:
    @given(st.dictionaries(TEXTS, TEXTS, max_size=5))
    def test_it_is_what_the_standard_library_makes(self, parameters: dict[str, str]) -> None:
        assert wire.query(parameters) == urlencode(parameters, quote_via=quote, safe="")

    def test_what_needs_no_escape_stays_as_it_is(self) -> None:
        assert wire.query({"symbol": "BTCUSDT", "price": "50000.00", "id": "a-b_c~d"}) == (
            "symbol=BTCUSDT&price=50000.00&id=a-b_c~d"
        )


@given(st.integers(-(10**15), 10**16))
def test_a_moment_keeps_its_microsecond(microseconds: int) -> None:
    assert wire.moment(microseconds, "t") == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def test_frames_tell_when_they_were_sent_or_not() -> None:
    when = datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert wire.sent_ms(1_800_000_000_000) == wire.sent_ms("1800000000000") == when
    assert wire.sent_text("2027-01-15T08:00:00Z") == when
    assert wire.sent_ms(None) is wire.sent_text(None) is None
    for read in (wire.sent_ms, wire.sent_text):
        assert malformed_by(lambda read=read: read("soon")) is not None  # type: ignore[misc] # bound at once


def test_moments_are_rounded_up_to_whole_milliseconds() -> None:
    when = datetime(2026, 11, 20, 8, tzinfo=UTC)
    exact_ms = int(when.timestamp()) * 1000
    assert wire.ceil_milliseconds(when) == exact_ms
    assert wire.ceil_milliseconds(when + timedelta(microseconds=1)) == exact_ms + 1


@pytest.mark.parametrize(
    ("text", "fits"),
    [("1700000000000", True), ("1" * 15, True), ("", False), ("1" * 16, False), ("-1", False), ("\u0661", False)],
)
def test_only_plain_digits_are_digits(text: str, fits: bool) -> None:
    assert wire.is_digits(text, 15) is fits
