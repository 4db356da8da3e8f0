from __future__ import annotations

from functools import partial

from unified.sandbox.agenda import Agenda


def test_actions_come_in_the_order_of_their_time_and_then_of_their_entry() -> None:
    agenda, done = Agenda(), list[str]()
    for at_us, name in ((20, "late"), (10, "first"), (10, "second")):
        agenda.add(at_us, partial(done.append, name))
    while (due := agenda.take(20)) is not None:
        due[1]()
    assert done == ["first", "second", "late"]


def test_what_is_not_due_stays() -> None:
    agenda = Agenda()
    agenda.add(11, lambda: None)
    assert agenda.take(10) is None
    assert agenda.take(11) is not None
    assert agenda.take(11) is None
