"""Listen keys of both forms: of the account, and named in each call. How accounts tell is tested with each venue."""

from __future__ import annotations

import pytest

from unified_binance_dialect.sandbox_listen_keys import account_source, calls


@pytest.mark.parametrize(("named", "takes"), [(False, ()), (True, ("listenKey",))])
def test_a_key_is_named_where_the_venue_wants_it(named: bool, takes: tuple[str, ...]) -> None:
    begin, *others = calls("/key", named=named)
    assert (begin.method, begin.must) == ("POST", ())
    assert [(call.method, call.must) for call in others] == [("PUT", takes), ("DELETE", takes)]


def test_the_end_of_a_key_is_said_once_and_then_there_is_silence() -> None:
    lives = [True]
    source = account_source(lambda: lives[0], lambda: [{"e": "news"}], lambda: [{"e": "listenKeyExpired"}])
    assert source.due() == [{"e": "news"}]
    lives[0] = False
    assert [source.due(), source.due()] == [[{"e": "listenKeyExpired"}], []]


def test_a_venue_may_end_a_key_without_a_word() -> None:
    assert account_source(lambda: False, lambda: [{"e": "news"}]).due() == []
