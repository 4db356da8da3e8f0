"""The words that the command line uses are those of the page about errors."""

from __future__ import annotations

from tests.documents import DOCS, table
from unified.cli.meanings import KINDS, SCOPES
from unified.errors import Kind, Scope


def test_every_kind_means_what_the_page_says() -> None:
    assert {kind: KINDS[Kind(kind.strip("`"))] for _, kind, *_ in table(DOCS / "errors.md", "## Kinds")} == {
        kind: meaning for _, kind, meaning, *_ in table(DOCS / "errors.md", "## Kinds")
    }
    assert set(KINDS) == set(Kind)


def test_every_scope_means_what_the_page_says() -> None:
    assert [[f"`{scope}`", SCOPES[scope]] for scope in Scope] == table(DOCS / "errors.md", "## Scopes")
