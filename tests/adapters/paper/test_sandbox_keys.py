"""A signature of the one key, made by hand and not by the adapter."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from unified_paper.sandbox_keys import problem_of

NOW = 1_800_000_000_000
SIGN = hmac.new(b"paper-dummy-secret", f"{NOW}2000GET/key".encode(), hashlib.sha256).hexdigest()
GOOD = {"x-paper-key": "paper-dummy-key", "x-paper-time": str(NOW), "x-paper-window": "2000", "x-paper-sign": SIGN}


@pytest.mark.parametrize(
    ("changes", "late_ms", "problem"),
    [
        ({}, 0, ""),
        ({}, 2000, ""),
        ({}, 2001, "bad_time"),
        ({}, -999, ""),
        ({}, -1000, "bad_time"),
        ({"x-paper-key": "another"}, 0, "bad_key"),
        ({"x-paper-sign": SIGN.upper()}, 0, "bad_signature"),
        ({"x-paper-sign": "\u00e4"}, 0, "bad_signature"),
        ({"x-paper-time": str(NOW + 1)}, 0, "bad_signature"),
        ({"x-paper-key": 7}, 0, "bad_request"),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, str], late_ms: int, problem: str) -> None:
    assert problem_of({**GOOD, **changes}, b"GET/key", NOW + late_ms) == problem
