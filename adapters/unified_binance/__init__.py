"""Binance: spot and USD-M linear perpetuals."""

from unified_binance.adapter import Binance

__all__ = ["Binance"]
