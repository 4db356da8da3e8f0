"""What an account holds: the few things that are computed."""

from __future__ import annotations

from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from unified import account
from unified.account import Balance, KeyPermissions

MONEY = st.decimals(0, 1_000_000_000, places=8)


@given(MONEY, MONEY)
def test_a_total_is_what_is_free_and_what_is_locked(free: Decimal, locked: Decimal) -> None:
    balance = Balance(currency="BTC", free=free, locked=locked)
    assert balance.total - balance.locked == balance.free


def test_what_a_venue_does_not_tell_of_a_key_is_not_made_up() -> None:
    silent = KeyPermissions()
    assert (silent.read, silent.trade, silent.withdraw, silent.addresses, silent.expires_at) == (None,) * 5


def test_no_value_of_an_account_is_a_float() -> None:
    classes = [value for value in vars(account).values() if isinstance(value, type) and attrs.has(value)]
    fields = [field for one in classes for field in attrs.fields(one)]
    assert len(classes) >= 6
    assert [field.name for field in fields if "float" in str(field.type)] == []
