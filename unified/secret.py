"""Secrets that cannot be shown by accident, and the credentials made of them.

Reads no file and no environment (`config.py` resolves references) and signs nothing (`signing.py`).
"""

from __future__ import annotations

import hashlib
from hmac import compare_digest
from typing import NoReturn

from attrs import field

from unified.values import frozen

_MASK = "[secret]"


class Secret:
    """Text that never appears in repr, str, logs, formats, pickles or copies. `reveal()` is the one way out."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; keep it out of variables that outlive the line."""
        return self._text

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return _MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        raise TypeError("a secret is not hashable")

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")

    def __copy__(self) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")


def _masked(key: str) -> str:
    return f"'{key[:4]}...'" if len(key) > 8 else _MASK


@frozen(kw_only=True)
class Credentials:
    """What an account is reached with."""

    key: str = field(repr=_masked)
    """The public half: an API key or key name."""
    secret: Secret
    """HMAC secret or private key (PEM or base64), as the venue issued it."""
    passphrase: Secret | None = None

    @property
    def fingerprint(self) -> str:
        """Tells accounts apart in logs and journals without telling the key."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:12]
