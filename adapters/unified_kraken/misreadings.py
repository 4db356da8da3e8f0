"""Wrong readings of Kraken's errors that circulate, and the right ones. Classifies nothing: errors.csv does."""

from __future__ import annotations

from unified.catalogue import Misreading

_ERRORS = "Kraken support, article 360001491786 (API errors); docs.kraken.com, guide spot-errors (2026-05-27)"

MISREADINGS: tuple[Misreading, ...] = (
    Misreading(
        code="GeneralPermissionDenied",
        claim="The key lacks a permission.",
        truth="Kraken sends no such string, so it never matches. It is 'EGeneral:Permission denied'.",
        source=_ERRORS,
    ),
    Misreading(
        code="BadSignature",
        claim="The signature does not verify.",
        truth="Kraken sends no such string, so it never matches. It is 'EAPI:Invalid signature'.",
        source=_ERRORS,
    ),
    Misreading(
        code="ErrTooManyRequests",
        claim="A rate limit was reached.",
        truth=(
            "Kraken sends no such string, so it never matches. It is 'EAPI:Rate limit exceeded', and also "
            "'EGeneral:Too many requests', 'EAuth:Too many requests' and 'EOrder:Rate limit exceeded'."
        ),
        source=f"{_ERRORS}; krakenfx/kraken-api-sdk 0.1.0 at 0f71397 (2026-08-14)",
    ),
    Misreading(
        code="EAPI:Invalid nonce",
        claim="The clock is off by more than a few seconds.",
        truth=(
            "Kraken checks no timestamp. The nonce was not above the last one that this key used, for example one in a "
            "finer unit or from another process."
        ),
        source="docs.kraken.com, guide spot-rest-auth (2026-05-27); support.kraken.com, article 360001148023",
    ),
)
