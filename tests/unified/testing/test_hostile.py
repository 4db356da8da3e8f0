from __future__ import annotations

import json

import pytest

from unified.testing.hostile import LARGEST, WORDS, bodies, damaged, from_scratch

RECORDED = b'{"code":"0","data":[{"px":"1.5","sz":2,"side":"buy","fees":[{"ccy":"BTC"}]},{"px":null}]}'


def test_the_same_seed_makes_the_same_bodies() -> None:
    once, again = list(bodies([RECORDED], seed=3)), list(bodies([RECORDED], seed=3))
    assert once == again
    assert once != list(bodies([RECORDED], seed=4))


def test_no_body_is_larger_than_said() -> None:
    assert max(len(hostile.body) for hostile in bodies([RECORDED])) <= LARGEST


def test_every_body_from_scratch_is_another_one() -> None:
    made = [hostile.body for hostile in from_scratch()]
    assert len(set(made)) == len(made)


def test_damage_is_as_much_as_asked_for_and_nearly_always_damage() -> None:
    made = list(damaged(RECORDED, count=400))
    assert len(made) == 400
    assert sum(hostile.body != RECORDED for hostile in made) > 390
    assert len({hostile.body for hostile in made}) > 200


def test_damage_reaches_every_member() -> None:
    told = " ".join(hostile.about for hostile in damaged(RECORDED, count=400))
    for place in ("code ", "data ", "data.0 ", "data.0.px ", "data.0.sz ", "data.0.fees.0.ccy ", "data.1.px "):
        assert place in told


@pytest.mark.parametrize("text", [b"NaN", b"1e400", b"9" * 5000, b'"\\ud800"'], ids=lambda text: repr(text[:8]))
def test_numbers_and_texts_that_a_writer_would_not_write_are_among_them(text: bytes) -> None:
    assert any(text in hostile.body for hostile in damaged(RECORDED, count=2_000))


@pytest.mark.parametrize(
    "body", [pytest.param(b"", id="empty"), pytest.param(b"<html>", id="no JSON"), pytest.param(b"[]", id="no member")]
)
def test_there_is_always_something_to_damage(body: bytes) -> None:
    assert len(list(damaged(body, count=50))) == 50


def test_the_recording_itself_is_left_alone() -> None:
    document = json.loads(RECORDED)
    list(damaged(RECORDED, count=50))
    assert json.loads(RECORDED) == document


def test_the_words_are_all_different() -> None:
    assert len(set(WORDS.values())) == len(WORDS)
