"""Wrong readings of OKX codes that circulate, and the right ones. Classifies nothing: errors.csv does."""

from __future__ import annotations

from unified.catalogue import Misreading

_PUBLIC = "OKX API v5 documentation, error codes, public (2026-07-20)"
_FUNDING = "OKX API v5 documentation, error codes, funding (2026-07-12)"
_TRADE = "OKX API v5 documentation, error codes (2026-07-13) and order book trading (2026-06-30)"

MISREADINGS: tuple[Misreading, ...] = (
    Misreading(
        code="58113",
        claim="The address is not on the key's allow-list.",
        truth="This crypto cannot be transferred. The address is 50110.",
        source=_FUNDING,
    ),
    Misreading(
        code="58005",
        claim="The signature does not verify.",
        truth="A savings amount is above its bound. The signature is 50113, at the WebSocket login 60007.",
        source=_FUNDING,
    ),
    Misreading(
        code="50004",
        claim="A rate limit was reached.",
        truth=(
            "The endpoint timed out, and success or failure is undecided: query before repeating a write. Limits are "
            "50011 and 50061."
        ),
        source=_PUBLIC,
    ),
    Misreading(
        code="58007",
        claim="The timestamp is too old.",
        truth="The assets service is down. The timestamp is 50102, at the WebSocket login 60006.",
        source=_FUNDING,
    ),
    Misreading(
        code="50113",
        claim="A rate limit that goes away when the request is repeated.",
        truth="The signature does not verify, and repeating it unchanged fails again.",
        source=_PUBLIC,
    ),
    Misreading(
        code="51019",
        claim="A post-only order would take.",
        truth=(
            "Options may not be net long in cross mode. A post-only order that would take is accepted and then "
            "canceled with cancelSource 31; 51511 is for amendments."
        ),
        source=_TRADE,
    ),
)
