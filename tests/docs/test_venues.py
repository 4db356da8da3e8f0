"""The pages of the venues, and the table of docs/exactly-once.md, say what the adapters do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documents import DOCS, code_blocks, table, venue_named
from unified.adapter import Adapter, AdapterSettings, Dedup, PlacementRule
from unified.config import load
from unified.registry import adapter_class

VENUES = sorted(path.stem for path in (DOCS / "venues").glob("*.md"))
PROMISED = {venue_named(row[0]): row for row in table(DOCS / "exactly-once.md", "## By venue")}


def page(venue: str) -> Path:
    return DOCS / "venues" / f"{venue}.md"


def adapter(venue: str) -> Adapter:
    return adapter_class(venue)(AdapterSettings())


def rule(venue: str) -> PlacementRule:
    """That of the venue's first product."""
    return next(iter(adapter(venue).placement.values()))


@pytest.mark.parametrize("venue", VENUES)
def test_a_page_names_every_environment_option_and_no_other(venue: str) -> None:
    text = page(venue).read_text(encoding="utf-8")
    known = adapter_class(venue)
    assert [name for name in known.environments if f"`{name}`" not in text] == []
    assert [option.name for option in known.options if f"`{option.name}`" not in text] == []
    assert set(re.findall(r"^\| `(production|testnet|demo|sandbox)` \|", text, re.MULTILINE)) <= set(known.environments)


@pytest.mark.parametrize("venue", VENUES)
def test_the_options_of_a_page_have_their_defaults(venue: str) -> None:
    defaults = {option.name: option.default for option in adapter_class(venue).options}
    rows = re.findall(r"^\| `(\w+)` \| .* \| `(\w+)` \|$", page(venue).read_text(encoding="utf-8"), re.MULTILINE)
    assert [(name, default) for name, default in rows if name in defaults and defaults[name] != default] == []


@pytest.mark.parametrize("venue", VENUES)
def test_the_configuration_of_a_page_is_accepted(venue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, example in enumerate(code_blocks(page(venue), "toml")):
        for name in re.findall(r"env:(\w+)", example):
            monkeypatch.setenv(name, "dummy")
        file = tmp_path / f"{number}.toml"
        file.write_text(example)
        assert load(file).adapter == venue


@pytest.mark.parametrize("venue", VENUES)
def test_a_page_has_the_figures_of_placement(venue: str) -> None:
    facts = dict(table(page(venue), "## How exactly-once works here"))
    known, ids = rule(venue), adapter(venue).client_ids
    told = facts["last moment of a request"]
    assert told.startswith("none") if known.expiry is None else f"{known.expiry.default_ms / 1000:g} s" in told
    assert known.expiry is None or not known.expiry.late or f"{known.expiry.late:g} s" in told
    assert f"{known.visibility:g} s" in facts["how long a fresh order may be invisible"]
    assert ("never makes a second order" in facts["a repeated id"]) == (known.dedup is Dedup.EVER)
    assert ("not promised" in facts["a repeated id"]) >= (known.dedup is Dedup.NONE)
    assert ("UUIDs" if ids.uuid else f"1 to {ids.max_length} ") in facts["client order ids"]


def test_the_table_of_promises_has_every_venue() -> None:
    assert sorted(PROMISED) == VENUES


@pytest.mark.parametrize("venue", sorted(PROMISED))
def test_the_table_of_promises_says_what_the_adapters_say(venue: str) -> None:
    _, repeated, expiry, invisible, then = PROMISED[venue]
    known = rule(venue)
    starts = {Dedup.EVER: "never a second order", Dedup.WHILE_OPEN: "refused while", Dedup.NONE: "not promised"}
    assert repeated.startswith(starts[known.dedup])
    assert invisible == f"{known.visibility:g} s"
    if known.expiry is None:
        assert (expiry, then) == ("none", "never sent again; looked up for ever, else `unknown`")
        return
    assert re.findall("`(.+)`", expiry)[0] in known.expiry.parameter.split()
    assert then.startswith("the same id" if known.dedup is Dedup.EVER else "fence")


def test_the_journal_of_the_promises_is_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = code_blocks(DOCS / "exactly-once.md", "toml")
    monkeypatch.setenv("BINANCE_KEY", "dummy")
    monkeypatch.setenv("BINANCE_SECRET", "dummy")
    file = tmp_path / "unified.toml"
    file.write_text(example)
    assert load(file).journal.file == "main.journal"
