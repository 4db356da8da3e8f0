"""OKX: spot and USDT-settled linear perpetuals."""

from unified_okx.adapter import Okx

__all__ = ["Okx"]
