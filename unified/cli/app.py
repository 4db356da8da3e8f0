"""The commands by name, and how a run ends. Does none of their work: each has a module of its own.

A command's module is imported when it is called, so that `unified --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from inspect import cleandoc
from textwrap import indent
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from unified.errors import ConfigurationError, VenueError

FAILED = 1
MISUSED = 2
INTERRUPTED = 130

COMMANDS: Mapping[str, str] = {
    "demo": "Trade on simulated venues that misbehave, and see whether every promise holds.",
    "simulate": "Prove by simulation that every order happens at most once and that every outcome is true.",
    "sandbox": "Serve simulated venues on this machine until interrupted.",
    "venues": "List the venues, or what one of them can do.",
    "explain": "Explain an error code, or an answer that was received.",
    "errors": "List the kinds of errors and what they mean, or all codes of a venue.",
    "fetch": "Fetch something from a venue: market data, or what an account holds and does.",
    "new-adapter": "Write the skeleton of an adapter for a venue of your own.",
    "conform": "Judge an adapter by the contract, offline: what is missing and what is wrong.",
    "watch": "Watch a stream: books, tickers, trades, candles, own orders, fills or balances.",
    "journal": "Show the orders that a journal keeps, and whether the file is sound.",
    "doctor": "Find out why a venue cannot be reached or does not accept a key.",
}
"""Name -> first line of its help. `unified/cli/NAME.py` holds the function of the same name, and `EXAMPLES`."""


class Commands(TyperGroup):
    """The commands, each loaded when it is called."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> TyperCommand | None:
        """What the list of commands needs to know of one."""
        return TyperCommand(name=cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else loaded(name), rest


def word(name: str) -> str:
    """The name of a command's module and function."""
    return name.replace("-", "_")


def loaded(name: str) -> Any:
    """A command with its options; its help is its docstring, with examples below."""
    module = import_module(f"unified.cli.{word(name)}")
    function: Callable[..., None] = getattr(module, word(name))
    paragraphs = cleandoc(function.__doc__ or "").split("\n\n")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=HELP)
    alone.command(
        name,
        help="\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs),
        epilog=f"Examples:\n{indent(module.EXAMPLES.strip(), '  ')}",
        context_settings=HELP | getattr(module, "SETTINGS", {}),
    )(function)
    return typer.main.get_command(alone)


HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=Commands,
    help="Trade on many crypto exchanges through one client. Start with `unified demo`: it needs no account.",
    epilog="Exit status: 0 all is well, 1 what was asked for failed, 2 wrong usage or configuration.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)


def _told_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("unified-trading"))
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_told_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; the answer is the exit status. A failure that has an explanation is explained on stderr."""
    try:
        app(list(arguments), prog_name="unified")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except (VenueError, ConfigurationError) as error:
        from unified.cli import jsons
        from unified.cli.complaints import complain, document

        if "--json" in arguments:
            jsons.emit({"error": document(error)})
        complain(error, sys.stderr)
        return MISUSED if isinstance(error, ConfigurationError) else FAILED
    return 0
