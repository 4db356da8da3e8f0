"""Wrong readings of Coinbase's errors that circulate, and the right ones. Classifies nothing: errors.csv does."""

from __future__ import annotations

from unified.catalogue import Misreading

_SDK = "coinbase/coinbase-advanced-py"

MISREADINGS: tuple[Misreading, ...] = (
    Misreading(
        code="401",
        claim="The key or its signature is wrong, for good.",
        truth=(
            "Advanced Trade answers a bare 'Unauthorized' to a bad key, a wrong uri claim, a clock that is off and a "
            "foreign address alike, and at times to a valid token. Check the clock and sign once more, then give up."
        ),
        source=f"{_SDK} issues 19 (2024-02), 60 (2024-07) and 132 (2026-05-30)",
    ),
    Misreading(
        code="request timestamp expired",
        claim="Every Coinbase API takes timestamps that are up to 30 s off.",
        truth=(
            "The 30 s are a rule of Coinbase Exchange and of legacy keys. An Advanced Trade token is refused when "
            "the venue's clock is before its nbf or past its exp."
        ),
        source=f"docs.cdp.coinbase.com, Advanced Trade (2026-08-22) and Exchange (2025-11); {_SDK} issue 19 (2024-02)",
    ),
    Misreading(
        code="success",
        claim="A new order was placed.",
        truth=(
            "With a client_order_id that was used before, the answer names the first order and repeats the second "
            "request's fields. Only fetching the order shows what it is."
        ),
        source=f"docs.cdp.coinbase.com, create order (2026-08-22); {_SDK} issue 49 (2024-05)",
    ),
    Misreading(
        code="authentication failure",
        claim="The WebSocket token is wrong.",
        truth="It may also be a channel name that does not exist, such as 'heartbeat' for 'heartbeats'.",
        source="Seen live and in client code; the pages of docs.cdp.coinbase.com (2026-08-22) do not explain the text",
    ),
)
