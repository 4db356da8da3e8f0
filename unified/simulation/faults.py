"""The faults of the proof: those of the sandbox, and under `harsh` a rougher mix for all but time questions.

Decides only; the sandbox's reception carries it out.
"""

from __future__ import annotations

from random import Random

from attrs import evolve

from unified.sandbox.faults import Fate, FaultPlan, Mishap, Profile

_ROUGHER = ((Mishap.LOST_REQUEST, 0.025), (Mishap.LATE, 0.04), (Mishap.LOST_ANSWER, 0.03))
"""Shares of requests that meet these beside what the sandbox deals out."""
_LATE_S = (0.5, 8.0)
_BLIND_SHARE, _BLIND_S = 0.3, 2.9
"""Share of orders that queries do not show at once, and for how long at most: within what every venue promises."""


class Mixture(FaultPlan):
    """Requests lost or late by up to eight seconds, answers lost, queries blind for almost three."""

    def __init__(self, profile: Profile, seed: int) -> None:
        super().__init__(profile, seed)
        self._mix = Random(f"{seed}/mixture")

    def fate(self, route: str, *, is_time: bool) -> Fate:
        fate = super().fate(route, is_time=is_time)
        if self.profile is not Profile.HARSH or is_time or fate.mishap is not Mishap.NONE:
            return fate
        drawn = self._mix.random()
        for mishap, share in _ROUGHER:
            drawn -= share
            if drawn < 0:
                self.happened[mishap] += 1
                return evolve(fate, mishap=mishap, delay_s=self._mix.uniform(*_LATE_S))
        return fate

    def visibility_us(self, order_id: int) -> int:
        if self.profile is not Profile.HARSH:
            return super().visibility_us(order_id)
        chance = Random(f"{self.seed}/order/{order_id}")
        return round(chance.random() * _BLIND_S * 1_000_000) if chance.random() < _BLIND_SHARE else 0
