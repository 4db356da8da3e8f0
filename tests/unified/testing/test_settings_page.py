"""The reference page of all settings is what the classes declare, and its examples are accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import fields

from tests.documents import DOCS, code_blocks
from unified.config import PARTS, load, sections
from unified.testing.settings_page import BEGIN, END, settings_tables, with_settings

PAGE = DOCS / "configuration.md"


def test_the_page_holds_the_present_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_settings(page), "run python -m unified.testing.settings_page"


def test_every_setting_of_every_part_is_described() -> None:
    told = settings_tables()
    assert all(f"## `[main.{name}]`" in told for name in PARTS)
    assert all(f"| `{attribute.name}` |" in told for kind in PARTS.values() for attribute in fields(kind))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("| `resend` | `true` | true or false |", id="a flag is written as in TOML"),
        pytest.param('| `mode` | `"durable"` |', id="a word is written in quotes"),
        pytest.param("| `window_ms` |  | a whole number", id="what is unset has an empty default"),
        pytest.param('| kraken | `tier` | `"starter"` | `starter`, `intermediate`, `pro` |', id="an adapter's option"),
    ],
)
def test_a_setting_is_told_as_it_is_written(row: str) -> None:
    assert row in settings_tables()


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = with_settings(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert (page[:7], page[-7:], "\nold\n" in page) == ("before\n", "\nafter\n", False)


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(LookupError, match="no place for the tables"):
        with_settings("a page")


def test_the_example_is_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = code_blocks(PAGE, "toml")
    file = tmp_path / "unified.toml"
    file.write_text(example)
    monkeypatch.setenv("BINANCE_KEY", "dummy-key")
    secret = tmp_path / "binance.secret"
    secret.write_text("dummy-secret")
    secret.chmod(0o600)
    assert sections(file) == ("main", "quotes")
    assert (load(file, "main").orders.window_ms, load(file, "quotes").credentials) == (2000, None)


def test_the_keys_of_a_section_are_those_that_the_page_names() -> None:
    (below,) = re.findall(r"^## `\[main\]`$(.*?)^A secret", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"^\| `(\w+)` \|", below, re.MULTILINE))
    assert named == {"adapter", "environment", "credentials", "endpoint", "options"}
