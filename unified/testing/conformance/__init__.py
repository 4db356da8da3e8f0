"""The conformance kit: judges an adapter, built-in or foreign, by the contract. Offline, and alike every time.

`unified conform NAME` runs it; `unified.testing.plugin` runs it in a test suite.
"""

from unified.testing.conformance.judge import Material, conform
from unified.testing.conformance.rules import RULES, Finding, Report, Rule

__all__ = ["RULES", "Finding", "Material", "Report", "Rule", "conform"]
