from __future__ import annotations

from unified_binance_dialect.sandbox_refusals import UNKNOWN_ORDER


def test_an_error_is_made_anew_each_time() -> None:
    assert UNKNOWN_ORDER() is not UNKNOWN_ORDER()
    assert UNKNOWN_ORDER().content == {"code": -2011, "msg": "Unknown order sent."}
