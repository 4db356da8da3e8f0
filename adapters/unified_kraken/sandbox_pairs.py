"""The assets and pairs of Kraken's sandbox, under all their names. Trades nothing.

Inside, the engine knows assets and pairs by Kraken's ids (`XXBT`, `XXBTZUSD`). Rules are those that
AssetPairs told in November 2025 and earlier, rounded to plausible values; margin is not offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.listing import FeeRates, Listing, MarketMode
from unified.sandbox.wording import plain
from unified_kraken.sandbox_call import Refused
from unified_kraken.sandbox_keys import TIERS

TAKER_FEES = ((0, 40), (10_000, 35))
"""30-day volume in USD from which a fee holds, and the fee in hundredths of a percent."""
MAKER_FEES = ((0, 25), (10_000, 20))


def rates(volume: int) -> FeeRates:
    """The fees of an account with a 30-day volume, as fractions."""
    maker, taker = (Decimal(fee_at(schedule, volume)) / 10_000 for schedule in (MAKER_FEES, TAKER_FEES))
    return FeeRates(maker=maker, taker=taker)


def fee_at(schedule: Iterable[tuple[int, int]], volume: int) -> int:
    """In hundredths of a percent."""
    return [fee for least, fee in schedule if volume >= least][-1]


@frozen(kw_only=True)
class Asset:
    """One currency."""

    id: str
    altname: str
    decimals: int
    display: int
    common: str
    """Its name in `assetVersion=1` and on WebSocket v2: BTC for XBT."""

    def row(self) -> dict[str, Any]:
        return {
            "aclass": "currency",
            "altname": self.altname,
            "decimals": self.decimals,
            "display_decimals": self.display,
            "collateral_value": 1,
            "status": "enabled",
        }


@frozen(kw_only=True)
class Pair:
    """One market and its names."""

    id: str
    altname: str
    base: Asset
    quote: Asset
    price_decimals: int
    tick: Decimal
    least: Decimal
    """`ordermin`, base units."""
    price: Decimal
    """Where the simulated market begins."""
    lot_decimals: int = 8
    cost_decimals: int = 5
    cost_least: Decimal = Decimal("0.5")

    @property
    def wsname(self) -> str:
        return f"{self.base.altname}/{self.quote.altname}"

    @property
    def common(self) -> str:
        return f"{self.base.common}/{self.quote.common}"

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling that a parameter `pair` may have."""
        return self.id, self.altname, self.wsname, self.common

    def listing(self) -> Listing:
        return Listing(
            instrument=Instrument(
                symbol=self.id,
                product=Product.SPOT,
                base=self.base.id,
                quote=self.quote.id,
                tick_size=self.tick,
                lot_size=Decimal(1).scaleb(-self.lot_decimals),
                min_quantity=self.least,
                min_notional=self.cost_least,
                quote_step=Decimal(1).scaleb(-self.cost_decimals),
            ),
            price=self.price,
            max_open_orders=max(tier.open_orders for tier in TIERS),
        )

    def row(self, mode: MarketMode, *, common: bool) -> dict[str, Any]:
        """The entry of AssetPairs."""
        return {
            "altname": self.common if common else self.altname,
            "wsname": self.wsname,
            "aclass_base": "currency",
            "base": self.base.common if common else self.base.id,
            "aclass_quote": "currency",
            "quote": self.quote.common if common else self.quote.id,
            "lot": "unit",
            "cost_decimals": self.cost_decimals,
            "pair_decimals": self.price_decimals,
            "lot_decimals": self.lot_decimals,
            "lot_multiplier": 1,
            **self.leverage(),
            **self.fees(),
            **self.margin(),
            "ordermin": plain(self.least),
            "costmin": plain(self.cost_least),
            "tick_size": plain(self.tick),
            "status": _STATUS[mode],
        }

    @staticmethod
    def leverage() -> dict[str, Any]:
        return {"leverage_buy": [], "leverage_sell": []}

    @staticmethod
    def fees() -> dict[str, Any]:
        schedules = {"fees": TAKER_FEES, "fees_maker": MAKER_FEES}
        tables = {name: [[least, fee / 100] for least, fee in steps] for name, steps in schedules.items()}
        return {**tables, "fee_volume_currency": "ZUSD"}

    @staticmethod
    def margin() -> dict[str, Any]:
        return {"margin_call": 80, "margin_stop": 40}


_STATUS: Mapping[MarketMode, str] = {
    MarketMode.OPEN: "online",
    MarketMode.POST_ONLY: "post_only",
    MarketMode.CANCEL_ONLY: "cancel_only",
    MarketMode.CLOSED: "cancel_only",
}

XBT = Asset(id="XXBT", altname="XBT", decimals=10, display=5, common="BTC")
ETH = Asset(id="XETH", altname="ETH", decimals=10, display=5, common="ETH")
SOL = Asset(id="SOL", altname="SOL", decimals=10, display=5, common="SOL")
XDG = Asset(id="XXDG", altname="XDG", decimals=8, display=2, common="DOGE")
USD = Asset(id="ZUSD", altname="USD", decimals=4, display=2, common="USD")
USDT = Asset(id="USDT", altname="USDT", decimals=8, display=4, common="USDT")
ASSETS = (XBT, ETH, SOL, XDG, USD, USDT)


def _bitcoin(pair_id: str, altname: str, quote: Asset) -> Pair:
    return Pair(
        id=pair_id,
        altname=altname,
        base=XBT,
        quote=quote,
        price_decimals=1,
        tick=Decimal("0.1"),
        least=Decimal("0.00005"),
        price=Decimal(60_000),
    )


def _ether(pair_id: str, altname: str, quote: Asset) -> Pair:
    return Pair(
        id=pair_id,
        altname=altname,
        base=ETH,
        quote=quote,
        price_decimals=2,
        tick=Decimal("0.01"),
        least=Decimal("0.001"),
        price=Decimal(3_000),
    )


PAIRS = (
    _bitcoin("XXBTZUSD", "XBTUSD", USD),
    _ether("XETHZUSD", "ETHUSD", USD),
    _bitcoin("XBTUSDT", "XBTUSDT", USDT),
    _ether("ETHUSDT", "ETHUSDT", USDT),
    Pair(
        id="SOLUSD",
        altname="SOLUSD",
        base=SOL,
        quote=USD,
        price_decimals=2,
        tick=Decimal("0.01"),
        least=Decimal("0.02"),
        price=Decimal(150),
    ),
    Pair(
        id="XDGUSD",
        altname="XDGUSD",
        base=XDG,
        quote=USD,
        price_decimals=7,
        tick=Decimal("0.0000005"),
        least=Decimal(13),
        price=Decimal("0.15"),
    ),
)
"""The first is bitcoin against dollars. The last has a base whose id is not the beginning of its own, and a
tick coarser than its decimals, so that the two rules can be told apart."""

_BY_NAME = {name: pair for pair in PAIRS for name in pair.names}
_BY_ASSET = {name: asset for asset in ASSETS for name in (asset.id, asset.altname, asset.common)}


def pair_of(name: str) -> Pair:
    """By any of its names. Refuses an unknown one."""
    if name not in _BY_NAME:
        raise Refused("EQuery:Unknown asset pair")
    return _BY_NAME[name]


def asset_of(name: str) -> Asset:
    """By any of its names. Refuses an unknown one."""
    if name not in _BY_ASSET:
        raise Refused("EQuery:Unknown asset")
    return _BY_ASSET[name]
