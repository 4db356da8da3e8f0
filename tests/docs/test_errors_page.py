"""docs/errors.md says what unified/errors.py and the retry policy do."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import Any

import pytest

from tests.documents import DOCS, code_blocks, table
from unified import errors
from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.retry import Effect, Facts, Resolve, RetryPolicy, RetrySettings, Stop

PAGE = DOCS / "errors.md"


def test_every_kind_stands_under_its_class_with_its_usual_outcome() -> None:
    shown = [(name, kind, outcome, transient) for name, kind, _, outcome, transient in table(PAGE, "## Kinds")]
    real = [
        (
            f"`{type(VenueError.of(Fault(kind=kind))).__name__}`",
            f"`{kind}`",
            kind.usual_outcome,
            "yes" if kind.transient else "no",
        )
        for kind in Kind
    ]
    assert shown == real


def test_every_kind_is_explained() -> None:
    assert all(meaning.endswith(".") for _, _, meaning, _, _ in table(PAGE, "## Kinds"))


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        pytest.param("## Outcomes", Outcome, id="outcomes"),
        pytest.param("## Scopes", Scope, id="scopes"),
    ],
)
def test_every_word_is_explained_in_order(heading: str, words: type[Outcome | Scope]) -> None:
    assert [row[0] for row in table(PAGE, heading)] == [f"`{word}`" for word in words]


COLUMN = {Effect.READ: 1, Effect.ORDER: 2, Effect.CANCEL: 3, Effect.WRITE: 4}
ROWS = {
    "`not_sent` or `rejected`, transient kind": (Kind.OVERLOADED, (Outcome.NOT_SENT, Outcome.REJECTED)),
    "`not_sent` or `rejected`, other kind": (Kind.INVALID_PRICE, (Outcome.NOT_SENT, Outcome.REJECTED)),
    "`unknown`": (Kind.VENUE_FAULT, (Outcome.UNKNOWN,)),
    "`done`": (Kind.NO_CHANGE, (Outcome.DONE,)),
}


@pytest.mark.parametrize("effect", COLUMN)
def test_the_library_does_by_itself_what_the_page_says(effect: Effect) -> None:
    policy = RetryPolicy(RetrySettings(), chance=lambda: 0.5)
    cells = {row[0]: row[COLUMN[effect]] for row in table(PAGE, "## What the library does by itself")}
    assert set(cells) == set(ROWS)
    for label, (kind, outcomes) in ROWS.items():
        for outcome in outcomes:
            fault = Fault(kind=kind, outcome=outcome)
            decision = policy.decide(Facts(fault=fault, outcome=outcome, attempt=1, effect=effect, remaining=60.0))
            said = cells[label]
            assert isinstance(decision, Resolve) == said.startswith("asks the venue"), label
            assert isinstance(decision, Stop) == said.startswith(("raises", "gives")), label


def _functions() -> dict[str, Any]:
    space: dict[str, Any] = {}
    for block in code_blocks(PAGE):
        exec(compile(block, str(PAGE), "exec"), space)  # the page's own examples
    return space


@pytest.mark.parametrize(("kind", "outcome"), list(product(Kind, Outcome)))
def test_the_advice_of_the_page_is_given_for_every_error(kind: Kind, outcome: Outcome) -> None:
    error = VenueError.of(Fault(kind=kind, outcome=outcome, hint="Do this."))
    advice = _functions()["advice"](error)
    assert advice.startswith("look at the venue") == (outcome is Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        pytest.param(Kind.INSUFFICIENT_FUNDS, "place a smaller order\n", id="an order error is advised on"),
        pytest.param(Kind.RATE_LIMITED, "slow down; free again in 2.0 s\n", id="a throttle says how long"),
    ],
)
def test_the_example_handles_what_it_names(capsys: pytest.CaptureFixture[str], kind: Kind, said: str) -> None:
    async def trade() -> None:
        raise VenueError.of(Fault(kind=kind, retry_after=2.0))

    asyncio.run(_functions()["place"](trade))
    assert capsys.readouterr().out == said


def test_the_example_lets_trouble_with_the_key_through() -> None:
    async def trade() -> None:
        raise VenueError.of(Fault(kind=Kind.BAD_SIGNATURE, hint="Check the secret."))

    with pytest.raises(errors.AuthError):
        asyncio.run(_functions()["place"](trade))
