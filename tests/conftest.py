"""Settings of the property tests, and the watch over secrets in every log record of the suite."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import canary

# The same examples in every run: a failure that a change did not cause would teach people to run tests twice.
# No deadline: a busy machine is not a defect.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

pytest_plugins = ["unified.testing.plugin"]

canary.install()


@pytest.fixture(autouse=True)
def no_secret_in_any_log() -> Iterator[None]:
    """Every test: no record that the library logs, at any level, shows a secret or a signature."""
    logger = logging.getLogger("unified")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(before)
    assert canary.WATCH.leaked() == [], "a secret was logged"
