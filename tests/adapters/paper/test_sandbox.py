"""The simulated Paper lets requests in by key and by limits, and tells its time and counts with every answer."""

from __future__ import annotations

import json

import pytest

from tests.adapters.paper.sandbox_rig import Rig
from unified.http import Method
from unified.sandbox.dialect import Incoming, Outgoing, RequestClass
from unified.sandbox.streams import Opening, Talk


def code(answer: Outgoing) -> str:
    return str(json.loads(answer.body)["error"]["code"])


def test_every_answer_tells_time_and_count() -> None:
    rig = Rig()
    first, second = rig.ask(Method.GET, "/time"), rig.ask(Method.GET, "/nowhere")
    assert json.loads(first.body) == {"time_us": int(first.headers["x-paper-clock"])}
    assert (second.status, code(second), second.headers["x-paper-used"]) == (404, "no_such_call", "2")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({}, ""),
        ({"x-paper-key": "nobody"}, "bad_key"),
        ({"x-paper-sign": "0" * 64}, "bad_signature"),
    ],
)
def test_signed_calls_are_checked(changes: dict[str, str], refusal: str) -> None:
    rig = Rig()
    answer = rig.ask(Method.GET, "/key", headers={**rig.headers(Method.GET, "/key"), **changes})
    assert (answer.status, code(answer) if refusal else "") == (401 if refusal else 200, refusal)


def test_a_request_that_comes_too_late_is_told_so_and_counted() -> None:
    rig = Rig()
    answer = rig.ask(Method.GET, "/key", headers=rig.headers(Method.GET, "/key", late_ms=2001))
    assert (answer.status, code(answer)) == (400, "bad_time")
    assert len(rig.dialect.take_clock_refusals()) == 1


def test_beyond_a_limit_nothing_is_done() -> None:
    rig = Rig()
    answers = [rig.ask(Method.GET, "/status") for _ in range(1201)]
    assert [answers[1199].status, answers[1200].status] == [200, 429]
    assert code(answers[1200]) == "throttled"
    assert 0 < int(answers[1200].headers["retry-after"]) <= 61


def test_requests_are_classed_by_the_table() -> None:
    rig = Rig()
    found = [rig.dialect.classify(Incoming(door="main", method=method, path="/orders")) for method in ("POST", "PATCH")]
    assert found == [RequestClass.ORDER, RequestClass.READ]


def test_streams_have_one_path_and_their_own_limit() -> None:
    rig = Rig()
    assert isinstance(rig.dialect.talk(Opening(door="main", path="/")), Outgoing)
    opened = [rig.dialect.talk(Opening(door="main", path="/stream")) for _ in range(121)]
    assert isinstance(opened[119], Talk)
    refused = opened[120]
    assert isinstance(refused, Outgoing)
    assert refused.status == 429


@pytest.mark.parametrize(("name", "status"), [("overloaded", 503), ("under_maintenance", 503)])
def test_troubles_have_codes(name: str, status: int) -> None:
    answer = getattr(Rig().dialect, name)(Incoming(door="main", method="GET", path="/"))
    assert (answer.status, bool(code(answer))) == (status, True)


def test_a_ban_says_how_long() -> None:
    answer = Rig().dialect.banned(Incoming(door="main", method="GET", path="/"), 7.5)
    assert answer is not None
    assert (answer.status, code(answer), answer.headers["retry-after"]) == (418, "banned", "8")
