"""Who may call Kraken's private endpoints: dummy keys, their signatures and nonces, and the lockout.

Counts no calls (the limits do) and holds no money. Kraken checks no timestamp: the nonce must only be
strictly above the key's last one (docs.kraken.com, guide spot-rest-auth, 2026-05-27). A nonce is used up by
the first request that verifies with it, whatever becomes of that request.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256, sha512
from hmac import compare_digest, digest

from attrs import define, field, frozen

from unified.sandbox.clock import Moment
from unified.sandbox.dialect import Incoming
from unified.sandbox.limits import LimitKeeper, LimitScope
from unified.secret import Credentials, Secret
from unified_kraken.sandbox_call import Fields, Refused

FAILURES_BEFORE_LOCKOUT = 5
"""Wrong keys or signatures in a row. Kraken says "too many sequential" and no number."""
LOCKOUT_S = 900.0
"""About 15 minutes (support.kraken.com, article 360001491786)."""
_LARGEST_NONCE = 2**64 - 1


class Permission(StrEnum):
    """The permissions that GetApiKeyInfo names (docs.kraken.com, get-api-key-info, 2026-05-27)."""

    QUERY_FUNDS = "query-funds"
    QUERY_OPEN = "query-open-trades"
    QUERY_CLOSED = "query-closed-trades"
    MODIFY = "modify-trades"
    CLOSE = "close-trades"
    STREAM = "create-ws-token"


READING = frozenset({Permission.QUERY_FUNDS, Permission.QUERY_OPEN, Permission.QUERY_CLOSED})


@frozen(kw_only=True)
class Tier:
    """What an account's verification level allows (docs.kraken.com, guides spot-rest-ratelimits and
    spot-ratelimits, 2026-05-27; the starter tier and the cost of history calls as of 2026-10-03)."""

    name: str
    calls: int
    """Maximum of the REST call counter of a key."""
    calls_decay: Fraction
    engine: int
    """Threshold of the matching engine's counter of an account and pair."""
    engine_decay: Fraction
    open_orders: int
    """Per pair."""

    @property
    def calls_limit(self) -> str:
        return f"calls of {self.name}"

    @property
    def engine_limit(self) -> str:
        return f"engine of {self.name}"


STARTER = Tier(
    name="starter",
    calls=15,
    calls_decay=Fraction(33, 100),
    engine=60,
    engine_decay=Fraction(1),
    open_orders=60,
)
INTERMEDIATE = Tier(
    name="intermediate",
    calls=20,
    calls_decay=Fraction(1, 2),
    engine=125,
    engine_decay=Fraction(234, 100),
    open_orders=80,
)
PRO = Tier(
    name="pro",
    calls=20,
    calls_decay=Fraction(1),
    engine=180,
    engine_decay=Fraction(375, 100),
    open_orders=225,
)
TIERS = (STARTER, INTERMEDIATE, PRO)


def signature(secret: Secret, path: str, nonce: str, body: bytes) -> str:
    """What API-Sign must hold: HMAC-SHA512, keyed with the decoded secret, over the path and sha256(nonce + body)."""
    message = path.encode() + sha256(nonce.encode() + body).digest()
    return b64encode(digest(b64decode(secret.reveal()), message, sha512)).decode()


@define(kw_only=True)
class ApiKey:
    """One key, and what the venue remembers of it."""

    account: str
    label: str
    tier: Tier
    permissions: frozenset[Permission] = frozenset(Permission)
    nonce: int = 0
    """The last one accepted."""
    last_used_us: int | None = None

    @property
    def text(self) -> str:
        """The public half: a dummy, and plainly so."""
        return f"kraken-sandbox-dummy-key-{self.label}"

    @property
    def credentials(self) -> Credentials:
        secret = f"kraken sandbox dummy secret of {self.label}, for tests only".ljust(64, ".")
        return Credentials(key=self.text, secret=Secret(b64encode(secret.encode()).decode()))


def demo_keys() -> tuple[ApiKey, ...]:
    """Fresh keys of the accounts that exist from the start; the first is the main one."""
    return (
        ApiKey(account="maker", label="maker", tier=PRO),
        ApiKey(account="taker", label="taker", tier=INTERMEDIATE),
        ApiKey(account="starter", label="starter", tier=STARTER),
        ApiKey(account="poor", label="poor", tier=STARTER),
        ApiKey(account="maker", label="read-only", tier=PRO, permissions=READING),
    )


@define
class KeyRing:
    """All keys, and the lockout of those that are used wrongly."""

    keys: tuple[ApiKey, ...]
    keeper: LimitKeeper
    _failures: dict[str, int] = field(factory=dict, init=False)
    """Wrong keys and signatures in a row, by the text of API-Key."""

    def open(self, incoming: Incoming, fields: Fields, moment: Moment) -> ApiKey:
        """The key of a request that may go on. Refuses a locked, unknown or wrongly used one."""
        text = incoming.session or incoming.header("api-key")
        if self.keeper.meet([(LimitScope.KEY, text)], moment) is not None:
            raise Refused("EGeneral:Temporary lockout")
        key = next((key for key in self.keys if key.text == text), None)
        if key is None:
            raise self._failed(text, "EAPI:Invalid key", moment)
        if incoming.session:
            return key
        nonce = fields.text("nonce")
        wanted = signature(key.credentials.secret, incoming.path, nonce, incoming.body)
        if not compare_digest(wanted.encode(), incoming.header("api-sign").encode()):
            raise self._failed(text, "EAPI:Invalid signature", moment)
        self._failures.pop(text, None)
        self._use(key, nonce)
        key.last_used_us = moment.shown_us
        return key

    def _failed(self, text: str, words: str, moment: Moment) -> Refused:
        self._failures[text] = self._failures.get(text, 0) + 1
        if self._failures[text] >= FAILURES_BEFORE_LOCKOUT:
            del self._failures[text]
            self.keeper.ban(LimitScope.KEY, text, LOCKOUT_S, moment, announced=False)
        return Refused(words)

    @staticmethod
    def _use(key: ApiKey, nonce: str) -> None:
        """Strictly above the last one: the nonce window of these keys is zero."""
        if not (nonce.isascii() and nonce.isdecimal()) or not key.nonce < int(nonce) <= _LARGEST_NONCE:
            raise Refused("EAPI:Invalid nonce")
        key.nonce = int(nonce)
