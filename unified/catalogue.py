"""A venue's error codes as a table: finds the row that fits best, and makes a `Fault` of it.

Data only: what a code means stands in the adapter's errors.csv. What a table cannot say (where a code
stands in an answer, which string is a code) the adapter's faults.py decides before it asks here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from attrs import evolve

from unified.errors import Family, Fault, Kind, Outcome, Scope
from unified.values import frozen

COLUMNS = ("code", "surface", "http", "contains", "name", "kind", "outcome", "scope", "hint", "sure")
"""The first four are conditions, an empty one fits everything. An empty outcome is the kind's usual one."""

ANY_SURFACE = ""
"""Ends a list of surfaces where the door is known in part: rows about other doors then serve as a last resort."""


REMEMBERED = 256
"""Errors that are not looked up again: a venue repeats its few sentences, and a fault, which nobody can change, can be
shared."""

NOT_HELD = "This code is not in the catalogue. Check the state at the venue before repeating a write."
"""The hint of a code that no row is about."""


class Row(NamedTuple):
    """One line of errors.csv. A tuple, because a thousand of them are made at the first look-up."""

    code: str
    surface: str
    http: int | None
    contains: str
    name: str
    kind: Kind
    outcome: Outcome
    scope: Scope
    hint: str
    sure: bool


@frozen(kw_only=True)
class Misreading:
    """A wrong reading of a code that circulates, and the right one."""

    code: str
    """As the claim writes it."""
    claim: str
    truth: str
    source: str
    """Where the right reading stands, with its date."""


_Ranked = tuple[tuple[str, Row], ...]
"""Rows that fit all but their fragment, best first; each after its fragment in lower case."""

_NOT_ABOUT_THE_CODE = (Family.THROTTLE, Family.AVAILABILITY, Family.AUTH)
"""What an HTTP status alone may still say of an answer whose code is not known: who was refused, or that
the venue is down. What it says of the request (400, 404) is the unknown code's to say, and stays unknown."""


class Catalogue:
    """The error codes of one venue. The file is read at the first look-up, not before."""

    def __init__(self, path: Path, *, family: Callable[[str], Family | None] = lambda _code: None) -> None:
        self._path = path
        self._family = family
        self._ranked: dict[tuple[str, int | None, tuple[str, ...]], _Ranked] = {}
        self._said = lru_cache(REMEMBERED)(self._classified)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return tuple(read(self._path.read_text(encoding="utf-8")))

    @cached_property
    def _by_code(self) -> dict[str, list[Row]]:
        index: dict[str, list[Row]] = {}
        for row in self.rows:
            index.setdefault(row.code, []).append(row)
        return index

    def holds(self, code: str) -> bool:
        """Whether any row is about this code."""
        return bool(code) and code in self._by_code

    def find(
        self,
        code: str,
        *,
        message: str = "",
        http_status: int | None = None,
        surfaces: Sequence[str] = (),
        broader: Sequence[str] = (),
    ) -> Row | None:
        """The row that fits best; None where none does.

        `surfaces` are the adapter's words for the door that answered, the most telling first; none means
        that the door is not known. `broader` are codes that the same answer falls under, the nearest first:
        the string before its detail, the number without its sub-code. They are asked in turn, each only
        where no row of the one before fits. Rows without a code come last.

        Among the rows of one code the most filled conditions win, then the longer fragment, then the
        earlier surface.
        """
        doors = tuple(surfaces)
        text = ""
        for known in (code, *broader):
            if known and known in self._by_code:
                ranked = self._fitting(known, http_status, doors)
                if ranked and not ranked[0][0]:
                    return ranked[0][1]
                text = text or message.casefold()
                if (row := _first(ranked, text)) is not None:
                    return row
        row = _first(self._fitting("", http_status, doors), text or message.casefold())
        return row if row is None or not code or row.contains or row.kind.family in _NOT_ABOUT_THE_CODE else None

    def fault(
        self,
        code: str,
        *,
        message: str = "",
        http_status: int | None = None,
        surfaces: Sequence[str] = (),
        broader: Sequence[str] = (),
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> Fault:
        """What happened, by the best row. A code that no row holds is `unknown` with an unknown outcome."""
        fault = self._said(code, message, http_status, tuple(surfaces), tuple(broader))
        if retry_after is None and request_id is None:
            return fault
        return evolve(fault, retry_after=retry_after, request_id=request_id)

    def _classified(
        self, code: str, message: str, http_status: int | None, surfaces: tuple[str, ...], broader: tuple[str, ...]
    ) -> Fault:
        row = self.find(code, message=message, http_status=http_status, surfaces=surfaces, broader=broader)
        if row is None:
            return Fault(
                kind=Kind.UNKNOWN,
                family=self._family(code) or Family.UNKNOWN,
                http_status=http_status,
                code=code or None,
                message=message,
                hint=NOT_HELD,
                sure=False,
            )
        return Fault(
            kind=row.kind,
            outcome=row.outcome,
            scope=row.scope,
            http_status=http_status,
            code=code or None,
            name=row.name or None,
            message=message,
            hint=row.hint,
            sure=row.sure,
        )

    def _fitting(self, code: str, http_status: int | None, surfaces: tuple[str, ...]) -> _Ranked:
        """The rows of a code that fit status and surface, ranked once for each such question.

        Only codes that the file holds come here, so what is kept stays small.
        """
        key = code, http_status, surfaces
        if (ranked := self._ranked.get(key)) is None:
            rows = (row for row in self._by_code.get(code, ()) if _fits(row, http_status, surfaces))
            best_first = sorted(rows, key=lambda row: _weight(row, surfaces), reverse=True)
            ranked = self._ranked[key] = tuple((row.contains.casefold(), row) for row in best_first)
        return ranked


def _first(ranked: _Ranked, text: str) -> Row | None:
    for fragment, row in ranked:
        if fragment in text:
            return row
    return None


def _fits(row: Row, http_status: int | None, surfaces: tuple[str, ...]) -> bool:
    if row.http is not None and row.http != http_status:
        return False
    if row.code or row.http is not None or row.contains:
        return not row.surface or row.surface in surfaces or _door_is_open(surfaces)
    return row.surface in surfaces  # "whatever else this door refuses" must not speak for another door


def _door_is_open(surfaces: tuple[str, ...]) -> bool:
    return not surfaces or surfaces[-1] == ANY_SURFACE


def _weight(row: Row, surfaces: tuple[str, ...]) -> tuple[bool, int, int, int, bool]:
    """How well a fitting row fits. Where nothing else decides, the row that promises less wins."""
    foreign = bool(row.surface) and row.surface not in surfaces
    conditions = (row.surface in surfaces and bool(row.surface)) + (row.http is not None) + bool(row.contains)
    rank = -surfaces.index(row.surface) if row.surface in surfaces else -len(surfaces)
    return not foreign, conditions, len(row.contains), rank, row.outcome is Outcome.UNKNOWN


def read(text: str) -> Iterator[Row]:
    """Rows of an errors.csv. Raises ValueError with the line's number for anything that does not belong."""
    import csv  # at the first error, not before

    lines = csv.reader(StringIO(text), strict=True)
    try:
        if tuple(next(lines, ())) != COLUMNS:
            raise ValueError(f"columns must be {', '.join(COLUMNS)}")
        for line in lines:
            yield _row(line)
    except KeyError as cause:
        raise ValueError(f"line {lines.line_num}: no such word: {cause}") from cause
    except (ValueError, csv.Error) as cause:
        raise ValueError(f"line {max(lines.line_num, 1)}: {cause}") from cause


def _row(line: list[str]) -> Row:
    code, surface, http, contains, name, kind_name, outcome, scope, hint, sure = line
    kind = _KINDS[kind_name]
    return Row(
        code,
        surface,
        int(http) if http else None,
        contains,
        name,
        kind,
        _OUTCOMES[outcome] if outcome else kind.usual_outcome,
        _SCOPES[scope],
        hint,
        _SURE[sure],
    )


# Several times faster than asking the enumerations by value, which a file of a thousand lines does 3000 times.
_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
_OUTCOMES: Mapping[str, Outcome] = {outcome.value: outcome for outcome in Outcome}
_SCOPES: Mapping[str, Scope] = {scope.value: scope for scope in Scope}
_SURE = {"yes": True, "no": False}


def write(rows: Iterable[dict[str, str]]) -> str:
    """The text of an errors.csv with these lines, sorted as the tests want them."""
    import csv

    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: tuple(row[name] for name in COLUMNS[:4])))
    return out.getvalue()
