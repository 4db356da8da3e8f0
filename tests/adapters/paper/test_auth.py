"""The signature of the reference adapter, against one worked by hand."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from unified.adapter import Stamp
from unified.errors import Kind, Outcome, VenueError
from unified.http import Method
from unified.secret import Credentials, Secret
from unified_paper.auth import Auth

STAMP = Stamp(time_ms=1_800_000_000_000, window_ms=2000, nonce=1, token="0" * 32)


def test_time_window_method_path_query_and_body_are_signed_in_this_order() -> None:
    auth = Auth(Credentials(key="paper-dummy-key", secret=Secret("paper-dummy-secret")))
    headers = auth.headers(Method.POST, "/orders", "a=1", b'{"b":2}', STAMP)
    signed = b'18000000000002000POST/ordersa=1{"b":2}'
    assert headers == {
        "x-paper-key": "paper-dummy-key",
        "x-paper-time": "1800000000000",
        "x-paper-window": "2000",
        "x-paper-sign": hmac.new(b"paper-dummy-secret", signed, hashlib.sha256).hexdigest(),
    }


def test_without_a_key_nothing_is_signed_and_nothing_sent() -> None:
    with pytest.raises(VenueError) as caught:
        Auth(None).headers(Method.GET, "/balances", "", b"", STAMP)
    assert (caught.value.kind, caught.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)
