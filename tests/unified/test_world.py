"""The machine's chance and clocks."""

from __future__ import annotations

from unified.world import SystemClock, boottime, real_world


def test_the_machines_clocks_go_forward() -> None:
    assert boottime() <= boottime()
    assert SystemClock().time_ns() > 1_700_000_000 * 10**9


def test_the_real_world_has_chance_and_time() -> None:
    real = real_world()
    assert 0 <= real.chance.random() < 1
    assert 0 <= real.chance.getrandbits(8) < 256
    assert real.wall.time_ns() > 1_700_000_000 * 10**9
    assert real.boottime() > 0
