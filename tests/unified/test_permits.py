"""What a permit says of itself."""

from __future__ import annotations

import pytest

from tests.limiting import CLOCK, LIMITS, NOW, granted, row
from unified.adapter import Charge
from unified.limiter import Limiter
from unified.permits import take_back


@pytest.mark.parametrize(
    ("bucket", "eases"),
    [
        pytest.param("weight", True, id="a calendar window, in which it may have counted twice"),
        pytest.param("slots", True, id="a slot"),
        pytest.param("orders", False, id="a rolling window: only time makes room"),
        pytest.param("pair", False, id="a counter that decays"),
    ],
)
def test_whether_its_answer_can_let_others_start_sooner(bucket: str, eases: bool) -> None:
    limiter = Limiter(LIMITS)
    assert granted(limiter, Charge(bucket)).eases is eases
    assert granted(limiter, Charge("orders"), Charge(bucket)).eases is eases


def test_what_is_taken_back_was_never_charged() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight", 7), Charge("slots"))
    take_back(permit.taken)
    assert [row(limiter, name).used for name in ("weight", "slots")] == [0, 0]


def test_a_line_knows_the_heaviest_request_that_could_ever_go() -> None:
    limiter = Limiter(LIMITS)
    assert limiter.lines.line(Charge("weight"), "me", "spot").most == 100
    limiter.settle(granted(limiter, Charge("weight")), NOW, CLOCK)
    assert limiter.lines.line(Charge("weight"), "me", "spot").most == 100
