from __future__ import annotations

from tests.unified.testing.conformance.mutants import subject
from unified.adapter import Procedure, Steps
from unified.errors import VenueError
from unified.instrument import Product
from unified.operations import FetchServerTime, FetchTicker, FetchVenueStatus
from unified.testing.conformance.subject import STAMP, steps_of


def test_a_subject_builds_what_its_adapter_can_say() -> None:
    made = subject()
    request = made.request(FetchServerTime())
    assert request is not None
    assert request.path == "/time"
    assert made.request(FetchTicker(instrument=made.instrument(Product.LINEAR))) is None
    assert made.another() is not made.adapter


def test_instruments_are_made_up_where_no_answer_holds_any() -> None:
    assert [item.product for item in subject().listing(Product.LINEAR)] == [Product.LINEAR]


def test_the_first_steps_of_a_procedure_are_seen() -> None:
    def steps(_operation: object) -> Steps[None]:
        try:
            yield FetchServerTime()
        except VenueError:
            yield FetchVenueStatus()

    found = list(steps_of(Procedure(steps=steps, signed=False), FetchServerTime()))
    assert [type(step) for step in found] == [FetchServerTime, FetchVenueStatus]


def test_the_stamp_is_fixed() -> None:
    assert (STAMP.expires_ms - STAMP.time_ms, len(STAMP.token)) == (5000, 32)
