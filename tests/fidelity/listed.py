"""The differences that are known, in `differences.json`: by play, intents with the same differences together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_name("differences.json")
Found = dict[str, dict[str, list[str]]]
"""Play -> intent -> differences."""


def read() -> Found:
    return {
        play: {intent: group["differences"] for group in groups for intent in group["requests"]}
        for play, groups in json.loads(FILE.read_text(encoding="utf-8")).items()
    }


def write(found: Found) -> None:
    """In the order of the intents."""
    groups = {play: _grouped(found[play]) for play in sorted(found)}
    FILE.write_text(json.dumps(groups, indent=1) + "\n", encoding="utf-8")


def _grouped(differences: Mapping[str, list[str]]) -> list[dict[str, list[str]]]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for intent, words in differences.items():
        alike.setdefault(tuple(words), []).append(intent)
    return [{"requests": intents, "differences": list(words)} for words, intents in alike.items()]
