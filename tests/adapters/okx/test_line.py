"""What every connection of OKX has; streams and orders are tested beside it."""

from __future__ import annotations

import json

import pytest

from tests.adapters.okx.venue import CREDENTIALS, STAMP
from unified.errors import Kind, VenueError
from unified.feeds import Ticket
from unified_okx.auth import Auth
from unified_okx.line import OkxLine, fault_of


def test_a_login_signs_seconds_without_a_body() -> None:
    (frame,) = OkxLine(Auth(CREDENTIALS)).login(Ticket(stamp=STAMP))
    said = json.loads(frame)
    assert said["op"] == "login"
    assert said["args"][0]["timestamp"] == "1795161600"


def test_without_a_key_there_is_no_login() -> None:
    with pytest.raises(VenueError) as caught:
        OkxLine(Auth(None)).login(Ticket(stamp=STAMP))
    assert caught.value.kind is Kind.BAD_CREDENTIALS


def test_a_ping_is_a_text() -> None:
    assert OkxLine(Auth(None)).ping() == "ping"


def test_a_refusal_does_not_repeat_the_request() -> None:
    fault = fault_of({"code": "60012", "msg": 'Invalid request: {"op":"login","args":[{"sign":"abc"}]}'})
    assert fault.kind is Kind.INVALID_REQUEST
    assert fault.message == "Invalid request"
