"""Settings of the property tests. Holds no fixture."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run: a failure that a change did not cause would teach people to run tests twice.
# No deadline: a busy machine is not a defect.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

pytest_plugins = ["unified.testing.plugin"]
