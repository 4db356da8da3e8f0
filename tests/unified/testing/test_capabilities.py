"""What the READMEs of the adapters say that they can do is what their endpoint tables hold."""

from __future__ import annotations

import pytest

from tests.shared import CHECKOUT
from unified.registry import adapter_class, installed
from unified.testing.capabilities import BEGIN, END, capabilities, with_capabilities
from unified_paper import Paper


@pytest.mark.parametrize("venue", installed())
def test_the_readme_of_an_adapter_holds_its_present_table(venue: str) -> None:
    page = (CHECKOUT / "adapters" / f"unified_{venue}" / "README.md").read_text(encoding="utf-8")
    assert page == with_capabilities(page, adapter_class(venue)), "run python -m unified.testing.capabilities"


def test_a_row_names_the_request_and_a_dash_where_there_is_none() -> None:
    rows = capabilities(Paper).splitlines()
    assert rows[:2] == ["| operation | spot |", "| --- | --- |"]
    assert "| `get_order` | GET /orders |" in rows
    assert "| `set_leverage` | - |" in rows


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = with_capabilities(f"before\n{BEGIN}\nold\n{END}\nafter\n", Paper)
    assert page.startswith(f"before\n{BEGIN}\n")
    assert page.endswith(f"\n{END}\nafter\n")
    assert "old" not in page


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(LookupError, match="no place for the table"):
        with_capabilities("a page", Paper)
