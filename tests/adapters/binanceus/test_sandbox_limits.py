from __future__ import annotations

from tests.adapters.binanceus.sandbox_rig import Rig
from unified.sandbox.limits import CalendarWindow

SECONDS = {"SECOND": 1, "MINUTE": 60, "DAY": 86_400}


def test_the_limits_that_are_told_are_those_that_are_kept() -> None:
    rig = Rig()
    told = {
        (row["limit"], row["intervalNum"] * SECONDS[row["interval"]])
        for row in rig.get("/api/v3/exchangeInfo").content["rateLimits"]
    }
    rules = [limit.counting for limit in rig.dialect.limits]
    assert told == {(rule.limit, rule.period_s) for rule in rules if isinstance(rule, CalendarWindow)}


def test_too_much_weight_is_refused_with_a_wait() -> None:
    rig = Rig()
    deep = {"symbol": "BTCUSDT", "limit": 5000}
    answers = [rig.get("/api/v3/depth", deep) for _ in range(25)]
    assert [answer.status for answer in answers] == [200] * 24 + [429]
    assert "current limit is 1200 request weight per 1 MINUTE" in answers[-1].error[2]
    assert answers[-1].headers["retry-after"] == "60"
