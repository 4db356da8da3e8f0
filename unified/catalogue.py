"""A venue's error codes as a table: finds the row that fits best, and makes a `Fault` of it.

Data only: what a code means stands in the adapter's errors.csv. What a table cannot say (a number's
prefix, a list of texts) the adapter's faults.py decides before it asks here.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from io import StringIO
from pathlib import Path

from attrs import frozen

from unified.errors import Family, Fault, Kind, Outcome, Scope

COLUMNS = ("code", "surface", "http", "contains", "name", "kind", "outcome", "scope", "hint", "sure")
"""The first four are conditions, an empty one fits everything. An empty outcome is the kind's usual one."""


@frozen(kw_only=True)
class Row:
    """One line of errors.csv."""

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

    def fits(self, text: str, http_status: int | None, surfaces: Sequence[str]) -> bool:
        return (
            (not self.surface or not surfaces or self.surface in surfaces)
            and (self.http is None or self.http == http_status)
            and (not self.contains or self.contains.casefold() in text)
        )


@frozen(kw_only=True)
class Misreading:
    """A wrong reading of a code that circulates, and the right one."""

    code: str
    """As the claim writes it."""
    claim: str
    truth: str
    source: str
    """Where the right reading stands, with its date."""


class Catalogue:
    """The error codes of one venue. The file is read at the first look-up, not before."""

    def __init__(self, path: Path, *, family: Callable[[str], Family | None] = lambda _code: None) -> None:
        self._path = path
        self._family = family

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
        self, code: str, *, message: str = "", http_status: int | None = None, surfaces: Sequence[str] = ()
    ) -> Row | None:
        """The row that fits best; None where none does.

        `surfaces` are the adapter's words for the door that answered, the most telling first; none means
        that the door is not known. A row with the code beats one without; then the most filled conditions,
        the earlier surface and the longer fragment win.
        """
        text = message.casefold()
        for rows in (self._by_code.get(code, ()) if code else (), self._by_code.get("", ())):
            fitting = [row for row in rows if row.fits(text, http_status, surfaces)]
            fitting = [row for row in fitting if row.code or row.http is not None or row.contains]
            if fitting:
                return max(fitting, key=lambda row: _weight(row, surfaces))
        return None

    def fault(
        self,
        code: str,
        *,
        message: str = "",
        http_status: int | None = None,
        surfaces: Sequence[str] = (),
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> Fault:
        """What happened, by the best row. A code that no row holds is `unknown` with an unknown outcome."""
        row = self.find(code, message=message, http_status=http_status, surfaces=surfaces)
        if row is None:
            return Fault(
                kind=Kind.UNKNOWN,
                family=self._family(code) or Family.UNKNOWN,
                http_status=http_status,
                code=code or None,
                message=message,
                hint="This code is not in the catalogue. Check the state at the venue before repeating a write.",
                retry_after=retry_after,
                request_id=request_id,
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
            retry_after=retry_after,
            request_id=request_id,
            sure=row.sure,
        )


def _weight(row: Row, surfaces: Sequence[str]) -> tuple[int, int, int]:
    conditions = bool(row.surface) + (row.http is not None) + bool(row.contains)
    rank = -surfaces.index(row.surface) if row.surface in surfaces else -len(surfaces)
    return conditions, rank, len(row.contains)


def read(text: str) -> Iterator[Row]:
    """Rows of an errors.csv. Raises ValueError with the line's number for anything that does not belong."""
    reader = csv.DictReader(StringIO(text), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(f"line 1: columns must be {', '.join(COLUMNS)}")
    for line in reader:
        try:
            yield _row(line)
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise ValueError(f"line {reader.line_num}: {cause}") from cause


def _row(line: dict[str, str]) -> Row:
    kind = Kind(line["kind"])
    return Row(
        code=line["code"],
        surface=line["surface"],
        http=int(line["http"]) if line["http"] else None,
        contains=line["contains"],
        name=line["name"],
        kind=kind,
        outcome=Outcome(line["outcome"]) if line["outcome"] else kind.usual_outcome,
        scope=Scope(line["scope"]),
        hint=line["hint"],
        sure={"yes": True, "no": False}[line["sure"]],
    )


def write(rows: Iterable[dict[str, str]]) -> str:
    """The text of an errors.csv with these lines, sorted as the tests want them."""
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: tuple(row[name] for name in COLUMNS[:4])))
    return out.getvalue()
