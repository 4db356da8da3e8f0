"""What a caller typed, as one of our words or an installed venue. Raises what the command line shows as wrong usage."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import typer

from unified.adapter import Adapter, AdapterClass, AdapterSettings
from unified.registry import adapter_class

W = TypeVar("W", bound=StrEnum)


def word(choices: type[W], text: str, option: str) -> W:
    """A member of a word list, spelled as a person does. Raises BadParameter naming the nearest or all of them."""
    try:
        return choices(text.strip().lower().replace("-", "_"))
    except ValueError:
        words = [str(choice) for choice in choices]
        near = [word for word in words if text.lower() in word] or get_close_matches(text.lower(), words, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(choices)}"
        raise typer.BadParameter(f"{text!r} is none; {hint}", param_hint=option) from None


def venue_class(name: str) -> AdapterClass:
    """The adapter of a venue. Raises ConfigurationError."""
    return adapter_class(name.strip().lower())


def bare(venue: AdapterClass) -> Adapter:
    """The adapter without credentials: enough to ask what it knows."""
    usual = AdapterSettings().environment
    return venue(AdapterSettings(environment=usual if usual in venue.environments else next(iter(venue.environments))))


def by_door(endpoints: list[str]) -> str | Mapping[str, str]:
    """Addresses as a configuration takes them: one for all doors, or `door=address` each. Raises BadParameter."""
    if not endpoints:
        return ""
    pairs = [text.partition("=") for text in endpoints]
    if len(pairs) == 1 and "://" in pairs[0][0]:
        return endpoints[0]
    if any("://" in door or not address for door, _, address in pairs):
        raise typer.BadParameter("give one address for all doors, or door=address for each", param_hint="--endpoint")
    return {door: address for door, _, address in pairs}


def readable(file: Path) -> Path:
    """A file that is there. Raises BadParameter."""
    if not file.expanduser().is_file():
        raise typer.BadParameter(f"there is no file {file}", param_hint="--config")
    return file
