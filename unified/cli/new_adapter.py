"""`unified new-adapter`: the skeleton of an adapter for a venue of one's own. Never overwrites anything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unified.registry import installed
from unified.testing.skeleton import write

EXAMPLES = """
unified new-adapter tiny
unified new-adapter tiny --folder projects/unified-tiny
"""


def new_adapter(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The venue: lower-case letters and digits.")],
    folder: Annotated[
        Path | None, typer.Option(help="Where to write it; left out, unified-NAME in the current folder.")
    ] = None,
) -> None:
    """Write the skeleton of an adapter for a venue of your own: it installs, runs, and fails the contract for now.

    Follow it with `unified conform NAME`, again and again, until nothing is left to do.
    """
    where = folder or Path(f"unified-{name}")
    for path in write(name, where):
        typer.echo(f"wrote {path}")
    if name in installed():
        typer.echo(
            f"An adapter of the name {name} is installed already: uninstall it, or the two stand in each other's way."
        )
    typer.echo(f"Next: python -m pip install --editable {where}")
    typer.echo(f"Then: unified conform {name} --recordings {where / 'tests' / 'recordings'}")
