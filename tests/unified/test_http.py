"""Requests and answers as values: the address, the header, and what printing them shows."""

from __future__ import annotations

import pytest

from unified.http import HttpRequest, HttpResponse, Method


def request(**parts: object) -> HttpRequest:
    usual: dict[str, object] = {"method": Method.GET, "base": "https://api.example.com", "path": "/v1/time"}
    return HttpRequest(**{**usual, **parts})  # type: ignore[arg-type]  # parts are given by name


@pytest.mark.parametrize(
    ("query", "url"),
    [
        pytest.param("", "https://api.example.com/v1/time", id="without a query there is no question mark"),
        pytest.param("a=%2B&b=1", "https://api.example.com/v1/time?a=%2B&b=1", id="a query is added as it stands"),
    ],
)
def test_the_address_is_base_path_and_query(query: str, url: str) -> None:
    assert request(query=query).url == url


def test_a_printed_request_shows_neither_query_nor_headers_nor_body() -> None:
    printed = repr(request(query="signature=abcdef", headers={"X-KEY": "abcdef"}, body=b"otp=abcdef"))
    assert "/v1/time" in printed
    assert "abcdef" not in printed


def test_a_printed_answer_shows_neither_headers_nor_body() -> None:
    printed = repr(HttpResponse(status=200, headers={"set-cookie": "abcdef"}, body=b'{"token":"abcdef"}'))
    assert "200" in printed
    assert "abcdef" not in printed


@pytest.mark.parametrize("name", ["retry-after", "Retry-After"], ids=lambda name: f"asked for as {name}")
def test_a_header_is_found_in_any_case(name: str) -> None:
    assert HttpResponse(status=429, headers={"retry-after": "7"}).header(name) == "7"


def test_a_header_that_did_not_come_is_none() -> None:
    assert HttpResponse(status=200).header("retry-after") is None


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        pytest.param("7", 7.0, id="whole seconds"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("999999999", 999_999_999.0, id="the longest that is believed"),
        pytest.param("9999999999", None, id="longer than anybody means"),
        pytest.param("1.5", None, id="a fraction"),
        pytest.param("-1", None, id="a wait that is over"),
        pytest.param("٣", None, id="digits that are not ASCII"),
        pytest.param("Fri, 31 Dec 1999 23:59:59 GMT", None, id="a date"),
        pytest.param("7\n", None, id="a line end"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_wait_is_read_in_whole_seconds_or_not_at_all(told: str, seconds: float | None) -> None:
    answer = HttpResponse(status=429, headers={"retry-after": told, "x-reset": told})
    assert answer.retry_after == answer.seconds("x-reset") == seconds
    assert HttpResponse(status=429).retry_after is None
