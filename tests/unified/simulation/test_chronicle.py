"""The record of a run: what happened to each order, and one hash of everything."""

from __future__ import annotations

from unified.simulation.chronicle import Chronicle


def record(*steps: str, at: float = 1.5) -> Chronicle:
    chronicle = Chronicle(lambda: at)
    for step in steps:
        chronicle.tell(step, "a1", "POST /order")
    return chronicle


def test_the_events_of_an_order_come_back_in_their_order() -> None:
    chronicle = record("sent", "answered")
    chronicle.tell("sent", "b2")
    chronicle.tell("sent", "", "GET /time")
    assert [event.step for event in chronicle.of("a1")] == ["sent", "answered"]
    assert str(chronicle.of("a1")[0]) == "    1.500000  sent      a1  POST /order"
    assert chronicle.of("") == ()
    assert chronicle.events == 4


def test_the_hash_tells_what_when_and_in_which_order() -> None:
    same = {record("sent", "answered").digest for _ in range(3)}
    assert len(same) == 1
    assert record("answered", "sent").digest not in same
    assert record("sent", "answered", at=1.6).digest not in same
