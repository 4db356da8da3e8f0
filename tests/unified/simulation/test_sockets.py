"""The way to simulated sockets for one life: what passes is told, and nothing passes after the end."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest

from unified.sandbox.faults import Profile
from unified.simulation.chronicle import SUBJECTS, Chronicle
from unified.simulation.process import Process
from unified.simulation.sockets import LifeDialer
from unified.simulation.venue import Line, SimulatedVenue
from unified.testing.loop import run

ORDER = json.dumps({"op": "order", "args": [{"clOrdId": "mine1"}]}, separators=(",", ":"))


class Life:
    def __init__(self, deadline: float) -> None:
        self.place = SimulatedVenue("okx", 1, Profile.NONE, Chronicle(asyncio.get_running_loop().time))
        self.process = Process(Random(1), None)
        self.line: Line = self.place.line(self.process, {"mine1": deadline}, ())
        self.dialer: LifeDialer = self.place.dialer(self.process, self.line)
        self.address = f"{self.place.network.urls['rest'].replace('https', 'wss')}/ws/v5/private"


def test_frames_are_told_of_under_the_ids_in_them_and_late_orders_are_noted() -> None:
    async def story() -> None:
        life = Life(deadline=5.0)
        SUBJECTS.set(("mine1",))
        socket = await life.dialer.connect(life.address, timeout=5)
        await socket.send(ORDER)
        assert json.loads(await socket.receive())["code"] == "60011", "nobody has logged in"
        assert [event.step for event in life.place.chronicle.of("mine1")] == ["sent"]
        assert life.line.late_attempts == []
        await asyncio.sleep(6)
        await socket.send(ORDER)
        assert life.line.late_attempts == ["mine1"]
        await life.dialer.hang_up()
        await life.place.aclose()

    run(story())


def test_nothing_passes_once_the_process_is_dead() -> None:
    async def story() -> None:
        life = Life(deadline=5.0)
        socket = await life.dialer.connect(life.address, timeout=5)
        life.process.kill()
        with pytest.raises(asyncio.CancelledError):
            await socket.send(ORDER)
        with pytest.raises(asyncio.CancelledError):
            await life.dialer.connect(life.address, timeout=5)
        await life.dialer.hang_up()
        await life.place.aclose()

    run(story())
