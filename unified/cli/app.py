"""The commands by name, and what a failure looks like. Does none of their work: each has a module of its own.

Imported for every `unified --help`, so nothing here or at the top of a command's module may be slow to
import: clients, sandboxes and rich are imported where they are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from inspect import cleandoc
from textwrap import indent
from typing import Annotated

import typer

from unified.cli import demo, jsons
from unified.cli.complaints import complain, document
from unified.errors import ConfigurationError, VenueError

FAILED = 1
MISUSED = 2

app = typer.Typer(
    name="unified",
    help="Trade on many crypto exchanges through one client. Start with `unified demo`: it needs no account.",
    epilog="Exit status: 0 all is well, 1 what was asked for failed, 2 wrong usage or configuration.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _add(command: Callable[..., None], examples: str) -> None:
    """A command whose help is its docstring, paragraph by paragraph, with examples below its options."""
    paragraphs = cleandoc(command.__doc__ or "").split("\n\n")
    text = "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)
    app.command(help=text, epilog=f"Examples:\n{indent(examples.strip(), '  ')}")(command)


_add(demo.demo, demo.EXAMPLES)


def _told_version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(version("unified-trading"))
        except PackageNotFoundError:
            typer.echo("unknown: this copy is not installed")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_told_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; the answer is the exit status. A failure that can be explained is, on stderr."""
    try:
        app(list(arguments), prog_name="unified")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except (VenueError, ConfigurationError) as error:
        if "--json" in arguments:
            jsons.emit({"error": document(error)})
        complain(error, sys.stderr)
        return MISUSED if isinstance(error, ConfigurationError) else FAILED
    return 0
