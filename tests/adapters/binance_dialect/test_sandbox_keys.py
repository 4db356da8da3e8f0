from __future__ import annotations

import pytest

from unified_binance_dialect.sandbox_keys import hmac_check

SPOT_SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"


LINEAR_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"


@pytest.mark.parametrize(
    ("secret", "text", "signature"),
    [
        pytest.param(
            SPOT_SECRET,
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559",
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
            id="the example of the spot documentation",
        ),
        pytest.param(
            SPOT_SECRET,
            "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC"
            "&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
            "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
            id="a symbol that is not ASCII, signed as it is encoded",
        ),
        pytest.param(
            SPOT_SECRET,
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000"
            "&timestamp=1499827319559",
            "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
            id="query and body with nothing between them",
        ),
        pytest.param(
            LINEAR_SECRET,
            "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000"
            "&timestamp=1591702613943",
            "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9",
            id="the example of the USD-M page",
        ),
        pytest.param(
            "my-test-secret",
            "symbol=BTCUSDT&timestamp=1700000000000",
            "aca8da5ff8aedb0f562d80cae0be3148d8e0a5c2a52716260f1310209c5d0f9d",
            id="the smallest",
        ),
    ],
)
def test_published_hmac_signatures_are_accepted_in_either_case(secret: str, text: str, signature: str) -> None:
    matches = hmac_check(secret)
    assert matches(text.encode(), signature)
    assert matches(text.encode(), signature.upper())
    assert not matches(text.encode() + b"0", signature)
