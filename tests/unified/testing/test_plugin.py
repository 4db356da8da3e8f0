from __future__ import annotations

import pytest

from unified.testing.conformance.rules import EVIDENCE, RULES
from unified.testing.plugin import Kept
from unified_paper import Paper


@pytest.mark.unified_adapter(adapter=Paper)
def test_each_rule_is_a_test_of_its_own(kept: Kept) -> None:
    assert kept.rule in RULES
    assert bool(kept.problems) is (kept.rule is EVIDENCE)
    assert kept.told.startswith(f"{kept.rule.name}: see docs/write-an-adapter.md")
