"""Paper: a simulated spot venue in memory, and the smallest complete adapter."""

from unified_paper.adapter import Paper

__all__ = ["Paper"]
