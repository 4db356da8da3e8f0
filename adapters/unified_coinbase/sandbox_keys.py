"""Dummy accounts of the simulated Coinbase, and the check of their tokens. Nobody's keys: all made up here.

Rules: Coinbase docs, "Authentication" and the official SDK's token generator (2026-06-19). A request carries a JSON
Web Token of its own, signed with ES256 or EdDSA; whatever is wrong with it, the answer is the same plain 401.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from decimal import Decimal
from typing import Any

import jwt
import orjson
from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.types import Options

from unified.sandbox.dialect import Incoming
from unified.secret import Credentials, Secret

VENUE_HOST = "api.coinbase.com"
"""The official SDK signs for this host wherever it sends, so it passes beside the `Host` of the request."""
ISSUERS = ("cdp", "coinbase-cloud")
"""The second is that of older keys' tokens; ccxt 4.5.90 (coinbase.py, create_auth_token) still sends it."""
_SECOND_US = 1_000_000
_RICH = {"USD": Decimal(3_000_000), "USDC": Decimal(1_000_000), "BTC": Decimal(40), "ETH": Decimal(800)}
_POOR = {"USD": Decimal(20), "BTC": Decimal("0.0001"), "ETH": Decimal("0.001")}
"""Without a wallet in USDC."""

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey


class TokenError(Exception):
    """A request without a valid token."""


class TokenTimeError(TokenError):
    """A token whose only fault is the time for which it is made."""


@frozen(kw_only=True)
class Holder:
    """Who holds a key, and what the key may do."""

    name: str
    """Of the account."""
    key_name: str
    private_key: PrivateKey = field(repr=False)
    secret: str = field(repr=False)
    """The private key as the venue issues it, in one of its forms."""
    may_trade: bool = True
    addresses: tuple[str, ...] = ()
    """Allow-list; empty for any."""
    funds: dict[str, Decimal] = field(factory=lambda: dict(_RICH))

    @property
    def credentials(self) -> Credentials:
        return Credentials(key=self.key_name, secret=Secret(self.secret))


# --- the forms in which the venue issues private keys


def _pem(key: PrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def _raw(key: Ed25519PrivateKey, *, with_public: bool) -> str:
    seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(seed + public if with_public else seed).decode()


def _edwards(word: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(word.encode()).digest())


def curve_key(word: str) -> EllipticCurvePrivateKey:
    """A dummy on P-256; its private number is the hash of a word."""
    return derive_private_key(int.from_bytes(hashlib.sha256(word.encode()).digest(), "big"), SECP256R1())


def _name_of(number: int) -> str:
    return f"organizations/00000000-0000-4000-8000-000000000001/apiKeys/00000000-0000-4000-8000-{number:012d}"


_FIRST = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_SECOND = curve_key("dummy-es256-key")
_THIRD = _edwards("dummy-coinbase-third")
_POORS = curve_key("dummy-coinbase-poor")
_READERS = _edwards("dummy-coinbase-reader")
_ELSEWHERES = curve_key("dummy-coinbase-elsewhere")

HOLDERS = (
    Holder(name="first", key_name=_name_of(2), private_key=_FIRST, secret=_raw(_FIRST, with_public=True)),
    Holder(
        name="second",
        key_name=_name_of(3),
        private_key=_SECOND,
        secret=_pem(_SECOND, PrivateFormat.TraditionalOpenSSL),
    ),
    Holder(
        name="third",
        key_name="00000000-0000-4000-8000-000000000004",
        private_key=_THIRD,
        secret=_raw(_THIRD, with_public=False),
    ),
    Holder(
        name="poor",
        key_name=_name_of(5),
        private_key=_POORS,
        # As it stands in a file of environment variables: in one line.
        secret=_pem(_POORS, PrivateFormat.TraditionalOpenSSL).replace("\n", "\\n"),
        funds=_POOR,
    ),
    Holder(
        name="reader",
        key_name=_name_of(6),
        private_key=_READERS,
        secret=_pem(_READERS, PrivateFormat.PKCS8),
        may_trade=False,
    ),
    Holder(
        name="elsewhere",
        key_name=_name_of(7),
        private_key=_ELSEWHERES,
        secret=_pem(_ELSEWHERES, PrivateFormat.PKCS8),
        addresses=("203.0.113.7",),
    ),
)
_BY_KEY = {holder.key_name: holder for holder in HOLDERS}


# --- tokens


def verified(incoming: Incoming, shown_us: int) -> Holder:
    """Whose request this is. Raises `TokenError`, or `TokenTimeError` where the venue's clock alone is against it."""
    scheme, _, token = incoming.header("authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenError("no bearer token")
    holder, claims = _signed(token, incoming.peer)
    if not _requests(claims) & set(_uris(incoming)):
        raise TokenError("the token is for another request")
    _check_times(claims, shown_us)
    return holder


def verified_message(token: str, shown_us: int, peer: str) -> Holder:
    """Whose message of a stream this is: its token names no request. Raises `TokenError`."""
    holder, claims = _signed(token, peer)
    if _requests(claims):
        raise TokenError("the token is for a request")
    _check_times(claims, shown_us)
    return holder


def _signed(token: str, peer: str) -> tuple[Holder, dict[str, Any]]:
    holder = _BY_KEY.get(str(_part(token, 0).get("kid")))
    if holder is None or (holder.addresses and peer not in holder.addresses):
        raise TokenError("no such key here")
    claims = claims_of(token, holder.private_key)
    if claims.get("sub") != holder.key_name or claims.get("iss") not in ISSUERS:
        raise TokenError("the token names somebody else")
    return holder, claims


def _check_times(claims: dict[str, Any], shown_us: int) -> None:
    begins, ends = claims.get("nbf"), claims.get("exp")
    if not (isinstance(begins, int) and isinstance(ends, int)):
        raise TokenError("the token has no times")
    if not begins * _SECOND_US <= shown_us < ends * _SECOND_US:
        raise TokenTimeError(f"valid from {begins} to {ends}")


def claims_of(token: str, key: PrivateKey) -> dict[str, Any]:
    """What a token says, if this key has signed it. Raises `TokenError`; does not look at the times."""
    if isinstance(key, Ed25519PrivateKey) and _is_made_again(token, key):
        return _part(token, 1)
    algorithm = "EdDSA" if isinstance(key, Ed25519PrivateKey) else "ES256"
    unchecked: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
    try:
        found: dict[str, Any] = jwt.decode(token, key.public_key(), algorithms=[algorithm], options=unchecked)
    except jwt.PyJWTError as error:
        raise TokenError(str(error)) from None
    return found


def _is_made_again(token: str, key: Ed25519PrivateKey) -> bool:
    """Whether the key, which the sandbox holds, makes this very token.

    Ed25519 makes one signature of a text (RFC 8032), and signing takes a third of the time of checking. False decides
    nothing: a signature may be good all the same.
    """
    signed, _, signature = token.rpartition(".")
    made = base64.urlsafe_b64encode(key.sign(signed.encode())).rstrip(b"=")
    return hmac.compare_digest(made, signature.encode()) and _part(token, 0).get("alg") == "EdDSA"


def _part(token: str, number: int) -> dict[str, Any]:
    """An object in a token: 0 is the header, 1 the claims. Raises `TokenError`; believes everything."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(token.split(".")[number] + "=="))
    except (IndexError, ValueError) as error:
        raise TokenError(str(error)) from None
    if not isinstance(found, dict):
        raise TokenError("not an object")
    return found


def _requests(claims: dict[str, Any]) -> set[str]:
    """For which requests a token is: `uri`, or the list `uris` that tokens of the newer CDP API have.

    ccxt 4.5.90 sends that list with Ed25519 keys (coinbase.py, create_auth_token).
    """
    listed = claims.get("uris")
    found = [claims.get("uri"), *(listed if isinstance(listed, list) else [])]
    return {uri for uri in found if isinstance(uri, str)}


def _uris(incoming: Incoming) -> tuple[str, ...]:
    """Method, host and path without the query."""
    hosts = dict.fromkeys((incoming.header("host") or VENUE_HOST, VENUE_HOST))
    return tuple(f"{incoming.method} {host}{incoming.path}" for host in hosts)
