"""What the words of the error model mean, in one sentence each. Explains; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping

from unified.errors import Kind, Scope

KINDS: Mapping[Kind, str] = {
    Kind.CONNECT_FAILED: "No connection: name, TCP or TLS failed before the request was written.",
    Kind.REQUEST_TIMEOUT: "The request was written and no answer came in time.",
    Kind.CONNECTION_LOST: "The connection died after the request was written.",
    Kind.MALFORMED_RESPONSE: "An answer that cannot be read: a page, cut JSON, a wrong shape.",
    Kind.OVERLOADED: "The venue is too busy and did not take the request.",
    Kind.MAINTENANCE: "Planned or announced down-time.",
    Kind.VENUE_TIMEOUT: "The venue's own backend timed out.",
    Kind.VENUE_FAULT: "An error inside the venue.",
    Kind.RATE_LIMITED: "Too many requests.",
    Kind.ORDER_RATE_LIMITED: "Too many orders, amendments or cancels in a window.",
    Kind.BANNED: "Locked out for a time after a limit was ignored.",
    Kind.TIMESTAMP_OUT_OF_WINDOW: "The timestamp was too old or ahead.",
    Kind.DEADLINE_PASSED: "The request's own deadline was over when it arrived.",
    Kind.NONCE_REJECTED: "The nonce did not increase or was used before.",
    Kind.UNAUTHORIZED: "Refused without saying which of key, signature, clock, address or permission it was.",
    Kind.BAD_CREDENTIALS: "The key is unknown, deleted, expired or malformed, or the passphrase is wrong.",
    Kind.BAD_SIGNATURE: "The signature does not verify.",
    Kind.SESSION_EXPIRED: "A token, listen key or login is over.",
    Kind.PERMISSION_DENIED: "Key or account lacks this permission.",
    Kind.ADDRESS_NOT_ALLOWED: "The caller's address is not on the key's list.",
    Kind.ACCOUNT_RESTRICTED: "The account is frozen, unverified, or barred by its country or an open agreement.",
    Kind.INVALID_REQUEST: "A parameter is missing, malformed, unknown or illegal.",
    Kind.NOT_SUPPORTED: "The venue does not offer this, or not in this account mode.",
    Kind.UNKNOWN_SYMBOL: "No such instrument or currency.",
    Kind.MARKET_CLOSED: "The instrument does not trade: halted, not open yet, settled, delisted.",
    Kind.MARKET_RESTRICTED: "The market takes some orders only: cancels, post-only, limit, reducing.",
    Kind.INVALID_ORDER: "Type, time in force or flags do not go together.",
    Kind.INVALID_PRICE: "The price is off the tick, outside the band or on the wrong side.",
    Kind.INVALID_QUANTITY: "The quantity is off the step, too small or too large.",
    Kind.INVALID_NOTIONAL: "Price times quantity is too small or too large.",
    Kind.INSUFFICIENT_FUNDS: "Balance or margin is too small.",
    Kind.WOULD_TAKE: "A post-only order would match.",
    Kind.WOULD_TRIGGER: "A stop would trigger at once.",
    Kind.UNFILLABLE: "No liquidity, or a fill-or-kill, immediate or slippage rule could not be met.",
    Kind.SELF_TRADE: "The order would match your own.",
    Kind.REDUCE_ONLY_REJECTED: "The order would not reduce a position.",
    Kind.TOO_MANY_OPEN_ORDERS: "A cap on open orders is reached.",
    Kind.DUPLICATE_ORDER: "The client order id was used before: the order is there already.",
    Kind.ORDER_NOT_FOUND: "No such order. It may also be too old or too new to be seen.",
    Kind.ORDER_CLOSED: "Already filled, canceled or expired. For a cancel this counts as done.",
    Kind.ORDER_BUSY: "The order is still being placed, canceled or amended.",
    Kind.POSITION_NOT_FOUND: "Nothing to close or change.",
    Kind.POSITION_LIMIT: "A cap on position, leverage or risk would be passed.",
    Kind.MARGIN_REJECTED: "A change of leverage, margin or position mode was refused.",
    Kind.LIQUIDATING: "The position or account is being liquidated.",
    Kind.NO_CHANGE: "It is so already.",
    Kind.SUBSCRIPTION_REJECTED: "A bad channel or bad arguments.",
    Kind.TOO_MANY_STREAMS: "A cap on connections or subscriptions is reached.",
    Kind.SEQUENCE_GAP: "An update was missed; the local copy is no longer complete.",
    Kind.UNKNOWN: "A code that the venue's catalogue does not hold.",
}

SCOPES: Mapping[Scope, str] = {
    Scope.REQUEST: "This request only.",
    Scope.SYMBOL: "Requests for this instrument or currency.",
    Scope.ORDER: "Requests for this order.",
    Scope.CONNECTION: "What travels on this connection.",
    Scope.ACCOUNT: "Everything of this account.",
    Scope.KEY: "Everything signed with this key.",
    Scope.IP: "Everything from this address.",
    Scope.VENUE: "Everything at this venue.",
}
"""What else will meet a fault of this scope."""
