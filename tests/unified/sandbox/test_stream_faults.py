from __future__ import annotations

from unified.sandbox.faults import Profile
from unified.sandbox.stream_faults import StreamMishap, StreamPlan


def drawn(plan: StreamPlan, frames: int = 5_000) -> list[StreamMishap]:
    course = plan.course()
    return [course.next().mishap for _ in range(frames)]


def test_the_same_seed_has_the_same_fates_and_another_has_others() -> None:
    harsh = drawn(StreamPlan(Profile.HARSH, 1))
    assert harsh == drawn(StreamPlan(Profile.HARSH, 1))
    assert harsh != drawn(StreamPlan(Profile.HARSH, 2))


def test_without_faults_nothing_happens_and_harsh_knows_them_all() -> None:
    assert set(drawn(StreamPlan())) == {StreamMishap.NONE}
    plan = StreamPlan(Profile.HARSH, 1)
    assert set(drawn(plan, 20_000)) == set(StreamMishap)
    assert plan.happened[StreamMishap.DROPPED] > 50


def test_a_test_can_say_what_happens_next() -> None:
    plan = StreamPlan()
    course = plan.course()
    plan.strike(StreamMishap.CUT, StreamMishap.SILENCE)
    assert [course.next().mishap for _ in range(3)] == [StreamMishap.CUT, StreamMishap.SILENCE, StreamMishap.NONE]


def test_chances_can_be_given() -> None:
    assert set(drawn(StreamPlan(chances={StreamMishap.DOUBLED: 1000.0}), 10)) == {StreamMishap.DOUBLED}
