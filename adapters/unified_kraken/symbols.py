"""Assets and pairs: the listing, and the many names that Kraken has for one thing. Never cuts a name into parts.

A pair has an id (`XXBTZUSD`, the key of every answer), an altname (`XBTUSD`, in orders) and a wsname (`XBT/USD`). An
asset has an id (`XXBT`) and an altname (`XBT`), and the world says BTC. The id of the pair is the symbol here.

Source: docs.kraken.com, rest-api get-asset-info and get-tradable-asset-pairs (2026-05-27).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from attrs import field

from unified.adapter import Steps
from unified.instrument import ZERO, Instrument, Instruments, InstrumentStatus, Product, unlisted
from unified.operations import FetchInstruments, ListingOperation, Operation, Priority
from unified.values import frozen
from unified.wire import Json, decimal_or_none, integer, obj, positive_or_none, text, text_or_none

_COMMON = {"XBT": "BTC", "XDG": "DOGE"}
"""Kraken's own names for two assets."""
_LEGACY = {
    "XXBT": "BTC",
    "XXDG": "DOGE",
    "XETC": "ETC",
    "XETH": "ETH",
    "XLTC": "LTC",
    "XMLN": "MLN",
    "XREP": "REP",
    "XXLM": "XLM",
    "XXMR": "XMR",
    "XXRP": "XRP",
    "XZEC": "ZEC",
    "ZAUD": "AUD",
    "ZCAD": "CAD",
    "ZEUR": "EUR",
    "ZGBP": "GBP",
    "ZJPY": "JPY",
    "ZUSD": "USD",
}
"""The ids of the first years, which are not the altname; later assets have one name only (list of 2026-05-27)."""


@frozen
class Assets:
    """Names of assets by id, as the venue's list tells them."""

    _altnames: Mapping[str, str] = field(factory=dict, repr=False)

    def name(self, asset: str) -> str:
        """The common name of an asset id; a suffix such as `.F` stays."""
        stem, dot, suffix = asset.partition(".")
        altname = self._altnames.get(stem)
        known = _LEGACY.get(stem, stem) if altname is None else altname
        return f"{_COMMON.get(known, known)}{dot}{suffix}"


NO_ASSETS = Assets()


def is_view(asset: str) -> bool:
    """Whether the id is a view on what earns or is staked (`XBT.F`, `ETH2.S`): nothing trades under such a name."""
    return "." in asset


def has_one_name(asset: str) -> bool:
    """Whether the name is known without the list: only four-letter ids with X or Z in front may differ from it."""
    stem = asset.partition(".")[0]
    return stem in _LEGACY or len(stem) != 4 or stem[0] not in "XZ"


# --- the listing takes two calls: pairs name their assets by id


class FetchAssets(Operation[Assets]):
    """The names of all assets."""

    __slots__ = ()
    name = "assets"
    priority = Priority.PUBLIC_READ


@frozen(kw_only=True)
class FetchPairs(Operation[tuple[Instrument, ...]]):
    """All pairs, their assets named by `assets`."""

    name = "pairs"
    priority = Priority.PUBLIC_READ
    assets: Assets = field(eq=False, hash=False)


def fetch_instruments(operation: FetchInstruments) -> Steps[tuple[Instrument, ...]]:
    assets: Assets = yield FetchAssets(product=operation.product)
    pairs: tuple[Instrument, ...] = yield FetchPairs(product=operation.product, assets=assets)
    return pairs


def parse_assets(_operation: FetchAssets, result: Json) -> Assets:
    return Assets({asset: text(obj(row, asset), "altname") for asset, row in obj(result, "result").items()})


def parse_pairs(operation: FetchPairs, result: Json) -> tuple[Instrument, ...]:
    """Dark-pool pairs of older lists (altname with `.d`) would share the names of the pairs that trade."""
    found = ((pair, obj(row, pair)) for pair, row in obj(result, "result").items())
    return tuple(
        _instrument(operation.assets, pair, row) for pair, row in found if not text(row, "altname").endswith(".d")
    )


_STATUS = {
    "online": InstrumentStatus.TRADING,
    "cancel_only": InstrumentStatus.RESTRICTED,
    "post_only": InstrumentStatus.RESTRICTED,
    "limit_only": InstrumentStatus.RESTRICTED,
    "reduce_only": InstrumentStatus.RESTRICTED,
}


def _instrument(assets: Assets, pair: str, row: Mapping[str, Any]) -> Instrument:
    names = dict.fromkeys(name for name in (text(row, "altname"), text_or_none(row, "wsname")) if name and name != pair)
    return Instrument(
        symbol=pair,
        product=Product.SPOT,
        base=assets.name(text(row, "base")),
        quote=assets.name(text(row, "quote")),
        # Written with all the decimals of a price, which the checksum of a streamed book counts.
        tick_size=_with_places(positive_or_none(row, "tick_size"), _step(row, "pair_decimals")),
        lot_size=_step(row, "lot_decimals"),
        min_quantity=decimal_or_none(row, "ordermin") or ZERO,
        min_notional=decimal_or_none(row, "costmin") or ZERO,
        quote_step=_step(row, "cost_decimals"),
        status=_STATUS.get(text_or_none(row, "status") or "", InstrumentStatus.CLOSED),
        aliases=tuple(names),
    )


def _with_places(tick: Decimal | None, step: Decimal) -> Decimal:
    """The tick, in at least as many decimals as the step."""
    return step if tick is None else tick + 0 * step


def _step(row: Mapping[str, Any], key: str) -> Decimal:
    """The step of a number with so many decimals."""
    return Decimal(1).scaleb(-min(max(integer(row, key), 0), 18))


# --- finding an instrument by what an answer calls it


def names_of(instrument: Instrument) -> tuple[str, ...]:
    """Every spelling that an answer may use."""
    return instrument.symbol, *instrument.aliases, f"{instrument.base}/{instrument.quote}"


def is_wanted(operation: ListingOperation[Any], instrument: Instrument) -> bool:
    """Whether an operation on one instrument or all is about this one. Its rules may have changed meanwhile."""
    return operation.instrument is None or operation.instrument.symbol == instrument.symbol


@lru_cache(maxsize=8)
def _by_name(listing: Instruments) -> Mapping[str, Instrument]:
    spot = [item for item in listing if item.product is Product.SPOT]
    found = {name: item for item in spot for name in names_of(item)}
    return {**found, **{item.symbol: item for item in spot}}


def listed(listing: Instruments, name: str) -> Instrument | None:
    """The instrument that an answer calls so, if the listing holds it."""
    return _by_name(listing).get(name)


def instrument_in(listing: Instruments, name: str) -> Instrument:
    """The instrument of a row; a stand-in where the listing does not hold it."""
    return listed(listing, name) or unlisted(name, Product.SPOT)
