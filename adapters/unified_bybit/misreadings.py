"""Wrong readings of Bybit's codes that circulate, and the right ones. Classifies nothing: errors.csv does."""

from __future__ import annotations

from unified.catalogue import Misreading

_DOCS = "Bybit API v5 documentation, error codes (2026-07-20)"

MISREADINGS: tuple[Misreading, ...] = (
    Misreading(
        code="10003",
        claim="The address is not on the key's list.",
        truth=(
            "The API key is not valid here, mostly because it belongs to another environment; on order entry over "
            "WebSocket there are too many sessions. The address is 10010."
        ),
        source=_DOCS,
    ),
    Misreading(
        code="10005",
        claim="The signature does not verify.",
        truth="The key lacks the permission. The signature is 10004.",
        source=_DOCS,
    ),
    Misreading(
        code="10016",
        claim="The symbol is wrong, or a rate limit was reached.",
        truth=(
            "The server failed, and the state of an order is unknown: query it by orderLinkId. The rate limit is 10006."
        ),
        source=_DOCS,
    ),
    Misreading(
        code="110001",
        claim="The funds do not suffice.",
        truth="No such order now: filled, canceled or not visible yet. Missing funds are 110004 and 110007.",
        source=_DOCS,
    ),
)
