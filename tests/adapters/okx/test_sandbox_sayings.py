from __future__ import annotations

import json

import pytest

from tests.shared import CHECKOUT
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified_okx.sandbox_sayings import SAYINGS, Refusal

CATALOGUE = Catalogue(CHECKOUT / "adapters" / "unified_okx" / "errors.csv")


@pytest.mark.parametrize("code", SAYINGS)
def test_every_code_is_in_the_catalogue(code: str) -> None:
    status, text = SAYINGS[code]
    found = CATALOGUE.find(code, message=text, http_status=status, surfaces=("rest", "trade"))
    assert found is not None
    assert found.kind is not Kind.UNKNOWN


@pytest.mark.parametrize("code", ["51008_1000", "51008_1001", "51004_1104", "51004_1105", "51502_1030"])
def test_so_is_every_code_with_its_sub_code(code: str) -> None:
    assert CATALOGUE.holds(code)


def test_a_refusal_fills_the_gaps_of_its_text() -> None:
    refusal = Refusal("51006", "63000", "57000", sub="1")
    assert (
        refusal.message == "Order price is not within the price limit (max buy price: 63000 , min sell price: 57000 )"
    )
    assert (refusal.code, refusal.sub, refusal.status) == ("51006", "1", 200)


@pytest.mark.parametrize(
    ("code", "status", "content"),
    [
        pytest.param(
            "51603", 200, {"code": "51603", "msg": "Order does not exist", "data": []}, id="behind the key's check"
        ),
        pytest.param("50111", 401, {"code": "50111", "msg": "Invalid OK-ACCESS-KEY"}, id="the key's check itself"),
        pytest.param("50115", 405, {"code": "50115", "msg": "Invalid request method."}, id="the wrong method"),
        pytest.param("50011", 429, {"code": "50011", "msg": "Too Many Requests", "data": []}, id="too many requests"),
    ],
)
def test_a_refusal_as_an_answer(code: str, status: int, content: dict[str, object]) -> None:
    answer = Refusal(code).answer()
    assert (answer.status, json.loads(answer.body)) == (status, content)
