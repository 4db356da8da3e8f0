"""The page about fidelity says what the tests check, and no more."""

from __future__ import annotations

from tests.fidelity.findings import FINDINGS
from tests.fidelity.page import PAGE, made, with_tables
from tests.fidelity.plays import PLAYS


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "run `python -m tests.fidelity.page --write`"


def test_a_page_that_says_something_else_is_made_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page.replace("agrees", "disagrees", 1)) == page
    assert made() in page


def test_findings_are_about_clients_that_play() -> None:
    played = {(play.venue, play.client) for play in PLAYS}
    assert {(finding.venue, client) for finding in FINDINGS for client in finding.clients} <= played
