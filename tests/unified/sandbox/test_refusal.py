from __future__ import annotations

from unified.sandbox.refusal import EngineRefusal, Reason


def test_a_refusal_tells_its_reason_and_what_it_was_about() -> None:
    refusal = EngineRefusal(Reason.BAD_TICK, "60000.001")
    assert (refusal.reason, refusal.text, refusal.order) == (Reason.BAD_TICK, "60000.001", None)
    assert str(refusal) == "bad_tick: 60000.001"
    assert str(EngineRefusal(Reason.NOT_FOUND)) == "not_found"
