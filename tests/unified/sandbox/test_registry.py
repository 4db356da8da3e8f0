"""Sandboxes by venue, as installed distributions announce them."""

from __future__ import annotations

import pytest

from unified.errors import ConfigurationError
from unified.sandbox.dialect import Dialect
from unified.sandbox.registry import installed, sandbox_class


def test_what_is_installed_can_be_had() -> None:
    for venue in installed():
        found = sandbox_class(venue)
        assert issubclass(found, Dialect)
        assert found.name == venue


def test_a_venue_without_a_sandbox_names_those_that_have_one() -> None:
    with pytest.raises(ConfigurationError, match="no sandbox for 'atlantis'"):
        sandbox_class("atlantis")
