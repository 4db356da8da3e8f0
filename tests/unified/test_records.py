"""Records of wanted orders: every term comes back, a torn end is told from damage, and nothing else gets through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import google_crc32c
import orjson
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.toy import BTC
from unified import records
from unified.account import MarginMode
from unified.errors import Outcome, Scope
from unified.instrument import Instrument, InstrumentStatus, Product
from unified.operations import PlaceOrder
from unified.order import OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.records import OrderRecord, ShutRecord, SpentRecord

numbers = st.decimals(min_value=Decimal("1e-18"), max_value=Decimal("1e18"), allow_nan=False, allow_infinity=False)
words = st.text(st.characters(codec="utf-8"), max_size=12)
instruments = st.builds(
    Instrument,
    symbol=words,
    product=st.sampled_from(Product),
    base=words,
    quote=words,
    settle=st.none() | words,
    tick_size=numbers,
    lot_size=numbers,
    min_quantity=numbers,
    max_quantity=st.none() | numbers,
    max_market_quantity=st.none() | numbers,
    min_price=st.none() | numbers,
    max_price=st.none() | numbers,
    min_notional=numbers,
    max_notional=st.none() | numbers,
    quote_step=numbers,
    contract_size=numbers,
    status=st.sampled_from(InstrumentStatus),
    aliases=st.lists(words, max_size=3).map(tuple),
    native=words,
)
orders = st.builds(
    PlaceOrder,
    instrument=instruments,
    side=st.sampled_from(Side),
    order_type=st.sampled_from(OrderType),
    quantity=st.none() | numbers,
    quote_quantity=st.none() | numbers,
    price=st.none() | numbers,
    stop_price=st.none() | numbers,
    trigger=st.none() | st.sampled_from(Trigger),
    time_in_force=st.sampled_from(TimeInForce),
    expires_at=st.none()
    | st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=-30))]),
    ),
    post_only=st.booleans(),
    reduce_only=st.booleans(),
    position_side=st.none() | st.sampled_from(PositionSide),
    margin_mode=st.none() | st.sampled_from(MarginMode),
    client_order_id=st.text("abc-_0", min_size=1, max_size=36),
)
kept = st.builds(
    OrderRecord,
    order=orders,
    sends=st.integers(1, 9),
    fence_ms=st.none() | st.integers(0, 2**53),
    first_sent_ms=st.integers(0, 2**53),
)
OPENED = records.opened("toy", "fingerprint")
ORDER = PlaceOrder(
    instrument=BTC, side=Side.BUY, quantity=Decimal("0.01"), price=Decimal("50000.00"), client_order_id="mine1"
)
RECORD = OrderRecord(order=ORDER, sends=1, fence_ms=1_800_000_002_000, first_sent_ms=1_800_000_000_000)


def read_again(*payloads: bytes) -> Mapping[str, OrderRecord]:
    return records.history([OPENED, *payloads]).open


class TestOrders:
    @given(kept)
    def test_every_term_comes_back(self, record: OrderRecord) -> None:
        (again,) = read_again(records.sent(record, whole=True)).values()
        assert again == record
        assert again.order.instrument.name == record.order.instrument.name

    @pytest.mark.parametrize("side", PositionSide)
    def test_the_side_of_a_position_is_not_taken_for_that_of_an_order(self, side: PositionSide) -> None:
        order = PlaceOrder(instrument=BTC, side=Side.SELL, position_side=side, client_order_id="mine1")
        record = OrderRecord(order=order, sends=1, fence_ms=None, first_sent_ms=1)
        assert read_again(records.sent(record)) == {"mine1": record}

    def test_later_copies_repeat_no_terms(self) -> None:
        second = OrderRecord(order=ORDER, sends=2, fence_ms=None, first_sent_ms=RECORD.first_sent_ms)
        payload = records.sent(second)
        assert b"order" not in payload
        assert read_again(records.sent(RECORD), payload) == {"mine1": second}

    def test_an_order_whose_outcome_is_known_is_not_open(self) -> None:
        told = records.history([OPENED, records.sent(RECORD), records.ended("mine1", Outcome.DONE)])
        assert (told.open, told.ended, told.venue, told.account) == ({}, 1, "toy", "fingerprint")

    def test_an_end_without_a_beginning_says_nothing(self) -> None:
        told = records.history([OPENED, records.ended("mine1", Outcome.DONE)])
        assert (told.open, told.ended) == ({}, 0)

    def test_a_record_holds_what_is_needed_and_nothing_else(self) -> None:
        said = orjson.loads(records.sent(RECORD))
        assert said.keys() == {"step", "id", "sends", "fence_ms", "first_sent_ms", "order"}
        assert said["order"].keys() == {"instrument", "side", "quantity", "price", "client_order_id"}
        assert orjson.loads(OPENED) == {"step": "opened", "version": 1, "venue": "toy", "account": "fingerprint"}


class TestLimits:
    SPENT = SpentRecord(
        bucket="weight",
        key="BTC",
        rule="FixedWindow 60",
        door="spot",
        used=12.5,
        under_way=0,
        until_ms=9_000,
        arrives_ms=9_000,
    )
    SHUT = ShutRecord(scope=Scope.IP, key="", banned=True, until_ms=8_000)

    def test_the_last_word_about_each_limit_comes_back(self) -> None:
        fuller = evolve(self.SPENT, used=80.0, under_way=0, until_ms=9_500, arrives_ms=9_500)
        other = evolve(self.SPENT, key="ETH")
        payloads = [records.limited(item) for item in (self.SPENT, self.SHUT, other, fuller)]
        history = records.history([records.opened("toy", "me"), *payloads])
        assert set(history.limits.values()) == {fuller, other, self.SHUT}
        assert (history.open, history.ended) == ({}, 0)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("until_ms", "soon"), ("until_ms", 1.5), ("used", "much"), ("used", None), ("bucket", ...)],
        ids=["a word for a time", "a fraction of a millisecond", "a word for a count", "no count", "no name"],
    )
    def test_a_limit_that_makes_no_sense_is_named_by_its_number(self, name: str, value: Any) -> None:
        said = orjson.loads(records.limited(self.SPENT)) | {name: value}
        payload = orjson.dumps({key: item for key, item in said.items() if item is not ...})
        assert refusal([records.opened("toy", "me"), payload]).startswith("record 2")


class TestFrames:
    @given(st.lists(st.binary(min_size=1, max_size=40), max_size=6))
    def test_frames_come_back_in_their_order(self, payloads: list[bytes]) -> None:
        data = b"".join(map(records.framed, payloads))
        assert records.unframed(data) == (payloads, len(data))

    def test_a_torn_end_is_known_as_such_at_every_byte(self) -> None:
        whole = records.framed(OPENED)
        data = whole + records.framed(records.sent(RECORD))
        for cut in range(len(whole) + 1, len(data)):
            assert records.unframed(data[:cut]) == ([OPENED], len(whole))
            assert records.is_torn(data[:cut], len(whole))

    def test_a_flipped_bit_anywhere_before_a_good_frame_is_damage(self) -> None:
        middle = records.framed(records.sent(RECORD))
        last = records.framed(records.ended("mine1", Outcome.DONE))
        for at in range(len(middle)):
            flipped = bytearray(middle)
            flipped[at] ^= 1
            data = records.framed(OPENED) + flipped + last
            payloads, whole = records.unframed(data)
            assert (payloads, whole) == ([OPENED], len(data) - len(middle) - len(last))
            assert not records.is_torn(data, whole)

    def test_zeros_that_a_power_cut_left_at_the_end_are_a_torn_end(self) -> None:
        data = records.framed(OPENED) + bytes(4096)
        payloads, whole = records.unframed(data)
        assert payloads == [OPENED]
        assert records.is_torn(data, whole)

    def test_a_shortest_frame_after_the_damage_is_seen(self) -> None:
        assert not records.is_torn(b"damage" + records.framed(b"x"), 0)

    def test_a_length_beyond_the_largest_record_is_not_believed(self) -> None:
        payload = bytes(records.LARGEST + 1)
        frame = len(payload).to_bytes(4, "little") + google_crc32c.value(payload).to_bytes(4, "little") + payload
        assert records.unframed(frame) == ([], 0)


def changed(**terms: Any) -> bytes:
    """The record of an order, with other values."""
    said = orjson.loads(records.sent(RECORD))
    order = {name: value for name, value in terms.items() if name not in said}
    said |= {name: value for name, value in terms.items() if name in said}
    if isinstance(said["order"], dict):
        said["order"] |= order
    return orjson.dumps(said)


def refusal(payloads: list[bytes]) -> str:
    """Why they are not read; empty where they are."""
    try:
        records.history(payloads)
    except ValueError as refused:
        return str(refused)
    return ""


class TestNonsense:
    @pytest.mark.parametrize(
        ("payload", "reason"),
        [
            pytest.param(b"{", "not JSON", id="half a text"),
            pytest.param(b"[]", "not an object", id="a list"),
            pytest.param(b"{}", "step", id="a record without a step"),
            pytest.param(b'{"step":"moved"}', "unknown step 'moved'", id="a step that there is not"),
            pytest.param(b'{"step":"ended"}', "id", id="an end of nothing"),
            pytest.param(b'{"step":"sent","id":[]}', "unhashable", id="an id that is a list"),
            pytest.param(
                OPENED.replace(b'"version":1', b'"version":2'), "this library reads 1", id="a version of the future"
            ),
            pytest.param(changed(sends="2"), "sends: '2' is no whole number", id="a count in words"),
            pytest.param(changed(first_sent_ms=None), "first_sent_ms", id="a first copy without a time"),
            pytest.param(changed(id="other"), "another id", id="the order of another id"),
            pytest.param(changed(order=3), "record 2", id="an order that is a number"),
            pytest.param(changed(price="much"), "price", id="a price in words"),
            pytest.param(changed(price=50000.0), "price: 50000.0 is no Decimal", id="a price that is a float"),
            pytest.param(changed(side="long"), "not a valid Side", id="a side that there is not"),
            pytest.param(changed(expires_at="soon"), "RFC 3339", id="a time in words"),
            pytest.param(changed(post_only="yes"), "post_only", id="a flag in words"),
            pytest.param(changed(haste="much"), "haste", id="a term that there is not"),
        ],
    )
    def test_a_record_that_makes_no_sense_is_named_by_its_number(self, payload: bytes, reason: str) -> None:
        with pytest.raises(ValueError, match="record 2: ") as caught:
            records.history([OPENED, payload])
        assert reason in str(caught.value)

    def test_a_journal_that_does_not_say_whose_it_is_is_not_read(self) -> None:
        with pytest.raises(ValueError, match=r"record 1: .* whose orders"):
            records.history([records.sent(RECORD)])

    json = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=6,
    )

    @given(st.sampled_from([*sorted(orjson.loads(changed())), "price", "expires_at", "instrument"]), json)
    def test_any_value_anywhere_is_read_or_refused(self, name: str, value: Any) -> None:
        said = refusal([OPENED, changed(**{name: value})])
        assert not said or said.startswith("record 2: ")

    @given(st.binary(max_size=200))
    def test_arbitrary_bytes_are_read_or_refused(self, data: bytes) -> None:
        payloads, whole = records.unframed(data)
        assert whole <= len(data)
        assert isinstance(records.is_torn(data, whole), bool)
        assert refusal([*payloads, data]).startswith("record ")


def test_a_file_of_nothing_but_lengths_is_judged_in_time_that_grows_with_it_alone() -> None:
    """Each of the four million places of a full journal may look like the beginning of a long record."""
    data = b"xxxx" * 2**18
    assert records.unframed(data) == ([], 0)
    assert records.is_torn(data, 0)
