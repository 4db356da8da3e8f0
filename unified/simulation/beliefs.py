"""What a trading program wanted, and what its client told it about each order. Judges nothing."""

from __future__ import annotations

from enum import StrEnum

from attrs import define, field

from unified.errors import Outcome
from unified.operations import PlaceOrder


class Belief(StrEnum):
    """What the program takes for true of one order."""

    WANTED = "wanted"
    """Its call has not ended: the program died before it did."""
    DONE = "done"
    REJECTED = "rejected"
    """Refused, never sent, or proved absent."""
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, outcome: Outcome) -> Belief:
        match outcome:
            case Outcome.DONE:
                return cls.DONE
            case Outcome.UNKNOWN:
                return cls.UNKNOWN
        return cls.REJECTED


@define
class Beliefs:
    """Everything that one run wanted at one venue; outlives the crashes of the program."""

    of: dict[str, Belief] = field(factory=dict)
    """By client order id."""
    amended: dict[str, Belief] = field(factory=dict)
    """What became of the one amendment of an order, by client order id."""
    orders: dict[str, PlaceOrder] = field(factory=dict)
    deadlines: dict[str, float] = field(factory=dict)
    """Loop seconds until which a copy may be sent."""
    unknown: int = 0
    """Calls that ended with an outcome `unknown`."""
    settled: dict[Outcome, int] = field(factory=dict)
    """How doubts ended in the background."""
    kinds: dict[str, int] = field(factory=dict)
    """Errors that calls ended with."""

    def undecided(self) -> tuple[str, ...]:
        """Orders of which nothing is known, in the order in which they were wanted."""
        return tuple(id_ for id_, belief in self.of.items() if belief is Belief.UNKNOWN)
