"""`unified errors`: the kinds of errors, and the codes of a venue. Reads catalogues; explains no single answer."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Annotated

import typer

from unified.adapter import AdapterClass
from unified.catalogue import Row, read
from unified.cli import jsons
from unified.cli.choices import bare, venue_class, word
from unified.cli.meanings import KINDS
from unified.cli.tables import Table, show
from unified.errors import ConfigurationError, Family, Kind

EXAMPLES = """
unified errors
unified errors binance --kind insufficient_funds
unified errors okx --family throttle
unified errors bybit --search leverage --json
"""


def errors(
    venue: Annotated[
        str | None, typer.Argument(metavar="VENUE", help="A venue; left out, the kinds themselves are listed.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as rate_limited.")] = None,
    family: Annotated[str | None, typer.Option(help="Only kinds of this family, such as throttle.")] = None,
    search: Annotated[str, typer.Option(help="Only what holds this text, in capitals or not.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the kinds of errors and what they mean, or all codes of a venue and what each is read as."""
    only_kind = None if kind is None else word(Kind, kind, "--kind")
    only_family = None if family is None else word(Family, family, "--family")
    kinds = [item for item in Kind if only_kind in (None, item) and (only_family is None or item.family is only_family)]
    if venue is None:
        _show_kinds(_meant(kinds, search), as_json=as_json)
    else:
        adapter = venue_class(venue)
        found = [row for row in catalogue_of(adapter) if row.kind in kinds and _holds(row, search)]
        _show_rows(adapter, found, as_json=as_json)


def catalogue_of(adapter: AdapterClass) -> tuple[Row, ...]:
    """The rows of the `errors.csv` that lies in the adapter's package. Raises ConfigurationError without one."""
    file = files(type(bare(adapter)).__module__.partition(".")[0]) / "errors.csv"
    if not file.is_file():
        raise ConfigurationError(f"the adapter of {adapter.title} brings no errors.csv")
    return tuple(read(file.read_text(encoding="utf-8")))


def _meant(kinds: Sequence[Kind], search: str) -> list[Kind]:

    return [kind for kind in kinds if search.casefold() in f"{kind} {KINDS[kind]}".casefold()]


def _holds(row: Row, search: str) -> bool:
    text = " ".join((row.code, row.name, row.contains, row.kind, row.hint))
    return search.casefold() in text.casefold()


def _show_kinds(kinds: Sequence[Kind], *, as_json: bool) -> None:

    if as_json:
        jsons.emit(
            [
                {
                    "kind": kind,
                    "family": kind.family,
                    "usual_outcome": kind.usual_outcome,
                    "transient": kind.transient,
                    "meaning": KINDS[kind],
                }
                for kind in kinds
            ]
        )
        return
    show(
        Table(
            columns=("kind", "family", "usual outcome", "may pass by itself", "meaning"),
            rows=[
                (kind, kind.family, kind.usual_outcome, "yes" if kind.transient else "no", KINDS[kind])
                for kind in kinds
            ],
            note="`unified errors VENUE` lists a venue's codes, `unified explain VENUE CODE` explains one.",
        )
    )


def _show_rows(adapter: AdapterClass, rows: Sequence[Row], *, as_json: bool) -> None:

    if as_json:
        jsons.emit([row._asdict() for row in rows])
        return
    show(
        Table(
            title=f"{adapter.title}: {len(rows)} rows",
            columns=("code", "where", "kind", "outcome", "what to do"),
            rows=[(row.code or "(any)", _where(row), row.kind, row.outcome, row.hint) for row in rows],
        )
    )


def _where(row: Row) -> str:
    """The conditions of a row beside its code."""
    http = f"HTTP {row.http}" if row.http is not None else ""
    words = f"'{row.contains}'" if row.contains else ""
    return " ".join(part for part in (row.surface, http, words) if part)
