"""Holds what a venue has against what its client believed. Runs nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import frozen

from unified.instrument import ZERO
from unified.order import OrderStatus
from unified.sandbox.orders import VenueOrder
from unified.simulation.beliefs import Belief, Beliefs


@frozen(kw_only=True)
class Judgement:
    """Client order ids by what went wrong with them, in the order in which they were wanted."""

    orders: int
    """Orders of the client at the venue."""
    duplicates: tuple[str, ...]
    """More than one order came of them."""
    false_rejected: tuple[str, ...]
    """The client said that no order exists; one does."""
    false_done: tuple[str, ...]
    """The client said that the order exists; the venue never took one."""
    forgotten: tuple[str, ...]
    """An order exists and nobody knows of it."""
    false_amended: tuple[str, ...]
    """The client said that the order has its new terms, or that it has not; the venue has it otherwise."""
    undecided: tuple[str, ...]
    """Still in doubt at the end. No broken promise, but every one of them is told."""

    @property
    def broken(self) -> Mapping[str, Sequence[str]]:
        """Promise -> the ids for which it was broken."""
        return {
            "duplicates": self.duplicates,
            "false_rejected": self.false_rejected,
            "false_done": self.false_done,
            "forgotten": self.forgotten,
            "false_amended": self.false_amended,
        }


def judge(orders: Sequence[VenueOrder], beliefs: Beliefs) -> Judgement:
    """Compare the venue's orders with the beliefs of a program that has ended."""
    taken: defaultdict[str, list[VenueOrder]] = defaultdict(list)
    for order in orders:
        taken[order.asked.client_order_id or ""].append(order)
    lived = {id_: sum(map(_took_effect, same)) for id_, same in taken.items()}
    of = beliefs.of
    return Judgement(
        orders=sum(lived.values()),
        duplicates=tuple(id_ for id_, count in lived.items() if count > 1),
        false_rejected=tuple(id_ for id_, belief in of.items() if belief is Belief.REJECTED and lived.get(id_)),
        false_done=tuple(id_ for id_, belief in of.items() if belief is Belief.DONE and id_ not in taken),
        forgotten=tuple(id_ for id_, count in lived.items() if count and of.get(id_, Belief.WANTED) is Belief.WANTED),
        false_amended=tuple(
            id_ for id_, belief in beliefs.amended.items() if _is_told_wrongly(belief, taken.get(id_, ()))
        ),
        undecided=beliefs.undecided(),
    )


def _is_told_wrongly(amended: Belief, orders: Sequence[VenueOrder]) -> bool:
    took_effect = any(order.amendments for order in orders)
    return amended is (Belief.REJECTED if took_effect else Belief.DONE)


def _took_effect(order: VenueOrder) -> bool:
    """An order that the matching engine refused after its acknowledgement never lived."""
    return order.status is not OrderStatus.REJECTED or order.filled_quantity > ZERO
