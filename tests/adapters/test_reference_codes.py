"""Every code of the reference pages of the two plugged-in venues has a meaning that a user can ask for."""

from __future__ import annotations

import json

import pytest

from tests.shared import require_shared
from unified.adapter import AdapterSettings
from unified.catalogue import NOT_HELD
from unified.registry import adapter_class


@pytest.mark.parametrize("venue", ["binanceus", "bitzoom"])
def test_every_listed_code_is_explained(venue: str) -> None:
    listed = json.loads(require_shared("venues", f"{venue}.errors.json").read_text("utf-8"))
    adapter = adapter_class(venue)(AdapterSettings())
    hints = {
        entry["code"]: adapter.fault(entry["code"], message=entry["contains"] or "", http_status=entry["http"]).hint
        for entry in listed
        if entry["code"]
    }
    assert len(hints) >= 70
    assert [code for code, hint in sorted(hints.items()) if hint in ("", NOT_HELD)] == []
    assert adapter.fault("-99999").hint == NOT_HELD
