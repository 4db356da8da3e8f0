"""Bitzoom: USDT perpetuals. Experimental: its papers contradict each other and no live answer is known."""

from unified_bitzoom.adapter import Bitzoom

__all__ = ["Bitzoom"]
