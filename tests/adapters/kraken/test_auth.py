from __future__ import annotations

import json

import pytest

from tests.adapters.kraken.venue import CREDENTIALS, DUMMY_SECRET, STAMP, adapter
from unified.adapter import Endpoint
from unified.errors import ConfigurationError, Kind, Outcome, VenueError
from unified.instrument import Product
from unified.operations import FetchKeyPermissions, FetchServerTime
from unified.secret import Credentials, Secret
from unified_kraken.auth import Auth

DOCS_SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
"""The published dummy of the venue's documentation."""
PLACED_AS_JSON = (
    '{"nonce":"1763596800000000001","ordertype":"limit","type":"buy","volume":"1.25","pair":"XBTUSD",'
    '"price":"27500","cl_ord_id":"6d1b345e-2821-40e2-ad83-4ecb18a06876"}'
)


@pytest.mark.parametrize(
    ("secret", "path", "nonce", "body", "signature"),
    [
        pytest.param(
            DOCS_SECRET,
            "/0/private/AddOrder",
            "1616492376594",
            "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25",
            "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ==",
            id="the example of the documentation",
        ),
        pytest.param(
            DUMMY_SECRET,
            "/0/private/Balance",
            "1763596800000000000",
            "nonce=1763596800000000000",
            "67uXLj2xLAoFsoj6Cwr6om7GoOrxAmr8yR17+5jAbt8HMiTR/4CebraSc8fEIaoXHc3uB3CrCA9LpkiXSo9vOA==",
            id="a body of a nonce alone",
        ),
        pytest.param(
            DUMMY_SECRET,
            "/0/private/AddOrder",
            "1763596800000000001",
            PLACED_AS_JSON,
            "lJiYl3DvcY+AluiOYlDuf5R44i707BYW6DCilvH0I1QL3hSuRnM/jrk/ipb7ZDrpq0Azf3/YtWta03VLD4dKMQ==",
            id="a body of JSON",
        ),
        pytest.param(
            DUMMY_SECRET,
            "/0/private/AddOrder",
            "1763596800000000002",
            "nonce=1763596800000000002&ordertype=limit&type=sell&volume=0.5&pair=XBTUSD&price=65000.1"
            "&expiretm=%2B60&close%5Bordertype%5D=limit&close%5Bprice%5D=70000&otp=123456",
            "kcj9UJZg0DckeoIxH2BmpyR8c8BkoXATcoUJ/Nv6cTTaMs+Mj9lrCgukhmul52GmsODQyQpVhxpzOBsGag2gRQ==",
            id="a body with escapes",
        ),
    ],
)
def test_signatures(secret: str, path: str, nonce: str, body: str, signature: str) -> None:
    auth = Auth(Credentials(key="a-dummy-key", secret=Secret(secret)))
    signed = auth.signed(path, nonce, body.encode(), "text/plain")
    assert signed.headers == {"API-Key": "a-dummy-key", "API-Sign": signature, "Content-Type": "text/plain"}
    assert signed.body == body.encode()


def test_a_form_is_encoded_once_and_signed_as_it_is_sent() -> None:
    auth = Auth(CREDENTIALS)
    form = auth.form("/0/private/AddOrder", {"price": "+1%", "note": "a&b=c"}, STAMP)
    assert form.body == f"nonce={STAMP.nonce}&price=%2B1%25&note=a%26b%3Dc".encode()
    assert form == auth.signed("/0/private/AddOrder", str(STAMP.nonce), form.body, form.headers["Content-Type"])


def test_a_nested_body_carries_the_nonce_that_is_signed() -> None:
    auth = Auth(CREDENTIALS)
    nested = auth.nested("/0/private/AddOrderBatch", {"orders": [{"volume": "1"}]}, STAMP)
    assert json.loads(nested.body) == {"nonce": str(STAMP.nonce), "orders": [{"volume": "1"}]}
    assert nested == auth.signed("/0/private/AddOrderBatch", str(STAMP.nonce), nested.body, "application/json")


def test_the_password_of_a_key_with_two_factors_travels_in_the_body() -> None:
    auth = Auth(Credentials(key="k", secret=Secret(DUMMY_SECRET), passphrase=Secret("a dummy password")))
    assert auth.form("/0/private/Balance", {}, STAMP).body.endswith(b"&otp=a+dummy+password")
    assert json.loads(auth.nested("/0/private/Balance", {}, STAMP).body)["otp"] == "a dummy password"
    assert "dummy password" not in repr(auth)


def test_without_a_key_nothing_signed_leaves() -> None:
    bare = adapter(with_key=False)
    private = bare.endpoints[FetchKeyPermissions, Product.SPOT]
    public = bare.endpoints[FetchServerTime, Product.SPOT]
    assert isinstance(private, Endpoint)
    assert isinstance(public, Endpoint)
    with pytest.raises(VenueError) as caught:
        private.build(FetchKeyPermissions(), STAMP)
    assert (caught.value.kind, caught.value.outcome) == (Kind.BAD_CREDENTIALS, Outcome.NOT_SENT)
    assert public.build(FetchServerTime(), STAMP).path == "/0/public/Time"


def test_a_secret_that_is_no_base64_is_refused_at_once_and_not_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Auth(Credentials(key="k", secret=Secret("not base64!")))
    assert "not base64!" not in str(caught.value)
