"""Bybit: spot and USDT-settled linear perpetuals of a unified account."""

from unified_bybit.adapter import Bybit

__all__ = ["Bybit"]
