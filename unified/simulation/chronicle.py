"""What happened to each order, in its order, and one hash of it all. Judges nothing.

The hash covers every event with its virtual time: two runs of one seed are the same run if it is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from hashlib import blake2b

from attrs import frozen

SUBJECTS: ContextVar[tuple[str, ...]] = ContextVar("unified_simulated_orders", default=())
"""The client order ids that the running task is about."""


@frozen
class Event:
    """One thing that happened to an order."""

    at_s: float
    """Virtual seconds since the start of the run."""
    step: str
    """wanted, amending, sent, executed, answered, lost, heard, settled or crashed."""
    client_order_id: str
    detail: str

    def __str__(self) -> str:
        return f"{self.at_s:12.6f}  {self.step:<9} {self.client_order_id}  {self.detail}".rstrip()


class Chronicle:
    """The events of one run at one venue."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._hash = blake2b(digest_size=16)
        self._events: dict[str, list[tuple[float, str, str]]] = {}
        self.events = 0

    def tell(self, step: str, client_order_id: str, detail: str = "") -> None:
        """Something happened now. An empty id is about no order in particular: it only goes into the hash."""
        at_s = self._now()
        self.events += 1
        self._hash.update(f"{at_s:.6f} {step} {client_order_id} {detail}\n".encode())
        if client_order_id:
            self._events.setdefault(client_order_id, []).append((at_s, step, detail))

    def of(self, client_order_id: str) -> tuple[Event, ...]:
        """All that happened to one order."""
        events = self._events.get(client_order_id, ())
        return tuple(Event(at_s, step, client_order_id, detail) for at_s, step, detail in events)

    @property
    def digest(self) -> str:
        """The hash of all events so far, in hexadecimal digits."""
        return self._hash.hexdigest()
