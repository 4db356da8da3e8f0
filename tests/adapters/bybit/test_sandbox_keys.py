from __future__ import annotations

import pytest

from unified_bybit.sandbox_keys import hmac_check, holders

KEY = "testApiKey00000001"
SECRET = "testSecret000000000000000000000000001"
HEAD = f"1763640000000{KEY}5000"


@pytest.mark.parametrize(
    ("payload", "signature"),
    [
        pytest.param(
            "category=linear&symbol=BTCUSDT&orderLinkId=abc-1",
            "758abc33112dfd0a5dc3e8b813958d5be9eb11511d6b35d2030b78ef7bcd39b6",
            id="a query",
        ),
        pytest.param(
            "category=linear&orderLinkId=abc-1&symbol=BTCUSDT",
            "5568df2970381c3151823c046ad4fd6f3214987fe206be1c719a581ed4e64db4",
            id="the same query in another order",
        ),
        pytest.param(
            "category=linear&cursor=page_token%3D39380%26&limit=50",
            "88f612ce0cbd87cd242a90d9207d879abc809c7fa6ed1185c45143046f0e5aa1",
            id="a cursor as it was received",
        ),
        pytest.param(
            '{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"50000",'
            '"timeInForce":"PostOnly","orderLinkId":"abc-1"}',
            "7a81d1f64f3abcfc89298998ad478f7ddc4cd9d2ef33db55e9091066320ff1ae",
            id="a body",
        ),
        pytest.param("", "1ec4802d0ef33873cfc907ab770b1121435ed320040882232a71fd99c4b3e2be", id="nothing"),
    ],
)
def test_vectors_of_a_generated_secret(payload: str, signature: str) -> None:
    matches = hmac_check(SECRET)
    assert matches(f"{HEAD}{payload}".encode(), signature)
    assert not matches(f"{HEAD}{payload}&".encode(), signature)
    assert not matches(f"{HEAD}{payload}".encode(), signature.upper())
    assert not hmac_check("another")(f"{HEAD}{payload}".encode(), signature)


def test_accounts_are_dummies_with_names_keys_and_numbers_of_their_own() -> None:
    known = holders()
    assert len({holder.credentials.key for holder in known}) == len({holder.uid for holder in known}) == len(known)
    assert all(holder.credentials.key.startswith("dummy-bybit-key-") for holder in known)
    assert sum(holder.may_trade and holder.funds["USDT"] > 1_000_000 for holder in known) >= 3
