"""Orders over a sandbox's stream; each venue's frames are tested beside its adapter."""

from __future__ import annotations

import pytest

from unified.sandbox.dialect import Outgoing, html_page, json_answer
from unified.sandbox.entry import said_in


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(json_answer({"code": "0"}), {"code": "0"}, id="an answer"),
        pytest.param(html_page(502, "Bad Gateway"), None, id="a page of the gateway"),
        pytest.param(Outgoing(), None, id="nothing"),
    ],
)
def test_what_is_not_json_has_no_place_in_a_frame(answer: Outgoing, said: object) -> None:
    assert said_in(answer) == said
