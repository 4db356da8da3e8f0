"""What a program takes for true of its orders."""

from __future__ import annotations

import pytest

from unified.errors import Outcome
from unified.simulation.beliefs import Belief, Beliefs


@pytest.mark.parametrize(
    ("outcome", "belief"),
    [
        pytest.param(Outcome.DONE, Belief.DONE, id="done is an order"),
        pytest.param(Outcome.REJECTED, Belief.REJECTED, id="rejected is none"),
        pytest.param(Outcome.NOT_SENT, Belief.REJECTED, id="not sent is none"),
        pytest.param(Outcome.UNKNOWN, Belief.UNKNOWN, id="unknown is not known"),
    ],
)
def test_an_outcome_is_believed(outcome: Outcome, belief: Belief) -> None:
    assert Belief.of(outcome) is belief


def test_undecided_are_those_that_are_unknown_in_their_order() -> None:
    beliefs = Beliefs(of={"a": Belief.UNKNOWN, "b": Belief.DONE, "c": Belief.UNKNOWN, "d": Belief.WANTED})
    assert beliefs.undecided() == ("a", "c")
