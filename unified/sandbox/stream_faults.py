"""What goes wrong with stream connections, planned from a seed; and what a test wants to go wrong, at its word.

Decides only; `conversation.py` carries it out. The n-th frame of the n-th connection has the same fate in every run of
one seed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Mapping
from enum import StrEnum
from random import Random

from attrs import frozen

from unified.sandbox.faults import Profile


class StreamMishap(StrEnum):
    """What can happen to a frame, or to its connection at that moment."""

    NONE = "none"
    DROPPED = "dropped"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    """It comes after the next one."""
    CUT = "cut"
    """Only its beginning comes."""
    WRONG_CHECKSUM = "wrong_checksum"
    """Where the dialect has one."""
    SILENCE = "silence"
    """Nothing comes for a while, this frame and the following are lost; the connection stays."""
    HALF_OPEN = "half_open"
    """Nothing comes ever again; the connection stays, and frames to it are taken."""
    DISCONNECTED = "disconnected"
    """The connection is reset instead of this frame."""
    RESTART = "restart"
    """The venue announces its end, where the dialect can, and closes a while later."""
    LOGIN_REFUSED = "login_refused"
    """The next login (or private subscription) is refused."""
    LATE = "late"
    """This frame and all behind it are held up."""


UNSEEN = frozenset({StreamMishap.DROPPED, StreamMishap.SILENCE})
"""What takes frames away without a sign, as no TCP does: nobody can notice it where frames bear no numbers."""

_CHANCES: Mapping[Profile, Mapping[StreamMishap, float]] = {
    Profile.NONE: {},
    Profile.MILD: {
        StreamMishap.DROPPED: 0.5,
        StreamMishap.DOUBLED: 0.5,
        StreamMishap.REORDERED: 0.3,
        StreamMishap.CUT: 0.1,
        StreamMishap.WRONG_CHECKSUM: 0.3,
        StreamMishap.SILENCE: 0.1,
        StreamMishap.HALF_OPEN: 0.1,
        StreamMishap.DISCONNECTED: 0.5,
        StreamMishap.RESTART: 0.1,
        StreamMishap.LOGIN_REFUSED: 0.1,
        StreamMishap.LATE: 1.0,
    },
    Profile.HARSH: {
        StreamMishap.DROPPED: 5,
        StreamMishap.DOUBLED: 5,
        StreamMishap.REORDERED: 3,
        StreamMishap.CUT: 1,
        StreamMishap.WRONG_CHECKSUM: 3,
        StreamMishap.SILENCE: 0.5,
        StreamMishap.HALF_OPEN: 0.5,
        StreamMishap.DISCONNECTED: 3,
        StreamMishap.RESTART: 0.5,
        StreamMishap.LOGIN_REFUSED: 0.5,
        StreamMishap.LATE: 5,
    },
}
"""Per thousand frames."""


@frozen(kw_only=True)
class StreamFate:
    """What happens to one frame."""

    mishap: StreamMishap = StreamMishap.NONE
    seconds: float = 0.0
    """Length of a silence, a delay, a notice."""
    cut: float = 0.5


_FINE = StreamFate()


class StreamPlan:
    """All that goes wrong with the streams of one run."""

    def __init__(
        self,
        profile: Profile = Profile.NONE,
        seed: int = 0,
        chances: Mapping[StreamMishap, float] | None = None,
        *,
        spared: Collection[StreamMishap] = (),
    ) -> None:
        """`chances` (per thousand frames) stand in for those of the profile; what is `spared` is never drawn."""
        self.happened: Counter[str] = Counter()
        planned = _CHANCES[profile] if chances is None else chances
        self._chances = {mishap: share for mishap, share in planned.items() if mishap not in spared}
        self._seed = f"{seed}/{profile}/stream"
        self._connections = 0
        self._wanted: deque[StreamMishap] = deque()

    def strike(self, *mishaps: StreamMishap) -> None:
        """Let these happen to the next frames, whichever connection sends them."""
        self._wanted.extend(mishaps)

    def calm(self) -> None:
        """From now on nothing goes wrong any more."""
        self._chances = {}
        self._wanted.clear()

    def course(self) -> StreamCourse:
        """The fates of a new connection's frames."""
        self._connections += 1
        return StreamCourse(self, Random(f"{self._seed}/{self._connections}"))

    def draw(self, chance: Random) -> StreamFate:
        """The fate of the next frame."""
        if self._wanted:
            return self._fate(self._wanted.popleft(), chance)
        if not self._chances:
            return _FINE
        drawn = chance.random() * 1000
        for mishap, share in self._chances.items():
            drawn -= share
            if drawn < 0:
                return self._fate(mishap, chance)
        return _FINE

    def _fate(self, mishap: StreamMishap, chance: Random) -> StreamFate:
        self.happened[mishap] += 1
        longest = 0.5 if mishap is StreamMishap.LATE else 15.0
        return StreamFate(mishap=mishap, seconds=chance.uniform(longest / 10, longest), cut=chance.uniform(0.1, 0.9))


class StreamCourse:
    """One connection's frames and their fates."""

    def __init__(self, plan: StreamPlan, chance: Random) -> None:
        self._plan, self._chance = plan, chance

    def next(self) -> StreamFate:
        """The fate of the next frame."""
        return self._plan.draw(self._chance)
