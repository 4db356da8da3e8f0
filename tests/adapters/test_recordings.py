"""Every recorded answer of a supported call: read to the last digit, and nothing in it dropped unseen.

What an adapter does not read stands in `<venue>/unused_fields.toml`. A field that a new recording brings is in neither
place and fails here; so does one that is listed and read.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from tests.adapters.recordings import (
    Answer,
    Recording,
    answers,
    fields_of,
    numbers_in,
    numbers_written,
    readers,
    recordings,
)
from tests.adapters.tried import tried
from tests.shared import require_shared, shared_path
from unified.account import Fee
from unified.adapter import Endpoint
from unified.http import HttpResponse
from unified.instrument import Product
from unified.operations import FetchServerTime, Operation
from unified.registry import installed
from unified.wire import json_of, obj, text

HERE = Path(__file__).parent


@frozen
class Venue:
    """What is known of the answers of a venue."""

    files: int
    """How many recordings are read at least."""
    computed: Mapping[str, str] = field(factory=dict)
    """Numbers that no answer holds, by the field that shows them, and where they come from."""


VENUES = {
    "binance": Venue(
        80,
        computed={
            "locked": "the wallet without what is available",
            "average_price": "what was paid by what was filled",
            "maker": "the sum of all commissions",
            "taker": "the sum of all commissions",
            "quote_step": "from a number of digits",
        },
    ),
    "bybit": Venue(42),
    "okx": Venue(51),
    "coinbase": Venue(13),
    "kraken": Venue(
        18,
        computed={
            "free": "the balance without what is held",
            "maker": "a share, from per cent",
            "taker": "a share, from per cent",
            "lot_size": "from a number of digits",
            "quote_step": "from a number of digits",
        },
    ),
}


@frozen
class Read:
    """A recording and what was made of it."""

    recording: Recording
    operations: list[Operation[Any]]
    answers: list[Answer]


@cache
def read_of(venue: str) -> tuple[Read, ...]:
    """The recordings of calls that the adapter makes and reads."""
    found, adapter = list[Read](), tried(venue).adapter
    for recording in recordings(venue):
        operations = readers(adapter, tried(venue).examples, recording)
        if made := answers(adapter, operations, recording):
            found.append(Read(recording, operations, made))
    return tuple(found)


@pytest.mark.parametrize("venue", VENUES)
def test_as_many_recorded_answers_are_read_as_there_are(venue: str) -> None:
    assert len({(one.recording.name, one.recording.product) for one in read_of(venue)}) >= VENUES[venue].files


def left_out(names: Iterable[str]) -> list[str]:
    """Adapters whose answers are recorded, and not read here."""
    return [name for name in names if name not in VENUES and shared_path("corpus", name) is not None]


def test_every_installed_adapter_with_recordings_is_read() -> None:
    require_shared("corpus")
    assert set(VENUES) <= set(installed())
    assert left_out(installed()) == []


def test_control_an_adapter_whose_recordings_nobody_reads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    require_shared("corpus", "okx")
    monkeypatch.delitem(VENUES, "okx")
    assert left_out(("okx", "a-venue-without-recordings")) == ["okx"]


# --- to the last digit


def strange(read: Read, computed: Mapping[str, str]) -> set[tuple[str, Decimal]]:
    """Numbers that an answer shows and that stand neither in its text nor in what was asked."""
    written = set(numbers_written(json.loads(read.recording.text, parse_float=Decimal)))
    left_out = frozenset({"contract_size", "quantity_unit", *computed})
    found = set()
    for operation, value in read.answers:
        instrument = getattr(operation, "instrument", None)
        size = Decimal(1) if instrument is None else instrument.contract_size
        known = {abs(number) for number in written | _asked(operation)} | {number * size for number in written}
        found |= {(name, number) for name, number in numbers_in(value, left_out) if number and abs(number) not in known}
    return found


def _asked(operation: Operation[Any]) -> set[Decimal]:
    """The terms of an order, or of a batch's orders: acknowledgements repeat what was asked."""
    return {number for part in (operation, *getattr(operation, "orders", ())) for _, number in numbers_in(part, NONE)}


NONE = frozenset[str]()


@pytest.mark.parametrize("venue", VENUES)
def test_every_number_is_the_text_to_the_last_digit(venue: str) -> None:
    found = {one.recording.name: odd for one in read_of(venue) if (odd := strange(one, VENUES[venue].computed))}
    assert found == {}


def test_control_a_number_that_lost_a_digit_is_found() -> None:
    recording = Recording("made here", "GET /", Product.SPOT, '{"price": "1.23456789"}')
    operation = FetchServerTime()
    for shown, odd in (("1.23456789", set()), ("1.2345679", {("maker", Decimal("1.2345679"))})):
        fee = Fee(instrument=None, product=Product.SPOT, maker=Decimal(shown), taker=Decimal(0))
        assert strange(Read(recording, [operation], [(operation, fee)]), {}) == odd


# --- nothing dropped unseen


def listed(venue: str) -> dict[str, set[str]]:
    """The fields that an adapter is known not to read, by call."""
    known = tomllib.loads((HERE / venue / "unused_fields.toml").read_text(encoding="utf-8"))
    return {
        call: {_joined(place, name) for place, names in places.items() for name in names}
        for call, places in known.items()
    }


def _joined(place: str, name: str) -> str:
    return f"{place}{name}" if name.startswith("[") else f"{place}.{name}".lstrip(".")


def unread_of(venue: str) -> dict[str, set[str]]:
    """The fields that no recording of a call shows to be read."""
    read, unread = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for one in read_of(venue):
        known, unknown = fields_of(tried(venue).adapter, one.operations, one.recording)
        read[one.recording.line] |= known
        unread[one.recording.line] |= unknown
    return {line: found for line in unread if (found := unread[line] - read[line])}


def beyond(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """What one knows and the other does not."""
    return {line: sorted(more) for line, fields in one.items() if (more := fields - other.get(line, set()))}


@pytest.mark.parametrize("venue", VENUES)
def test_what_an_adapter_does_not_read_is_on_its_list(venue: str) -> None:
    known, found = listed(venue), unread_of(venue)
    assert beyond(found, known) == {}, "recorded, but neither read nor listed: use it, or list it in unused_fields.toml"
    assert beyond(known, found) == {}, "listed, but read or no longer recorded: take it off unused_fields.toml"


def test_control_what_stands_on_one_side_only_is_found() -> None:
    assert beyond({"GET /": {"a", "b"}, "GET /b": {"c"}}, {"GET /": {"a"}}) == {"GET /": ["b"], "GET /b": ["c"]}


def _fields_of_text(answer: str, *names: str) -> tuple[set[str], set[str]]:
    """The fields of an answer of which a parser looks up these names: read, and not read."""

    def parse(_operation: Operation[Any], response: HttpResponse) -> tuple[str, ...]:
        row = obj(json_of(response))
        return tuple(text(row, name) for name in names)

    class Reading:
        endpoints = {
            (FetchServerTime, Product.SPOT): Endpoint(
                build=lambda _operation, _stamp: pytest.fail("not built here"),
                parse=parse,
                charges=lambda _operation, _time_ms: (),
                door="",
                signed=False,
            )
        }

    adapter: Any = Reading()
    return fields_of(adapter, [FetchServerTime()], Recording("made here", "GET /", Product.SPOT, answer))


def test_control_a_field_counts_as_read_when_it_is_looked_up() -> None:
    assert _fields_of_text('{"a": "1", "b": "2"}', "a") == ({"a"}, {"b"})
    assert _fields_of_text('{"a": "1", "b": {"c": [{"d": 1}]}}', "a") == ({"a"}, {"b"})
    assert _fields_of_text('{"a": "1", "b": "2"}', "a", "b") == ({"a", "b"}, set())
