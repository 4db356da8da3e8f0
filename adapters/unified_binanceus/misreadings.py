"""Wrong readings of Binance.US codes that circulate, and the right ones. Classifies nothing: errors.csv does."""

from __future__ import annotations

from unified.catalogue import Misreading

_DOCS = "binance-us/binance-us-api-docs, errors.md at 6b62304 (2024-06-17)"

MISREADINGS: tuple[Misreading, ...] = (
    Misreading(
        code="-9000 to -9011",
        claim="Each filter has a code of its own.",
        truth=(
            "The venue documents none of these numbers. A filter failure is a text in the message of -1013 or -2010, "
            "such as 'Filter failure: LOT_SIZE'."
        ),
        source=_DOCS,
    ),
    Misreading(
        code="-1013",
        claim="The quantity is wrong.",
        truth="Any refusal before the engine, filters of price and value included; the message says which.",
        source="Seen in live answers (ccxt 4.5.90, 2026-10); the published list (2024-06-17) omits -1013",
    ),
    Misreading(
        code="-1127",
        claim="The listen key is not valid.",
        truth="The time range is too wide. An unknown or expired listen key is -1125.",
        source=_DOCS,
    ),
    Misreading(
        code="-2018 to -2020, -2024, -2025",
        claim="Binance.US answers with these.",
        truth=(
            "They are futures codes of Binance or unpublished; the list of Binance.US, which has no futures, holds "
            "none of them."
        ),
        source=_DOCS,
    ),
)
