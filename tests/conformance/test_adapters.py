"""Every installed adapter keeps the contract: what a third party's adapter is judged by, ours are judged by too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from unified.registry import installed
from unified.testing.plugin import Kept

Test = Callable[[Kept], None]


def of_each_installed(test: Test) -> Test:
    """Marked with every adapter of this environment."""
    for name in reversed(installed()):
        test = pytest.mark.unified_adapter(name)(test)
    return test


def test_there_is_something_to_judge() -> None:
    assert {"binance", "binanceus", "bitzoom", "bybit", "coinbase", "kraken", "okx", "paper"} <= set(installed())


@of_each_installed
def test_the_contract_is_kept(kept: Kept) -> None:
    assert not kept.problems, kept.told
