"""What no two requests of a key may share: numbers that only rise, one `NonceSource` per key, and one-time words.

Venues without a time check ask for such a number with each request.

Reads no clock: the wall clock's nanoseconds arrive as an argument. It also keeps no order on the wire. Requests
that overtake each other are refused however well they are numbered, so a key with nonces has a limit of
`Concurrency(1)` in its adapter's table, and the limiter lets the next request go when the last one is answered.

Nanoseconds for ever: a venue compares with the highest nonce that the key has ever used, so a key that once
sent nanoseconds is refused every number of a coarser unit, by any program, until it is replaced.

Several processes on one key draw from the same wall clock, so their numbers differ, but nothing keeps them in
order on the wire: the later number may arrive first, and the earlier is refused with `nonce_rejected`, nothing
done. The retry policy repeats such a call once. Where it happens often, give each process a key of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from unified.errors import Fault, Kind, Outcome, Scope, VenueError

LARGEST = 2**64 - 1
"""Venues keep a nonce as an unsigned 64-bit integer (Kraken: API key settings, read 2026-11)."""


class NonceSource:
    """The nonces of one key. Rising across restarts too, as far as the wall clock does not go back."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, wall_ns: int) -> int:
        """A nonce above all before it: the wall clock's nanoseconds since the epoch, or one more than the last.

        Raises VenueError (`nonce_rejected`, not_sent) where the key has no number left.
        """
        nonce = max(self._last + 1, wall_ns)
        if nonce > LARGEST:
            hint = "This key has used the largest nonce there is and is refused for ever: make a new key."
            raise VenueError.of(Fault(kind=Kind.NONCE_REJECTED, outcome=Outcome.NOT_SENT, scope=Scope.KEY, hint=hint))
        self._last = nonce
        return nonce


class TokenSource:
    """Words of 32 random hex digits. Many are drawn at once, since the system's chance is dear to ask."""

    def __init__(self, getrandbits: Callable[[int], int]) -> None:
        self._getrandbits = getrandbits
        self._words: list[str] = []

    def next(self) -> str:
        """A word that was never given out before, as far as chance goes."""
        if not self._words:
            drawn = f"{self._getrandbits(128 * _AT_ONCE):0{32 * _AT_ONCE}x}"
            self._words = [drawn[start : start + 32] for start in range(0, len(drawn), 32)]
        return self._words.pop()


_AT_ONCE = 32
