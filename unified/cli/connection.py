"""Which venue a command speaks to, as its options say. Opens nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from attrs import evolve

from unified.cli.choices import by_door, readable
from unified.config import ClientConfig, load

Venue = Annotated[str | None, typer.Option(help="A venue, for what it shows to everybody. Needs no key.")]
Config = Annotated[
    Path | None, typer.Option(help="A TOML file that says which venue, and where its key is kept.", dir_okay=False)
]
Section = Annotated[str | None, typer.Option(help="Which section of the file, where it has several.")]
Endpoints = Annotated[
    list[str] | None,
    typer.Option("--endpoint", help="Another address: one for all doors, or door=address, once for each."),
]
Environment = Annotated[str | None, typer.Option(help="production, testnet, demo: see `unified venues VENUE`.")]


def config_of(
    *,
    venue: str | None,
    config: Path | None,
    section: str | None,
    endpoint: list[str] | None,
    environment: str | None = None,
) -> ClientConfig:
    """The configuration that the options make. Raises BadParameter and ConfigurationError."""
    if (venue is None) == (config is None):
        raise typer.BadParameter("say which venue: either --venue or --config")
    if section is not None and config is None:
        raise typer.BadParameter("--section is a section of a --config file")
    made = ClientConfig(adapter=(venue or "").lower()) if config is None else load(readable(config), section)
    if environment is not None:
        made = evolve(made, environment=environment)
    if endpoint:
        made = evolve(made, endpoint=by_door(endpoint))
    made.adapter_settings()
    return made
