"""Wrong readings of Bitzoom's codes that circulate, and the right ones. Classifies nothing: errors.csv does."""

from __future__ import annotations

from unified.catalogue import Misreading

_PAGE = "bitzoom-futures/futures.doc, docs/errors.md at 42521de (2026-02-13)"

MISREADINGS: tuple[Misreading, ...] = (
    Misreading(
        code="-1121",
        claim="The symbol is unknown, as at Binance.",
        truth="The symbol does not trade now; an unknown symbol is -1120.",
        source=_PAGE,
    ),
    Misreading(
        code="-2013",
        claim="There is no such order, as at Binance.",
        truth="The order has filled already; no such order is -2011.",
        source=_PAGE,
    ),
    Misreading(
        code="-2015",
        claim="Key, address or permission was refused, as at Binance.",
        truth="The side of the order is wrong. Keys are refused with -2014, -1022 or HTTP 401 and 403.",
        source=_PAGE,
    ),
)
