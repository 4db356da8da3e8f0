from __future__ import annotations

import pytest

from unified.testing.plugin import Kept


@pytest.mark.unified_adapter("souk", recordings="recordings")
def test_the_contract_is_kept(kept: Kept) -> None:
    assert not kept.problems, kept.told
