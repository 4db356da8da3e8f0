"""Binance.US: spot."""

from unified_binanceus.adapter import BinanceUs

__all__ = ["BinanceUs"]
