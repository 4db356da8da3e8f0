"""Values as JSON: Decimals as text digit for digit, times in ISO 8601, instruments by name. Shows no secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import typer
from attrs import fields, has

from unified.instrument import Instrument
from unified.market_data import Book, Levels, Trade
from unified.secret import Secret


def plain(value: Any) -> Any:
    """The value in JSON's own terms."""
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Instrument():
            return value.name
        case Book():
            return {"instrument": value.instrument.name, "bids": plain(value.bids), "asks": plain(value.asks)} | {
                "sequence": value.sequence,
                "time": plain(value.time),
            }
        case Secret():
            return str(value)
        case Trade():
            return record(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | Levels() | set() | frozenset():
            return [plain(item) for item in value]
    return record(value) if has(type(value)) else value


def record(value: Any) -> dict[str, Any]:
    """A value's public fields, by name: of an instrument its rules, not its name alone."""
    return {name: plain(item) for name, item in facts(value).items()}


def facts(value: Any) -> dict[str, Any]:
    """A value's public fields, by name."""
    if isinstance(value, Trade):
        return {name: getattr(value, name) for name in _OF_A_TRADE}
    return {field.name: getattr(value, field.name) for field in fields(type(value)) if field.name[0] != "_"}


_OF_A_TRADE = (*Trade._fields[:-1], "time")
"""For people a moment, where the value holds microseconds."""


def emit(document: Any) -> None:
    """Print one document. A list of instruments is shown with their rules."""
    if isinstance(document, list) and all(isinstance(item, Instrument) for item in document):
        document = [record(item) for item in document]
    typer.echo(orjson.dumps(plain(document), option=orjson.OPT_INDENT_2).decode())


def emit_line(document: Any) -> None:
    """Print one document in one line, at once."""
    typer.echo(orjson.dumps(plain(document)).decode())
