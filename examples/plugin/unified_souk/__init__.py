"""Souk, an invented spot venue, for unified-trading."""

from unified_souk.adapter import Souk

__all__ = ["Souk"]
