"""Settings of the property tests and of the garbage collector, and the watch over secrets in every log record."""

from __future__ import annotations

import gc
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

# Thousands of tests are kept from the beginning to the end. By default a quarter of the time in which they are
# collected goes into looking among them for garbage, and a fifteenth of the time of simulations.
gc.set_threshold(50_000, 20, 50)

pytest_plugins = ["unified.testing.plugin"]

canary.install()


def pytest_collection_finish() -> None:
    """None of what was collected will ever be garbage."""
    gc.freeze()


@pytest.fixture(autouse=True)
def no_secret_in_any_log() -> Iterator[None]:
    """Every test: no record that the library logs, at any level, shows a secret or a signature."""
    logger = logging.getLogger("unified")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(before)
    assert canary.WATCH.leaked() == [], "a secret was logged"
