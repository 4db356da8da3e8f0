"""docs/observability.md names every signal and every metric, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import fields

from tests.documents import DOCS
from unified.hooks import Hooks
from unified.telemetry import __file__ as source

PAGE = (DOCS / "observability.md").read_text(encoding="utf-8")


def test_every_signal_is_explained() -> None:
    assert set(re.findall(r"^\| `(on_\w+)` \|", PAGE, re.MULTILINE)) == {each.name for each in fields(Hooks)}


def test_every_metric_is_named() -> None:
    code = Path(source).read_text(encoding="utf-8")
    made = set(re.findall(r'(?:create_\w+|seconds)\(\s*"([a-z_.]+)"', code))
    named = set(re.findall(r"`(unified\.[a-z_.]+|http\.client\.request\.duration)`", PAGE))
    assert len(made) > 15
    assert made == named - {"unified.telemetry", "unified.counted_by", "unified.connection"}
