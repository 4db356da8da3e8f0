from __future__ import annotations

import asyncio

import pytest

from tests.toy import virtual
from tests.unified.sandbox.toy import Toy
from unified.sandbox.conversation import Conversation
from unified.sandbox.dialect import Setting
from unified.sandbox.reception import Reception
from unified.sandbox.stream_faults import StreamMishap, StreamPlan
from unified.sandbox.streams import Talk


class Counting(Talk):
    """Says a number with each pulse, and repeats what it is told."""

    def __init__(self) -> None:
        self.count = 0
        self.broken = False

    def receive(self, frame: str) -> list[str]:
        return [f"heard {frame}"]

    def pulse(self) -> list[str]:
        if self.broken:
            raise ZeroDivisionError
        self.count += 1
        return [f"{self.count:04}"]

    def announced_end(self) -> list[str]:
        return ["the end is near"]

    def spoiled(self, frame: str) -> str | None:
        return f"spoiled {frame}"

    def wants_close(self) -> int | None:
        return 4004 if self.count >= 100 else None


class Wire:
    def __init__(self) -> None:
        self.sent: list[str] = []
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.code: int | None = None
        self.aborted = False

    async def receive(self) -> str:
        return await self.said.get()

    async def send(self, frame: str) -> None:
        if self.aborted:
            raise ConnectionResetError
        self.sent.append(frame)

    async def close(self, code: int) -> None:
        self.code = code

    def abort(self) -> None:
        self.aborted = True


def told(*mishaps: StreamMishap, seconds: float = 1.0) -> tuple[Wire, Counting]:
    """What a client hears in so many seconds, the first frames meeting these mishaps."""
    wire, talk = Wire(), Counting()

    async def story() -> None:
        plan = StreamPlan()
        plan.strike(*mishaps)
        dialect = Toy(Setting(now=asyncio.get_running_loop().time))
        led = asyncio.create_task(Conversation(Reception(dialect), talk, wire, plan).run())
        await asyncio.wait([led], timeout=seconds)
        led.cancel()
        await asyncio.gather(led, return_exceptions=True)

    virtual(story)
    return wire, talk


@pytest.mark.parametrize(
    ("mishap", "heard"),
    [
        (StreamMishap.NONE, ["0001", "0002", "0003"]),
        (StreamMishap.DROPPED, ["0002", "0003", "0004"]),
        (StreamMishap.DOUBLED, ["0001", "0001", "0002"]),
        (StreamMishap.REORDERED, ["0002", "0001", "0003"]),
        (StreamMishap.WRONG_CHECKSUM, ["spoiled 0001", "0002", "0003"]),
        (StreamMishap.LOGIN_REFUSED, ["0001", "0002", "0003"]),
        (StreamMishap.RESTART, ["0001", "the end is near", "0002"]),
        (StreamMishap.LATE, ["0001", "0002", "0003"]),
    ],
)
def test_what_befalls_a_frame(mishap: StreamMishap, heard: list[str]) -> None:
    wire, talk = told(mishap)
    assert wire.sent[:3] == heard
    assert talk.refuse_logins == (mishap is StreamMishap.LOGIN_REFUSED)


@pytest.mark.parametrize(
    ("second", "heard"),
    [
        (StreamMishap.REORDERED, ["0001", "0003", "0002"]),
        (StreamMishap.DOUBLED, ["0002", "0002", "0001"]),
        (StreamMishap.DROPPED, ["0001", "0003", "0004"]),
    ],
)
def test_a_frame_that_was_held_back_is_only_late_whatever_befalls_the_next(
    second: StreamMishap, heard: list[str]
) -> None:
    wire, _ = told(StreamMishap.REORDERED, second)
    assert wire.sent[:3] == heard


def test_a_cut_frame_is_the_begin_of_one() -> None:
    wire, _ = told(StreamMishap.CUT)
    assert "0001".startswith(wire.sent[0])
    assert wire.sent[0] != "0001"


def test_silence_ends_and_a_half_open_connection_stays_mute() -> None:
    silent, _ = told(StreamMishap.SILENCE, seconds=4.9)
    assert silent.sent == [] or silent.sent[0] > "0010"
    mute, talk = told(StreamMishap.HALF_OPEN, seconds=4.9)
    assert mute.sent == []
    assert talk.count > 90


def test_a_reset_ends_it() -> None:
    wire, talk = told(StreamMishap.DISCONNECTED)
    assert wire.aborted
    assert talk.count == 1


def test_the_venue_ends_it_by_its_rules() -> None:
    assert told(seconds=10)[0].code == 4004


def test_it_answers_and_a_failure_of_the_dialect_is_raised() -> None:
    async def story() -> None:
        wire, talk = Wire(), Counting()
        led = asyncio.create_task(
            Conversation(Reception(Toy(Setting(now=asyncio.get_running_loop().time))), talk, wire, StreamPlan()).run()
        )
        wire.said.put_nowait("you")
        await asyncio.sleep(0.01)
        assert wire.sent == ["heard you"]
        talk.broken = True
        with pytest.raises(ZeroDivisionError):
            await led

    virtual(story)
