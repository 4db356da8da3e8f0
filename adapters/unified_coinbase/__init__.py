"""Coinbase Advanced Trade: spot."""

from unified_coinbase.adapter import Coinbase

__all__ = ["Coinbase"]
