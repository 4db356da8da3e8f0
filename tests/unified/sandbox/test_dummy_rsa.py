"""Keys from plain words: the same on every machine, and their signatures are told from others."""

from __future__ import annotations

from functools import partial

from unified.sandbox.dummy_rsa import prime_of, rsa_key, rsa_matches

P = int(
    "f9b405111a5b7829934f61bc049404d918e2a7496043f080b07df7b69056acc6"
    "3e29bb63884c6264cb32e7dc2d171ec8c295f4602d382cd36a77b4603d6523e7",
    16,
)
Q = int(
    "f38681c80a7fc0f77f8a26176b3183649981110001f9a36c134052b11978900d"
    "7dc47dff33bd6fd35fac87e010f6be93f96a6c61f548b2e89c5fe361a1d39e81",
    16,
)
BY_RSA = (
    "jLaMzFvaP2C7FWdSLXqD7J3GtI6bGs1BsgFEwWvZDXI6X327A+kfAUd7b1yeRW6uSAuG1moDa8Kko7DxKLWW6WfWkABXAT0ukDfzFUy7Lc6yEO7m"
    "CD8eGvG0u0tilEyQeGCFw0VQvj380JQpUO1uYpmj5GhkQcT2dEB3KjFEPUQ="
)


def test_a_known_signature_is_accepted_and_no_other() -> None:
    matches = partial(rsa_matches, rsa_key(P, Q).public_key())
    signed = b"1763640000000testApiKey000000015000category=linear&symbol=BTCUSDT&orderLinkId=abc-1"
    assert matches(signed, BY_RSA)
    assert not matches(signed + b"2", BY_RSA)
    assert not matches(signed, BY_RSA[:-4] + "AAA=")


def test_a_signature_that_is_no_base64_is_only_wrong() -> None:
    assert not rsa_matches(rsa_key(P, Q).public_key(), b"", "not base64!")


def test_candidates_for_primes_come_from_words() -> None:
    first, second = prime_of("a word", 0), prime_of("a word", 1)
    assert (first % 2, first.bit_length(), second - first) == (1, 1024, 2)
    assert prime_of("another word", 0) != first
    assert rsa_key(prime_of("bybit-test-p", 744), prime_of("bybit-test-q", 48)).key_size == 2048
