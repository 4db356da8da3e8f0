"""What an account holds at a simulated spot door. Tells no fees by symbol and no settings, which differ by venue.

Source: Binance spot `rest-api.md` (2026-07-21).
"""

from __future__ import annotations

from unified.instrument import ZERO, Product
from unified_binance_dialect.sandbox_calls import Call
from unified_binance_dialect.sandbox_market import order_rates
from unified_binance_dialect.sandbox_rows import Row, spot8


def spot_account(call: Call) -> Row:
    wallet, rates = call.account.spot, call.engine.fees(call.account, Product.SPOT)
    only_some = call.fields.flag("omitZeroBalances")
    return {
        "makerCommission": int(rates.maker * 10_000),
        "takerCommission": int(rates.taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": spot8(rates.maker),
            "taker": spot8(rates.taker),
            "buyer": spot8(ZERO),
            "seller": spot8(ZERO),
        },
        "canTrade": call.may_trade,
        "canWithdraw": False,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": call.time(max((fill.time_us for fill in call.account.fills[-1:]), default=call.engine.now_us)),
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": spot8(wallet.free(asset)), "locked": spot8(wallet.held.get(asset))}
            for asset, total in wallet.total.items()
            if total or not only_some
        ],
        "permissions": ["SPOT"],
        "uid": 354_900_000,
    }


def order_counts(call: Call) -> list[Row]:
    """How many orders stand against each limit of orders."""
    return [{**rate, "count": count} for rate, count in zip(order_rates(call), call.counts(), strict=True)]
