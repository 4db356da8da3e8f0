"""The adapter's errors.csv: in order, legal, reachable, plausible, and complete enough to trade with."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from inspect import getfile
from pathlib import Path
from typing import Any

from unified.adapter import Dedup
from unified.catalogue import COLUMNS, Catalogue, Row, write
from unified.errors import Family, Kind, Outcome
from unified.operations import FetchOrder, PlaceOrder
from unified.testing.conformance.damage import unknown_codes
from unified.testing.conformance.rules import CODES, Finding
from unified.testing.conformance.subject import Subject

_HINT_MAX = 300
_STATES = (Family.ORDER, Family.POSITION, Family.STATE)
"""What can hold already when a request for it comes."""


def codes(subject: Subject) -> Iterator[Finding]:
    """The whole catalogue."""
    file = catalogue_file(subject.adapter_class)
    if file is None:
        yield Finding(CODES, "errors.csv", "is missing beside the adapter: write what each code of the venue means")
        return
    text = file.read_text(encoding="utf-8")
    try:
        rows = Catalogue(file).rows
    except (KeyError, ValueError, TypeError) as error:
        said = f"{type(error).__name__} {error}"
        yield Finding(CODES, "errors.csv", f"cannot be read: {said}; its columns are {', '.join(COLUMNS)}")
        return
    yield from (Finding(CODES, "fault()", problem) for problem in unknown_codes(subject))
    yield from _in_order(text)
    for row in rows:
        yield from (Finding(CODES, _called(row), problem) for problem in _of_row(subject, row))
    conditions = Counter((row.code, row.surface, row.http, row.contains) for row in rows)
    for code, *_ in (key for key, count in conditions.items() if count > 1):
        yield Finding(CODES, f"code {code or '(none)'}", "has two lines with the same conditions")
    yield from _complete(subject, rows)


def catalogue_file(adapter: Any) -> Path | None:
    """The errors.csv beside the module of the class, or beside the package that holds it."""
    try:
        folder = Path(getfile(adapter)).parent
    except (TypeError, OSError):
        return None
    file = folder / "errors.csv"
    return file if file.is_file() else None


def _called(row: Row) -> str:
    conditions = [text for text in (row.surface, str(row.http or ""), row.contains) if text]
    return f"code {row.code or '(none)'}" + (f" ({', '.join(conditions)})" if conditions else "")


def _in_order(text: str) -> Iterator[Finding]:
    lines = list(csv.DictReader(text.splitlines(keepends=True)))
    if write(lines) != text:
        yield Finding(CODES, "errors.csv", "is not sorted by its conditions: unified.catalogue.write puts it in order")
    for line in lines:
        if line["outcome"] and line["outcome"] == Kind(line["kind"]).usual_outcome:
            yield Finding(CODES, f"code {line['code']}", "says the outcome that its kind has anyway: leave it empty")


def _of_row(subject: Subject, row: Row) -> Iterator[str]:
    if row.outcome is Outcome.NOT_SENT and row.code:
        yield "says not_sent: the venue answered, so it was sent"
    if row.outcome is Outcome.DONE and row.kind.family not in _STATES:
        yield f"says done for {row.kind}: done is a wanted state that holds"
    if not row.hint.endswith(".") or len(row.hint) > _HINT_MAX:
        yield f"its hint is no short sentence with cause and remedy: {row.hint[:40]!r}"
    found = subject.adapter.fault(row.code, message=row.contains, http_status=row.http, surface=row.surface)
    if row.code and (found.kind, found.outcome) != (row.kind, row.outcome):
        yield f"its line says {row.kind}, {row.outcome}, but fault() tells {found.kind}, {found.outcome}"


def _complete(subject: Subject, rows: tuple[Row, ...]) -> Iterator[Finding]:
    """Kinds without which a client cannot tell what to do next."""
    told = {row.kind for row in rows}
    kinds = {kind for kind, _ in subject.adapter.endpoints}
    wanted = {Kind.RATE_LIMITED: "too many requests"}
    if any(how.signed for how in subject.adapter.endpoints.values()):
        wanted |= {Kind.BAD_SIGNATURE: "a wrong signature", Kind.BAD_CREDENTIALS: "a wrong key"}
    if PlaceOrder in kinds:
        wanted |= {Kind.INSUFFICIENT_FUNDS: "missing funds"}
    if FetchOrder in kinds:
        wanted |= {Kind.ORDER_NOT_FOUND: "an order that is not there"}
    if any(rule.dedup is not Dedup.NONE for rule in subject.adapter.placement.values()):
        wanted |= {Kind.DUPLICATE_ORDER: "a client id that came twice"}
    for kind, about in wanted.items():
        if kind not in told:
            yield Finding(CODES, str(kind), f"no line has this kind: how does the venue refuse {about}?")
