"""`unified venues`: what each adapter says of itself."""

from __future__ import annotations

import pytest

from tests.unified.cli.typed import Shell
from unified import registry
from unified.cli.choices import bare, venue_class
from unified.cli.venues import facts
from unified.errors import ConfigurationError
from unified.feeds import streams_of


def test_every_installed_venue_is_listed(shell: Shell) -> None:
    assert [entry["venue"] for entry in shell("venues", "--json").json] == list(registry.installed())
    assert all(name in shell("venues").out for name in registry.installed())


@pytest.mark.parametrize("venue", registry.installed())
def test_operations_are_those_of_the_endpoint_table(venue: str, shell: Shell) -> None:
    adapter = venue_class(venue)
    said = shell("venues", venue, "--json").json
    shown = {(name, product) for product, names in said["operations"].items() for name in names}
    own = {(operation.name, str(product)) for operation, product in bare(adapter).endpoints}
    assert shown <= own
    assert all({"place_order", "server_time"} <= set(names) for names in said["operations"].values())
    assert said["credential_fields"] == list(adapter.credential_fields)


@pytest.mark.parametrize("venue", registry.installed())
def test_watches_promises_and_limits_are_those_of_the_adapter(venue: str, shell: Shell) -> None:
    adapter = bare(venue_class(venue))
    said = shell("venues", venue, "--json").json
    shown = {(name, product) for product, names in said["streams"].items() for name in names}
    assert shown == {(watch.name, str(product)) for watch, product in streams_of(adapter)}
    assert {product: rule["dedup"] for product, rule in said["placement"].items()} == {
        str(product): rule.dedup for product, rule in adapter.placement.items()
    }
    assert [(each["bucket"], each["form"]) for each in said["limits"]] == [
        (limit.bucket, type(limit.rule).__name__) for limit in adapter.limits
    ]


def test_one_venue_is_told_in_full(shell: Shell) -> None:
    said = shell("venues", "okx").out
    for word in ("place_order", "linear", "https://", "passphrase", "demo", "real", "play"):
        assert word in said
    assert all(option.name in said for option in venue_class("okx").options)


def test_a_broken_adapter_hides_no_other(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    real = registry.adapter_class

    def broken(name: str) -> object:
        if name == "okx":
            raise ConfigurationError("adapter 'okx' is broken")
        return real(name)

    monkeypatch.setattr("unified.cli.venues.adapter_class", broken)
    said = shell("venues", "--json")
    assert said.status == 0
    by_name = {entry["venue"]: entry for entry in said.json}
    assert by_name["okx"] == {"venue": "okx", "broken": "adapter 'okx' is broken"}
    assert by_name["paper"] == shell("venues", "paper", "--json").json
    assert "cannot be used" in shell("venues").out


def test_facts_name_the_hosts() -> None:
    (environment,) = facts(venue_class("paper"))["environments"]
    assert environment.hosts == {"main": "http://main.paper.sandbox"}
