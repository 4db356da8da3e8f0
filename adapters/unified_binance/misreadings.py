"""Wrong readings of Binance's codes that circulate, and the right ones. Classifies nothing: errors.csv does."""

from __future__ import annotations

from unified.catalogue import Misreading

_SPOT = "Binance spot API documentation, errors.md and rest-api.md (2026-07-21)"
_BOTH = "Binance spot errors.md (2026-07-21); USD-M error codes (2026-05-28)"

MISREADINGS: tuple[Misreading, ...] = (
    Misreading(
        code="-2011",
        claim="The balance does not suffice.",
        truth=(
            "The cancel was refused, mostly because no live order has that id. A missing balance is -2010 with that "
            "text on spot, -2018 or -2019 on USD-M futures."
        ),
        source=_BOTH,
    ),
    Misreading(
        code="-2015",
        claim="A rate limit was reached.",
        truth=(
            "Key, address or permission was refused: one answer for three causes. Limits are -1003 and -1015, with "
            "HTTP 429 or 418."
        ),
        source=_BOTH,
    ),
    Misreading(
        code="-1021",
        claim="A timestamp may be 30 s off.",
        truth="It may be 5 s late unless recvWindow says otherwise (60 s at most), and less than 1 s ahead.",
        source=_SPOT,
    ),
    Misreading(
        code="-2021",
        claim="The number means the same on every product.",
        truth="On spot one half of a cancel-and-replace failed; on USD-M futures the order would trigger at once.",
        source=_BOTH,
    ),
    Misreading(
        code="-2022",
        claim="The number means the same on every product.",
        truth="On spot both halves of a cancel-and-replace failed; on USD-M futures a reduce-only order was refused.",
        source=_BOTH,
    ),
    Misreading(
        code="-1007",
        claim="The order failed and may be sent again.",
        truth="The backend timed out and the order may be live. Query it by its client order id first.",
        source=f"{_SPOT}; a blind repeat met its own order in nautechsystems/nautilus_trader issue 4215",
    ),
    Misreading(
        code="503",
        claim="The order failed.",
        truth=(
            "On USD-M futures the text decides: 'Unknown error' leaves the outcome open, the other documented texts "
            "are failures. On spot every 5xx leaves it open."
        ),
        source=f"{_BOTH}; an order taken as failed filled seconds later in hummingbot/hummingbot issue 6033",
    ),
)
