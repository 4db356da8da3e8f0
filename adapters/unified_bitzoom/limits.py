"""The limits of Bitzoom as rows. Nothing in an answer tells them. Keeps no count: the limiter does.

Source: bitzoom-futures/futures.doc, version 1.0 (2026-02-13). Whose requests are counted together and the form of the
windows are not said: addresses, as its FAQ speaks of shared ones, and sliding, which is safe for every form.
"""

from __future__ import annotations

from unified.adapter import Charge, Limit, RollingWindow, TokenBucket
from unified.errors import Scope


def _per_second(bucket: str, limit: int) -> Limit:
    return Limit(bucket=bucket, scope=Scope.IP, rule=RollingWindow(limit=limit, period=1), door="main")


LIMITS = (
    _per_second("public", 10),
    _per_second("private", 5),
    _per_second("orders", 10),
    Limit(
        bucket="stream_frames",
        scope=Scope.CONNECTION,
        rule=RollingWindow(limit=10, period=1),
        door="main",
        about="Frames of ours.",
    ),
    Limit(
        bucket="stream_connects",
        scope=Scope.IP,
        rule=TokenBucket(rate=0.5, burst=5),
        door="main",
        about="New stream connections: five at once, and one in two seconds; five may stand beside each other.",
    ),
)

PUBLIC, PRIVATE = (Charge("public"),), (Charge("private"),)
ORDER = (Charge("private"), Charge("orders"))
"""Whether an order counts among the private calls too is not said; the safe reading is that it does."""
