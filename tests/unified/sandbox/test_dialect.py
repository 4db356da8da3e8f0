from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.unified.sandbox.toy import Toy
from unified.sandbox.dialect import (
    Incoming,
    Outgoing,
    RequestClass,
    Route,
    Router,
    Setting,
    html_page,
    json_answer,
)


class Nobody:
    def answer(self, _incoming: Incoming, names: Mapping[str, str]) -> Outgoing:
        return json_answer(dict(names))


ROUTER = Router(
    (
        Route(method="GET", path="/orders/all", handle=Nobody.answer, kind=RequestClass.PRIVATE_READ),
        Route(method="GET", path="/orders/{id}", handle=Nobody.answer, kind=RequestClass.PRIVATE_READ),
        Route(method="GET", path="/v1.0/time", handle=Nobody.answer, kind=RequestClass.TIME, door="linear"),
        Route(method="GET", path="/a+b/{one}/c/{two}", handle=Nobody.answer, kind=RequestClass.READ, door="spot"),
    )
)


@pytest.mark.parametrize(
    ("door", "method", "path", "found"),
    [
        pytest.param("spot", "GET", "/orders/all", {}, id="an exact path goes before a pattern"),
        pytest.param("spot", "GET", "/orders/7-b", {"id": "7-b"}, id="a name in the path"),
        pytest.param("spot", "GET", "/a+b/1/c/2", {"one": "1", "two": "2"}, id="two names and a special letter"),
        pytest.param("spot", "GET", "/orders/7/8", None, id="a name is one segment"),
        pytest.param("spot", "POST", "/orders/7", None, id="another method"),
        pytest.param("linear", "GET", "/v1.0/time", {}, id="a door of its own"),
        pytest.param("spot", "GET", "/v1.0/time", None, id="the wrong door"),
        pytest.param("linear", "GET", "/a+b/1/c/2", None, id="the wrong door for a pattern"),
        pytest.param("linear", "GET", "/v1x0/time", None, id="a dot is a dot"),
    ],
)
def test_routes(door: str, method: str, path: str, found: dict[str, str] | None) -> None:
    hit = ROUTER.find(Incoming(door=door, method=method, path=path))
    assert (None if hit is None else hit[1]) == found


def test_what_arrives_can_be_read_as_query_form_or_json() -> None:
    incoming = Incoming(
        door="main", method="POST", path="/", query="a=1&b=%20x&a=2", body=b"c=%C3%A4&d=", headers={"x-key": "k"}
    )
    assert incoming.query_fields() == {"a": "2", "b": " x"}
    assert incoming.form_fields() == {"c": "\u00e4", "d": ""}
    assert incoming.json_body() is None
    assert (incoming.header("x-key"), incoming.header("missing")) == ("k", "")
    assert Incoming(door="main", method="POST", path="/", body=b'{"a":1}').json_body() == {"a": 1}


def test_answers() -> None:
    answer = json_answer({"a": "1"}, status=400, stamped=True).with_headers({"retry-after": "1"})
    assert (answer.status, answer.stamped, json.loads(answer.body)) == (400, True, {"a": "1"})
    assert answer.headers == {"content-type": "application/json", "retry-after": "1"}
    page = html_page(502, "Bad gateway")
    assert page.headers["content-type"] == "text/html"
    assert b"<html>" in page.body


def test_a_dialect_has_an_engine_on_the_clock_of_its_setting() -> None:
    seconds = [5.0]
    toy = Toy(Setting(now=lambda: seconds[0], base_us=1_000_000_000_000))
    seconds[0] += 1
    assert (toy.now_us, toy.now_ms, toy.moment.true_us) == (1_000_001_000_000, 1_000_001_000, 1_000_001_000_000)
    assert toy.use("requests", "me", 2).cost == 2


def test_refusals_for_the_clock_are_taken_once() -> None:
    toy = Toy(Setting(now=lambda: 0.0))
    incoming = Incoming(door="main", method="GET", path="/")
    toy.refused_for_clock(incoming)
    assert toy.take_clock_refusals() == (incoming,)
    assert toy.take_clock_refusals() == ()
