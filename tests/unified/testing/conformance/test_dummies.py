from __future__ import annotations

import pytest

from unified.adapter import AdapterSettings
from unified.registry import adapter_class, installed
from unified.secret import Credentials, Secret
from unified.testing.conformance.dummies import secrets, with_credentials
from unified_paper import Paper


@pytest.mark.parametrize("venue", installed())
def test_there_is_a_dummy_for_every_venue(venue: str) -> None:
    assert with_credentials(adapter_class(venue), AdapterSettings(), None) is not None


def test_known_credentials_win_and_wrong_ones_are_not_replaced() -> None:
    known = Credentials(key="known", secret=Secret("known"))
    assert with_credentials(Paper, AdapterSettings(), known) is known
    assert with_credentials(adapter_class("coinbase"), AdapterSettings(), known) is None


def test_dummies_are_alike_every_time() -> None:
    assert secrets() == secrets()
