"""What a figure is: something promised, what was measured, and whether the promise holds. Measures nothing."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Figure:
    """One row of the table."""

    what: str
    required: str
    measured: str
    holds: bool
    by_machine: bool = False
    """It is CPU time, so that a slow or busy machine may miss it without a defect."""


@frozen(kw_only=True)
class Sizes:
    """How much is run for the figures."""

    requests: int
    """Per venue, spread over its rules."""
    acquires: int
    waiters: int
    clocks: int
    """Simulated clocks, eight samples each."""
    signed_calls: int
    faulty_calls: int
    ban_seconds: int
    soak_seconds: float
    book_frames: int
    """Applied per venue and product, through faults."""
    gaps: int
    """Of one book, a minute apart, per venue and product."""
    disconnects: int
    """Forced, over all venues and products."""
    silences: int
    """Per venue and product."""


QUICK = Sizes(
    requests=6000,
    acquires=3000,
    waiters=1000,
    clocks=100,
    signed_calls=600,
    faulty_calls=100,
    ban_seconds=100,
    soak_seconds=20,
    book_frames=400,
    gaps=3,
    disconnects=70,
    silences=2,
)
USUAL = Sizes(
    requests=1_000_000,
    acquires=100_000,
    waiters=10_000,
    clocks=10_000,
    signed_calls=100_000,
    faulty_calls=2000,
    ban_seconds=600,
    soak_seconds=60,
    book_frames=20_000,
    gaps=50,
    disconnects=1_000,
    silences=10,
)
LONG = Sizes(
    requests=1_000_000,
    acquires=1_000_000,
    waiters=10_000,
    clocks=100_000,
    signed_calls=100_000,
    faulty_calls=20_000,
    ban_seconds=3600,
    soak_seconds=1800,
    book_frames=1_000_000,
    gaps=500,
    disconnects=10_000,
    silences=100,
)


def none_of(what: str, found: int, among: str, *, also: bool = True) -> Figure:
    """A figure that must be zero; `also` must hold beside it for the zero to mean anything."""
    return Figure(what=what, required="0", measured=f"{found} of {among}", holds=found == 0 and also)
