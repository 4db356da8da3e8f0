"""Kraken: spot."""

from unified_kraken.adapter import Kraken

__all__ = ["Kraken"]
