"""`unified explain`: what a venue's code or answer means. Asks the adapter's catalogue; sends nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from attrs import evolve

from unified.adapter import AdapterClass
from unified.catalogue import NOT_HELD, Misreading, Row
from unified.cli import jsons
from unified.cli.choices import bare, venue_class
from unified.cli.complaints import TOLD
from unified.cli.errors import catalogue_of
from unified.cli.meanings import KINDS, SCOPES
from unified.cli.tables import pairs
from unified.errors import Fault
from unified.http import HttpResponse

EXAMPLES = """
unified explain binance -2015
unified explain okx 51008 --message "Insufficient USDT balance"
unified explain kraken "EAPI:Invalid nonce" --json
unified explain bybit --body '{"retCode":10006,"retMsg":"Too many visits!"}' --operation place_order
curl -s https://api.binance.com/api/v3/ticker | unified explain binance --body - --http 400
"""
SETTINGS = {"ignore_unknown_options": True}
"""Binance's codes begin with a minus: they are no options."""


def explain(
    venue: Annotated[str, typer.Argument(metavar="VENUE", help="The venue whose answer it is.")],
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="The venue's code, exactly as it was sent.")
    ] = None,
    message: Annotated[str, typer.Option(help="The venue's words: some codes need them to be told apart.")] = "",
    body: Annotated[str | None, typer.Option(help="A whole answer instead of a code; - reads standard input.")] = None,
    http: Annotated[int | None, typer.Option(min=100, max=599, help="HTTP status of the answer.")] = None,
    operation: Annotated[str, typer.Option(help="What was asked, as `unified venues VENUE` names it.")] = "",
    surface: Annotated[str, typer.Option(help="Which door answered, in the catalogue's word: spot, linear.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain an error code, or an answer that was received.

    Says what happened, whether the request took effect, how far the fault reaches and what to do; and where a
    wrong reading of the code circulates, which and why it is wrong. Where a code alone does not tell, every meaning
    is shown with what tells it from the others. A code that the catalogue does not hold is said to be unknown, which
    is no failure of this command.
    """
    adapter = venue_class(venue)
    if code is not None and code.startswith("--"):
        raise typer.BadParameter(f"there is no option {code}")
    if (code is None) == (body is None):
        raise typer.BadParameter("give either a CODE or --body")
    if body is None:
        found = list(meanings(adapter, code or "", message=message, http=http, surface=surface))
    else:
        text = sys.stdin.read() if body == "-" else body
        found = [
            (fault, "") for fault in explained_body(adapter, text, http=http, operation=operation, surface=surface)
        ]
    if as_json:
        documents = [document(adapter, fault, when) for fault, when in found]
        jsons.emit(documents[0] if len(documents) == 1 else documents)
    elif found:
        typer.echo("\n\n".join("\n".join(lines(adapter, fault, when)) for fault, when in found))
    else:
        typer.echo(f"No fault: {adapter.title} accepted the request, as far as this answer tells.")


def explained(
    adapter: AdapterClass, code: str, *, message: str = "", http: int | None = None, surface: str = ""
) -> Fault:
    """What one code means."""
    found = bare(adapter).fault(code, message=message, http_status=http, surface=surface)
    return found if found.code else evolve(found, code=code or None)


def meanings(
    adapter: AdapterClass, code: str, *, message: str, http: int | None, surface: str
) -> Iterator[tuple[Fault, str]]:
    """What a code means; where it alone does not tell, everything that it can mean, and when."""
    found = explained(adapter, code, message=message, http=http, surface=surface)
    rows = [] if message or http is not None or is_known(found) else _rows(adapter, code, surface)
    for row in rows:
        fault = explained(adapter, code, message=row.contains, http=row.http, surface=row.surface)
        yield evolve(fault, message=""), _when(row)
    if not rows:
        yield found, ""


def _rows(adapter: AdapterClass, code: str, surface: str) -> list[Row]:
    return [row for row in catalogue_of(adapter) if row.code == code and (surface in ("", row.surface))]


def _when(row: Row) -> str:
    """What tells a row of the catalogue from others of its code."""
    conditions = (
        f"HTTP {row.http}" if row.http else "",
        f"from {row.surface}" if row.surface else "",
        f"the message says {row.contains!r}" if row.contains else "",
    )
    return ", ".join(filter(None, conditions))


def explained_body(
    adapter: AdapterClass, body: str, *, http: int | None = None, operation: str = "", surface: str = ""
) -> list[Fault]:
    """Every fault that an answer holds. Without a status it is taken for one with 200."""
    answer = HttpResponse(status=200 if http is None else http, body=body.encode())
    return list(bare(adapter).faults(answer, operation=operation, surface=surface))


def is_known(fault: Fault) -> bool:
    """Whether a row of the catalogue, or the shape of the answer, told what it is."""
    return fault.hint != NOT_HELD


def misread(adapter: AdapterClass, fault: Fault) -> tuple[Misreading, ...]:
    """Wrong readings of this code that circulate."""
    said = {text.casefold() for text in (fault.code, fault.name) if text}
    return tuple(entry for entry in adapter.misreadings if entry.code.casefold() in said)


def document(adapter: AdapterClass, fault: Fault, when: str = "") -> dict[str, Any]:
    """The fault as a JSON object; `when` is what it takes for the code to mean this."""
    return {
        "venue": adapter.venue,
        "code": fault.code,
        "name": fault.name,
        "when": when,
        "kind": fault.kind,
        "family": fault.family,
        "meaning": KINDS[fault.kind],
        "outcome": fault.outcome,
        "scope": fault.scope,
        "retry_after": fault.retry_after,
        "transient": fault.transient,
        "message": fault.message,
        "hint": fault.hint,
        "sure": fault.sure,
        "known": is_known(fault),
        "misreadings": misread(adapter, fault),
    }


def lines(adapter: AdapterClass, fault: Fault, when: str = "") -> Iterator[str]:
    """The fault for people; see `document`."""
    yield " ".join(part for part in (adapter.title, fault.code, fault.name) if part)
    unsure = is_known(fault) and not fault.sure
    yield from pairs(
        (
            ("when", when),
            ("kind", f"{fault.kind}: {KINDS[fault.kind]}"),
            ("outcome", f"{fault.outcome}: {TOLD[fault.outcome]}."),
            ("scope", f"{fault.scope}: {SCOPES[fault.scope]}"),
            ("again", _again(fault) if is_known(fault) else ""),
            ("said", fault.message),
            ("hint", fault.hint),
            ("sure", "no: inferred, the venue's own page does not say it" if unsure else ""),
            *(
                pair
                for entry in misread(adapter, fault)
                for pair in (("misread", entry.claim), ("in truth", f"{entry.truth} ({entry.source})"))
            ),
        )
    )


def _again(fault: Fault) -> str:
    if fault.retry_after is not None:
        return f"after {fault.retry_after:g} s"
    return "may pass by itself" if fault.transient else "not before something is changed"
