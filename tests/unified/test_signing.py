"""Signatures against worked vectors: of the venues' papers where they print one, else of their own client libraries."""

from __future__ import annotations

import base64
import hashlib
import traceback
from collections.abc import Callable
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from unified.errors import ConfigurationError
from unified.secret import Secret
from unified.signing import (
    KeySigner,
    base64_text,
    hmac_sha256,
    hmac_sha512_base64,
    is_pem,
    key_signer,
    private_key,
    sha256,
)

EXPONENT = 65537


def pem_of(key: RSAPrivateKey | Ed25519PrivateKey) -> Secret:
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def rsa_key(p: int, q: int) -> RSAPrivateKey:
    """The key of two primes; the public exponent is the usual one."""
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa_crt_dmp1(d, p),
        dmq1=rsa_crt_dmq1(d, q),
        iqmp=rsa_crt_iqmp(p, q),
        public_numbers=RSAPublicNumbers(EXPONENT, p * q),
    )
    return numbers.private_key()


class TestHmacSha256Hex:
    """Binance, "Endpoint security type" of the REST documents (2026): query and body are signed as one text."""

    @pytest.mark.parametrize(
        ("message", "signature"),
        [
            pytest.param(
                "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC"
                "&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
                "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
                id="a query alone",
            ),
            pytest.param(
                "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC"
                "&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
                "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
                id="a symbol that is percent-encoded first",
            ),
            pytest.param(
                "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC"
                "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
                "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77",
                id="a query and a body, glued",
            ),
        ],
    )
    def test_binance(self, message: str, signature: str) -> None:
        signer = hmac_sha256(Secret("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"))
        assert signer.sign(message.encode()).hex() == signature

    @pytest.mark.parametrize(
        ("message", "signature"),
        [
            pytest.param(
                "category=linear&symbol=BTCUSDT&orderLinkId=abc-1",
                "758abc33112dfd0a5dc3e8b813958d5be9eb11511d6b35d2030b78ef7bcd39b6",
                id="a query",
            ),
            pytest.param(
                "category=linear&cursor=page_token%3D39380%26&limit=50",
                "88f612ce0cbd87cd242a90d9207d879abc809c7fa6ed1185c45143046f0e5aa1",
                id="a cursor that is passed on as it came",
            ),
            pytest.param(
                '{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001",'
                '"price":"50000","timeInForce":"PostOnly","orderLinkId":"abc-1"}',
                "7a81d1f64f3abcfc89298998ad478f7ddc4cd9d2ef33db55e9091066320ff1ae",
                id="a body",
            ),
            pytest.param(
                "", "1ec4802d0ef33873cfc907ab770b1121435ed320040882232a71fd99c4b3e2be", id="nothing but the stamp"
            ),
        ],
    )
    def test_bybit(self, message: str, signature: str) -> None:
        """Bybit, "Integration guidance" (2026): time, key and window stand before the payload."""
        signer = hmac_sha256(Secret("testSecret000000000000000000000000001"))
        assert signer.sign(f"1763640000000testApiKey000000015000{message}".encode()).hex() == signature

    def test_bybit_login(self) -> None:
        signer = hmac_sha256(Secret("testSecret000000000000000000000000001"))
        signature = "f73df332c9d6b2005df214622640349aaf2c92a4713e248a52e4fd036643dcdb"
        assert signer.sign(b"GET/realtime1763640010000").hex() == signature


class TestHmacSha256Base64:
    """OKX, "REST authentication" (2026): time, method, path with its query, body."""

    @pytest.mark.parametrize(
        ("message", "signature"),
        [
            pytest.param(
                "2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC",
                "HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=",
                id="a path with a query",
            ),
            pytest.param(
                "2020-12-08T09:08:57.715ZPOST/api/v5/account/set-leverage"
                '{"instId":"BTC-USDT","lever":"5","mgnMode":"isolated"}',
                "eCnnCgWLjlQ9XnpUkrcny3qNq3WW/81KNrDr/XR6Xv8=",
                id="a body",
            ),
            pytest.param(
                "2026-11-20T08:00:00.123ZPOST/api/v5/trade/order"
                '{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"}',
                "B2oFm04fGZ4U6oaPSKea3UKK/NHVVD3917bUO/fCBxw=",
                id="an order",
            ),
            pytest.param(
                "2026-11-20T08:00:00.123ZGET/api/v5/account/config",
                "UMspBsoEIp30+8RRIyc+QdrWFFZRO64ChW49l0IQcgU=",
                id="a path alone",
            ),
            pytest.param(
                "1704876947GET/users/self/verify", "5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=", id="a login"
            ),
            pytest.param(
                "1538054050GET/users/self/verify", "+LdIr8lkkvhr5hoA3g9TMC0+uQJ849ftAcocA/ouu4M=", id="another login"
            ),
        ],
    )
    def test_okx(self, message: str, signature: str) -> None:
        signer = hmac_sha256(Secret("22582BD0CFF14C41EDBF1AB98506286D"))
        assert base64_text(signer.sign(message.encode())) == signature


OWN_KRAKEN_SECRET = base64.b64encode(b"kraken-dummy-secret-for-tests-only-0123456789abcdefghijklmnopqrs").decode()
KRAKEN_PAPER_SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="


class TestHmacSha512:
    """Kraken, "Spot REST authentication" (2026): path, then the SHA-256 of nonce and body."""

    @pytest.mark.parametrize(
        ("secret", "path", "nonce", "body", "signature"),
        [
            pytest.param(
                KRAKEN_PAPER_SECRET,
                "/0/private/AddOrder",
                "1616492376594",
                "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
                "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
                id="the order of the venue's page",
            ),
            pytest.param(
                OWN_KRAKEN_SECRET,
                "/0/private/Balance",
                "1763596800000000000",
                "nonce=1763596800000000000",
                "67uXLj2xLAoFsoj6Cwr6om7GoOrxAmr8yR17+5jAbt8HMiTR/4CebraSc8fEIaoXHc3uB3CrCA9LpkiXSo9vOA==",
                id="a body of the nonce alone",
            ),
            pytest.param(
                OWN_KRAKEN_SECRET,
                "/0/private/AddOrder",
                "1763596800000000001",
                '{"nonce":"1763596800000000001","ordertype":"limit","type":"buy","volume":"1.25","pair":"XBTUSD",'
                '"price":"27500","cl_ord_id":"6d1b345e-2821-40e2-ad83-4ecb18a06876"}',
                "lJiYl3DvcY+AluiOYlDuf5R44i707BYW6DCilvH0I1QL3hSuRnM/jrk/ipb7ZDrpq0Azf3/YtWta03VLD4dKMQ==",
                id="a body of JSON",
            ),
            pytest.param(
                OWN_KRAKEN_SECRET,
                "/0/private/AddOrder",
                "1763596800000000002",
                "nonce=1763596800000000002&ordertype=limit&type=sell&volume=0.5&pair=XBTUSD&price=65000.1"
                "&expiretm=%2B60&close%5Bordertype%5D=limit&close%5Bprice%5D=70000&otp=123456",
                "kcj9UJZg0DckeoIxH2BmpyR8c8BkoXATcoUJ/Nv6cTTaMs+Mj9lrCgukhmul52GmsODQyQpVhxpzOBsGag2gRQ==",
                id="a body with brackets and a plus",
            ),
        ],
    )
    def test_kraken(self, secret: str, path: str, nonce: str, body: str, signature: str) -> None:
        message = path.encode() + sha256((nonce + body).encode())
        assert base64_text(hmac_sha512_base64(Secret(secret)).sign(message)) == signature

    @pytest.mark.parametrize(
        "secret", ["", "not base64!", "abc", "YWJj\n"], ids=lambda text: f"{text!r} is not the base64 of a secret"
    )
    def test_a_secret_that_is_not_base64_is_refused_in_words(self, secret: str) -> None:
        with pytest.raises(ConfigurationError, match=r"credentials\.secret: this venue's secret is base64 text"):
            hmac_sha512_base64(Secret(secret))


BINANCE_MESSAGE = (
    b"symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000"
)
SEEDED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class TestEd25519:
    @pytest.mark.parametrize(
        ("message", "signature"),
        [
            pytest.param(
                BINANCE_MESSAGE,
                "m5loLRxgkb9HyW0wkZ4KNrpck881bx5D0OrKNnPklvk4tlGjEJkhiP9DoyC0sc1lXA/TWugjVPrMb/bfNdmdBw==",
                id="an order",
            ),
            pytest.param(
                b"apiKey=test-key&timestamp=1700000000000",
                "GMeMwy/Tw8W5aKrDqTXYqynC+QmY1aGnUmHA6fIyrYoWFcOoPR56zhUIeOtPx31XVBblS6KEYg5kAszjGQFdBQ==",
                id="a login",
            ),
        ],
    )
    def test_binance(self, message: bytes, signature: str) -> None:
        assert base64_text(key_signer(pem_of(SEEDED)).sign(message)) == signature

    @given(st.binary())
    def test_the_public_key_verifies_it(self, message: bytes) -> None:
        SEEDED.public_key().verify(key_signer(pem_of(SEEDED)).sign(message), message)


BYBIT_P = int(
    "f9b405111a5b7829934f61bc049404d918e2a7496043f080b07df7b69056acc6"
    "3e29bb63884c6264cb32e7dc2d171ec8c295f4602d382cd36a77b4603d6523e7",
    16,
)
BYBIT_Q = int(
    "f38681c80a7fc0f77f8a26176b3183649981110001f9a36c134052b11978900d"
    "7dc47dff33bd6fd35fac87e010f6be93f96a6c61f548b2e89c5fe361a1d39e81",
    16,
)


def is_prime(number: int) -> bool:
    """Miller and Rabin, with the first primes as bases: no composite of this construction passes."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        if all((power := power * power % number) != number - 1 for _ in range(twos - 1)):
            return False
    return True


def prime_from(word: str) -> int:
    """The first usable prime of 1024 bits at or above the number that a word is hashed to."""
    digits = b"".join(hashlib.sha256(f"{word}{i}".encode()).digest() for i in range(4))
    start = int.from_bytes(digits) | 3 << 1022 | 1
    return next(n for n in count(start, 2) if all(n % small for small in (3, 5, 7, 11, 13)) and is_prime(n))


class TestRsa:
    def test_bybit(self) -> None:
        """Equal to the signer of the venue's own client; the key is of the test alone."""
        signer = key_signer(pem_of(rsa_key(BYBIT_P, BYBIT_Q)))
        request = b"1763640000000testApiKey000000015000category=linear&symbol=BTCUSDT&orderLinkId=abc-1"
        assert base64_text(signer.sign(request)) == (
            "jLaMzFvaP2C7FWdSLXqD7J3GtI6bGs1BsgFEwWvZDXI6X327A+kfAUd7b1yeRW6uSAuG1moDa8Kko7DxKLWW6WfWkABXAT0ukDfzFUy7Lc6y"
            "EO7mCD8eGvG0u0tilEyQeGCFw0VQvj380JQpUO1uYpmj5GhkQcT2dEB3KjFEPUQ="
        )
        assert base64_text(signer.sign(b"GET/realtime1763640010000")) == (
            "u9nviPguB5KU/4Tpg1dSRVE+YX3wOGVmLniRsfAl37t/U5lVWaaId07BIvTBLOZTZgLnnirrcJ9P3/NYo2UhGkNRRgner0C5tQ/xdVigCv3J"
            "NK+DDZfVec631Mji4n/XOgd4zhok8ckPgtalNWQI5rjkApaIz5Z+WgQ+9TWyyVs="
        )

    def test_binance(self) -> None:
        """A key of 2048 bits that is computed from two words, so that none has to be kept."""
        key = rsa_key(prime_from("binance-test-p"), prime_from("binance-test-q"))
        modulus = key.public_key().public_numbers().n.to_bytes(256)
        assert sha256(modulus).hex() == "26a414f5a374a6e1ef31d726e1c4e125fdeafc72fd09d5d3331e2557fb5b977e"
        raw = key_signer(pem_of(key)).sign(BINANCE_MESSAGE)
        key.public_key().verify(raw, BINANCE_MESSAGE, PKCS1v15(), SHA256())
        signature = base64_text(raw)
        assert signature.startswith("OUAgJAEHTzKUOW8v9gBJ55QEnXZRiACTsQAhiUREzRQU0uh7")
        assert signature.endswith("oN6ioseHLYgC/hUQ==")


def cut(pem: str) -> str:
    return pem.replace("MC4C", "AAAA")


SEEDED_PEM = pem_of(SEEDED).reveal()


class TestPrivateKey:
    @pytest.mark.parametrize(
        "written",
        [
            pytest.param(lambda pem: pem, id="as the venue gives it"),
            pytest.param(lambda pem: pem.replace("\n", "\\n"), id="on one line, breaks written out"),
            pytest.param(lambda pem: f"  {pem.strip()}  ", id="with blanks around it"),
        ],
    )
    def test_a_pem_is_read(self, written: Callable[[str], str]) -> None:
        secret = Secret(written(SEEDED_PEM))
        assert is_pem(secret)
        assert isinstance(private_key(secret), Ed25519PrivateKey)

    @pytest.mark.parametrize("text", ["dummy-text", cut(SEEDED_PEM)], ids=["a shared secret", "a pem that is damaged"])
    def test_what_is_no_key_is_refused_and_no_frame_of_the_error_holds_it(self, text: str) -> None:
        with pytest.raises(ConfigurationError, match=r"credentials\.secret: not a readable private key") as info:
            key_signer(Secret(text))
        frames = [frame for frame, _ in traceback.walk_tb(info.tb) if frame.f_globals["__name__"] == "unified.signing"]
        assert frames
        body = max(text.splitlines(), key=len)
        assert all(body not in repr(frame.f_locals) for frame in frames)

    def test_a_key_of_another_kind_is_refused(self) -> None:
        pem = generate_ec_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(ConfigurationError, match="must be Ed25519 or RSA"):
            key_signer(Secret(pem.decode()))

    def test_a_shared_secret_is_no_pem(self) -> None:
        assert not is_pem(Secret("dummy"))


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_a_signer_can_be_used_again_and_again(first: bytes, second: bytes) -> None:
    signer = hmac_sha256(Secret("dummy"))
    once = signer.sign(first)
    assert signer.sign(second) == hmac_sha256(Secret("dummy")).sign(second)
    assert signer.sign(first) == once


@pytest.mark.parametrize(
    "signer",
    [hmac_sha256(Secret("dummy-hidden-text")), KeySigner(SEEDED, rsa=False)],
    ids=["a shared secret", "a private key"],
)
def test_a_printed_signer_shows_no_key(signer: object) -> None:
    assert repr(signer).startswith("<unified.signing.")
    with pytest.raises(TypeError):
        vars(signer)
