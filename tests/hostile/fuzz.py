"""The long run: hostile bodies of a new seed each round, to every reader, until the time is up.

`python -m tests.hostile.fuzz --seconds 600`, or `make fuzz SECONDS=600`. A failure prints what repeats it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from random import Random

from tests.hostile.bodies import answers, files
from tests.hostile.readers import Reader, answer_readers, file_readers
from tests.hostile.streams import STREAMING, frames, stream_readers
from unified.registry import installed
from unified.testing.hostile import HostileBody


class Run:
    """What was fed, and what failed."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds
        self.fed = 0
        self.slowest = (0.0, "")
        self.failures: dict[str, str] = {}

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.ends_at

    def feed(self, reader: Reader, hostile: HostileBody, seed: int) -> None:
        began = time.monotonic()
        try:
            reader.survives(hostile.body)
        except AssertionError as failed:
            self.failures.setdefault(str(failed), f"seed {seed}, {hostile.about}: {hostile.body[:300]!r}")
        self.fed += 1
        self.slowest = max(self.slowest, (time.monotonic() - began, f"{reader.name}, {hostile.about}"))


Fed = tuple[list[Reader], Callable[..., Iterable[HostileBody]], int]
"""Readers, what makes the bodies for them, and to how many of them each body goes."""


def material(folder: Path) -> list[Fed]:
    """Everything that reads. Plays every sandbox once, which takes a while."""
    every: list[Fed] = [(list(answer_readers(venue)), partial(answers, venue, count=20), 6) for venue in installed()]
    every += [(list(stream_readers(venue)), partial(frames, venue, count=20), 1) for venue in STREAMING]
    of_files = list(file_readers(folder))
    return [*every, (of_files, partial(files, count=60), len(of_files))]


def rounds(run: Run, seed: int, every: list[Fed]) -> None:
    """One seed after the other; every round damages every recording anew."""
    while not run.is_over:
        chance = Random(seed)
        for readers, made, each in every:
            _fed(
                run, seed, ((reader, hostile) for hostile in made(seed=seed) for reader in chance.sample(readers, each))
            )
        seed += 1000


def _fed(run: Run, seed: int, pairs: Iterable[tuple[Reader, HostileBody]]) -> None:
    for reader, hostile in pairs:
        if run.is_over:
            return
        run.feed(reader, hostile, seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = Random().randrange(10**9) if asked.seed is None else asked.seed
    with tempfile.TemporaryDirectory() as folder:
        every = material(Path(folder))
        run = Run(asked.seconds)
        rounds(run, seed, every)
    took, what = run.slowest
    print(f"seed {seed}: {run.fed} bodies read, {len(run.failures)} failures; slowest {1000 * took:.0f} ms ({what})")  # noqa: T201
    for failure, repeat in run.failures.items():
        print(f"{failure}\n    {repeat}")  # noqa: T201
    return 1 if run.failures or not run.fed else 0


if __name__ == "__main__":
    sys.exit(main())
