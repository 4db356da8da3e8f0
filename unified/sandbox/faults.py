"""What goes wrong, planned from a seed: the fate of each arrival, and incidents in the course of time.

Decides only; `reception.py` carries it out. The n-th request of a route has the same fate in every run
of the same seed, whatever else arrives beside it.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from hashlib import blake2b
from random import Random

from attrs import frozen


class Profile(StrEnum):
    NONE = "none"
    MILD = "mild"
    HARSH = "harsh"


class Mishap(StrEnum):
    """What can happen to one request."""

    NONE = "none"
    LOST_REQUEST = "lost_request"
    """The connection is reset before anything ran."""
    LOST_ANSWER = "lost_answer"
    """It ran; the connection is reset instead of an answer."""
    LATE = "late"
    """It runs late, if the venue still accepts it then."""
    SLOW_ANSWER = "slow_answer"
    """It ran at once; the answer comes late."""
    RESET_IN_ANSWER = "reset_in_answer"
    """It ran; the connection is reset in the middle of the answer."""
    HALF_CLOSED = "half_closed"
    """It ran; the venue closes its half of the connection without an answer."""
    ERROR = "error"
    """The venue's own 5xx; nothing ran."""
    ERROR_AFTER = "error_after"
    """The same 5xx, although it ran."""
    HTML = "html"
    """The gateway's page; nothing ran."""
    HTML_AFTER = "html_after"
    CUT_JSON = "cut_json"
    """It ran; the body is well framed but ends in the middle."""
    EMPTY_BODY = "empty_body"
    THROTTLED = "throttled"
    """The venue's own refusal for too many requests; nothing ran."""


NEVER_RUNS = frozenset({Mishap.LOST_REQUEST, Mishap.ERROR, Mishap.HTML, Mishap.THROTTLED})

_CHANCES: dict[Profile, dict[Mishap, int]] = {
    Profile.NONE: {},
    Profile.MILD: {
        Mishap.LOST_REQUEST: 5,
        Mishap.LOST_ANSWER: 5,
        Mishap.LATE: 10,
        Mishap.SLOW_ANSWER: 10,
        Mishap.RESET_IN_ANSWER: 2,
        Mishap.HALF_CLOSED: 2,
        Mishap.ERROR: 4,
        Mishap.ERROR_AFTER: 3,
        Mishap.HTML: 2,
        Mishap.HTML_AFTER: 2,
        Mishap.CUT_JSON: 2,
        Mishap.EMPTY_BODY: 1,
        Mishap.THROTTLED: 5,
    },
    Profile.HARSH: {
        Mishap.LOST_REQUEST: 25,
        Mishap.LOST_ANSWER: 30,
        Mishap.LATE: 40,
        Mishap.SLOW_ANSWER: 30,
        Mishap.RESET_IN_ANSWER: 10,
        Mishap.HALF_CLOSED: 10,
        Mishap.ERROR: 15,
        Mishap.ERROR_AFTER: 15,
        Mishap.HTML: 10,
        Mishap.HTML_AFTER: 10,
        Mishap.CUT_JSON: 10,
        Mishap.EMPTY_BODY: 10,
        Mishap.THROTTLED: 20,
    },
}
"""Per thousand requests."""
_HARMED = {profile: sum(chances.values()) for profile, chances in _CHANCES.items()}

_TIME_SHARE = 0.3
"""Requests for the server's time meet mishaps less often by this factor."""
_SHORTEST_DELAY_S, _LONGEST_DELAY_S = 0.2, 3.0


@frozen(kw_only=True)
class Fate:
    """What happens to one arrival."""

    mishap: Mishap = Mishap.NONE
    delay_s: float = 0.0
    status: int = 502
    """Of a gateway's page."""
    retry_after: float = 0.0
    cut: float = 0.5
    """How much of the answer gets through."""

    @property
    def runs(self) -> bool:
        return self.mishap not in NEVER_RUNS


_UNHARMED = Fate()


class IncidentKind(StrEnum):
    BAN = "ban"
    MAINTENANCE = "maintenance"
    CLOCK_STEP = "clock_step"


@frozen(kw_only=True)
class Incident:
    """Something that happens to the venue as a whole."""

    kind: IncidentKind
    at_s: float
    """Seconds since the start."""
    seconds: float
    """Length of a ban or maintenance, size of a step."""


_EVERY_S: dict[Profile, dict[IncidentKind, float]] = {
    Profile.NONE: {},
    Profile.MILD: {IncidentKind.BAN: 120, IncidentKind.MAINTENANCE: 90, IncidentKind.CLOCK_STEP: 60},
    Profile.HARSH: {IncidentKind.BAN: 30, IncidentKind.MAINTENANCE: 25, IncidentKind.CLOCK_STEP: 20},
}
"""Mean time between incidents of a kind."""

_STEPS: dict[Profile, tuple[float, ...]] = {
    Profile.NONE: (),
    Profile.MILD: (3.0, -3.0),
    Profile.HARSH: (3.0, -3.0, 3600.0, -3600.0),
}
"""Steps of the clock in turn; each round ends where it began. The hour back comes last: what is in doubt then
cannot be decided before that hour is over, so that a short run would often end without a verdict."""

_DRIFT_PPM = {Profile.NONE: 0, Profile.MILD: 20, Profile.HARSH: 100}
_BLIND = {Profile.NONE: (0.0, 0.0), Profile.MILD: (0.05, 1.0), Profile.HARSH: (0.2, 2.5)}
"""Share of new orders that queries do not show at once, and for how many seconds at most."""
LONGEST_BLIND_S = max(longest_s for _, longest_s in _BLIND.values())
"""An adapter whose rule lets an accepted order be unseen for less believes "not found" too early here."""


class _Course:
    """The incidents of one kind, one after the other."""

    def __init__(self, plan_seed: int, profile: Profile, kind: IncidentKind) -> None:
        self._kind = kind
        self._chance = Random(f"{plan_seed}/{profile}/{kind}")
        self._every_s = _EVERY_S[profile][kind]
        self._steps = _STEPS[profile]
        self._number = 0
        self.next = self._plan(0.0)

    def _plan(self, after_s: float) -> Incident:
        at_s = after_s + self._every_s * (0.5 + self._chance.random())
        if self._kind is IncidentKind.CLOCK_STEP:
            seconds = self._steps[self._number % len(self._steps)]
        else:
            seconds = 1.0 + self._chance.random()
        self._number += 1
        return Incident(kind=self._kind, at_s=at_s, seconds=seconds)

    def take(self, until_s: float) -> Incident | None:
        """The next incident, if it is due; those missed in a long silence happen once only."""
        due = None
        while self.next.at_s <= until_s:
            due = self.next
            self.next = self._plan(due.at_s)
            if self._kind is IncidentKind.CLOCK_STEP:
                break
        return due


class FaultPlan:
    """All that goes wrong in one run."""

    def __init__(self, profile: Profile = Profile.NONE, seed: int = 0) -> None:
        self.profile = profile
        self.seed = seed
        self.happened: Counter[str] = Counter()
        """How often each mishap and incident was dealt out."""
        self._arrivals: Counter[str] = Counter()
        self._courses = [_Course(seed, profile, kind) for kind in _EVERY_S[profile]]
        self._calm = False

    def calm(self) -> None:
        """From now on nothing new goes wrong; what has begun comes to its end."""
        self._calm = True

    @property
    def drift_ppm(self) -> int:
        return _DRIFT_PPM[self.profile]

    def fate(self, route: str, *, is_time: bool) -> Fate:
        """The fate of the next arrival of a route (door, method and path)."""
        if self._calm:
            return _UNHARMED
        self._arrivals[route] += 1
        chance = Random(self._number(f"{route}/{self._arrivals[route]}"))
        mishap = self._mishap(chance.random() * 1000 / (_TIME_SHARE if is_time else 1))
        if mishap is Mishap.NONE:
            return _UNHARMED
        self.happened[mishap] += 1
        return Fate(
            mishap=mishap,
            delay_s=chance.uniform(_SHORTEST_DELAY_S, _LONGEST_DELAY_S),
            status=chance.choice((502, 503, 504)),
            retry_after=chance.choice((1.0, 2.0)),
            cut=chance.uniform(0.1, 0.9),
        )

    def incidents(self, elapsed_s: float) -> tuple[Incident, ...]:
        """The incidents that became due since the last call, in the order of their time."""
        if self._calm:
            return ()
        due = [incident for course in self._courses if (incident := course.take(elapsed_s)) is not None]
        self.happened.update(incident.kind for incident in due)
        return tuple(sorted(due, key=lambda incident: incident.at_s))

    def visibility_us(self, order_id: int) -> int:
        """How long queries do not show a new order."""
        share, longest_s = _BLIND[self.profile]
        chance = Random(self._number(f"order/{order_id}"))
        return round(chance.random() * longest_s * 1_000_000) if chance.random() < share else 0

    def _mishap(self, drawn: float) -> Mishap:
        if drawn >= _HARMED[self.profile]:
            return Mishap.NONE
        for mishap, share in _CHANCES[self.profile].items():
            drawn -= share
            if drawn < 0:
                return mishap
        return Mishap.NONE

    def _number(self, name: str) -> int:
        digest = blake2b(f"{self.seed}/{self.profile}/{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")
