"""The one key of the simulated Paper, and what is wrong with a signature. Answers nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from unified.secret import Credentials, Secret

CREDENTIALS = Credentials(key="paper-dummy-key", secret=Secret("paper-dummy-secret"))
_AHEAD_MS = 1000


def problem_of(headers: Mapping[str, str], what: bytes, now_ms: int) -> str:
    """The code of the refusal; empty where time, window and `what` were signed with the key and come in time."""
    said = [headers.get(f"x-paper-{name}", "") for name in ("key", "time", "window", "sign")]
    if not all(isinstance(word, str) for word in said):
        return "bad_request"
    key, time, window, sign = said
    if key != CREDENTIALS.key:
        return "bad_key"
    wanted = hmac.new(CREDENTIALS.secret.reveal().encode(), f"{time}{window}".encode() + what, hashlib.sha256)
    if not hmac.compare_digest(wanted.hexdigest().encode(), sign.encode()):
        return "bad_signature"
    return "" if -_AHEAD_MS < now_ms - int(time) <= int(window) else "bad_time"
