"""Other people's clients against our sandboxes: they must see what the engine holds, and know each refusal.

Each play runs one client, as published and in an environment of its own, over real sockets. Where client and
sandbox disagree, one of them has misread the venue: docs/fidelity.md says which, from when and from where.
"""

from __future__ import annotations

import orjson
import pytest
from attrs import evolve

from tests.fidelity.judging import differences, same
from tests.fidelity.plays import PLAYS, Play
from tests.fidelity.stage import Stage
from unified.sandbox.dialect import Dialect, Incoming, Outgoing
from unified_kraken.sandbox import KrakenSandbox
from unified_okx.sandbox import OkxSandbox


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_a_client_sees_what_the_engine_holds(play: Play) -> None:
    played = Stage(client=play.program, name=play.venue, product=play.product).run()
    assert differences(play, played) == []


# --- the comparison itself: a sandbox that has misread its venue must be caught


class SwapsBidAndAsk(KrakenSandbox):
    """Takes `a` of a ticker for the bid."""

    def handle(self, incoming: Incoming) -> Outgoing:
        answer = super().handle(incoming)
        if not incoming.path.endswith("/Ticker"):
            return answer
        content = orjson.loads(answer.body)
        for row in content["result"].values():
            row["a"], row["b"] = row["b"], row["a"]
        return evolve(answer, body=orjson.dumps(content))


class SignsThePathAlone(OkxSandbox):
    """Looks for a signature over the path without its query, which clients do not make."""

    def handle(self, incoming: Incoming) -> Outgoing:
        return super().handle(evolve(incoming, query="instType=SPOT" if incoming.query else ""))


class CountsFilledForQuantity(KrakenSandbox):
    """Takes `vol_exec` for the size of an order."""

    def handle(self, incoming: Incoming) -> Outgoing:
        answer = super().handle(incoming)
        return evolve(answer, body=answer.body.replace(b'"vol":', b'"v":').replace(b'"vol_exec":', b'"vol":'))


class BlamesTheKey(OkxSandbox):
    """Takes a wrong signature for an unknown key."""

    def handle(self, incoming: Incoming) -> Outgoing:
        answer = super().handle(incoming)
        return evolve(answer, body=answer.body.replace(b'"50113"', b'"50111"'))


@pytest.mark.parametrize(
    ("program", "venue", "dialect", "step"),
    [
        pytest.param("krakenex_client", "kraken", SwapsBidAndAsk, "ticker", id="bid and ask are swapped"),
        pytest.param("krakenex_client", "kraken", CountsFilledForQuantity, "query", id="a field is taken for another"),
        pytest.param("okx_python", "okx", SignsThePathAlone, "query", id="another string is signed"),
        pytest.param("okx_python", "okx", BlamesTheKey, "wrong_signature", id="a refusal has another code"),
    ],
)
def test_a_misreading_is_caught(program: str, venue: str, dialect: type[Dialect], step: str) -> None:
    (play,) = [play for play in PLAYS if (play.program, play.venue, play.product) == (program, venue, "spot")]
    found = differences(play, Stage(client=program, name=venue, dialect=dialect).run())
    assert [line for line in found if line.startswith(f"{step}: ")]


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        pytest.param("0.0200", 0.02, True, id="digits do not matter"),
        pytest.param("0.02", "0.2", False, id="values do"),
        pytest.param([["1", "2"]], [["1.0", "2.0"]], True, id="rows are compared one by one"),
        pytest.param([["1", "2"]], [["2", "1"]], False, id="in their order"),
        pytest.param("", None, True, id="nothing is nothing"),
        pytest.param("buy", "sell", False, id="words are words"),
    ],
)
def test_what_counts_as_the_same(one: object, other: object, agree: bool) -> None:
    assert same(one, other) is agree
