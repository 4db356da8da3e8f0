"""The order state machine: its rules one by one, and all interleavings of a small world.

The model check walks every order of events of up to three copies, a crash, late and lost copies, lost answers,
early fills that free the id, answers that do not show the order yet, and a clock known to one unit only, on the
production state machine. With one protection taken away it must find a second order: those are the controls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from attrs import evolve

from unified.adapter import Dedup, Expiry, PlacementRule
from unified.intent import (
    Intent,
    Phase,
    found,
    lost,
    may_send,
    not_found,
    not_sent,
    proves_absence,
    refused,
    sent,
    settled_at_ms,
)

EXPIRING = PlacementRule(
    dedup=Dedup.WHILE_OPEN,
    expiry=Expiry(parameter="window", min_ms=1, max_ms=60_000, default_ms=2),
    visibility=0.001,
    source="test",
)
ENDLESS = evolve(EXPIRING, expiry=None)
FOR_EVER = evolve(EXPIRING, dedup=Dedup.EVER)


def in_doubt(fence_ms: int | None = 100) -> Intent:
    return lost(sent(Intent(), fence_ms))


class TestRules:
    def test_a_new_intent_may_be_sent(self) -> None:
        assert may_send(Intent(), EXPIRING)

    def test_an_order_in_doubt_is_not_sent_again(self) -> None:
        assert not may_send(in_doubt(), EXPIRING)

    def test_a_venue_that_dedups_for_ever_may_be_sent_the_id_again_at_once(self) -> None:
        assert may_send(in_doubt(), FOR_EVER)

    def test_what_never_left_is_as_if_it_had_not_been_tried(self) -> None:
        assert not_sent(sent(Intent(), 100)) == Intent(fence_ms=100)
        assert may_send(not_sent(sent(Intent(), 100)), EXPIRING)

    def test_a_refusal_settles_an_order_whose_only_copy_it_was(self) -> None:
        assert refused(sent(Intent(), 100)).phase is Phase.REFUSED

    def test_a_refused_second_copy_never_settles_an_unknown_first(self) -> None:
        again = sent(in_doubt(), 200)
        assert refused(again).phase is Phase.UNKNOWN

    def test_a_second_copy_that_never_left_leaves_the_first_in_doubt(self) -> None:
        assert not_sent(sent(in_doubt(), 200)).phase is Phase.UNKNOWN

    def test_not_found_before_the_fence_and_the_visibility_proves_nothing(self) -> None:
        rule = evolve(EXPIRING, visibility=3.0)
        assert settled_at_ms(in_doubt(100), rule) == 3100
        assert not_found(in_doubt(100), 3100, rule).phase is Phase.UNKNOWN
        assert not_found(in_doubt(100), 3101, rule).phase is Phase.READY

    def test_without_expiry_not_found_never_proves_anything(self) -> None:
        assert not proves_absence(in_doubt(None), 10**15, ENDLESS)
        assert not_found(in_doubt(None), 10**15, ENDLESS).phase is Phase.UNKNOWN

    def test_a_venue_that_cannot_be_asked_proves_nothing(self) -> None:
        assert not proves_absence(in_doubt(), 10**15, evolve(EXPIRING, queryable=False))

    def test_the_fence_of_two_copies_in_doubt_is_the_later_one(self) -> None:
        assert lost(sent(in_doubt(200), 100)).fence_ms == 200

    def test_the_fence_of_a_copy_sent_after_a_proof_is_its_own(self) -> None:
        absent = not_found(in_doubt(200), 10_000, EXPIRING)
        assert sent(absent, 11_000).fence_ms == 11_000

    def test_an_order_that_was_found_is_settled_whatever_was_in_doubt(self) -> None:
        assert found(in_doubt()).settled

    @pytest.mark.parametrize("state", [sent(Intent(), 1), found(sent(Intent(), 1))], ids=["under way", "known"])
    def test_a_copy_is_never_sent_while_one_is_under_way_or_known(self, state: Intent) -> None:
        with pytest.raises(ValueError, match="not sent again"):
            sent(state, 2)


# --- the model


WINDOW = 2
NEVER = 10**9


class Copy(NamedTuple):
    """A copy on its way."""

    number: int
    expires: int


class World(NamedTuple):
    """Everything that matters of client, wire and venue at one moment. Time is in units of one millisecond."""

    intent: Intent = Intent()
    wire: tuple[Copy, ...] = ()
    """Copies that have left and may still arrive."""
    answer: str = ""
    """On its way back to the copy that the client waits for."""
    orders: int = 0
    resting: bool = False
    """Whether the newest order still rests: one that filled at once has freed its id."""
    hidden_since: int | None = None
    """Since when the newest order exists without showing in answers."""
    now: int = 0
    crashed: bool = False


class Venue(NamedTuple):
    """What the venue really does; `PlacementRule` is what the client believes."""

    window: int | None = WINDOW
    visibility: int = 1
    dedups_for_ever: bool = False


class Client(NamedTuple):
    """How the client goes about it."""

    rule: PlacementRule
    journal: bool = True
    upper_bound: bool = False
    """Whether it tests the fence by the upper bound of the clock instead of the lower one."""


MODEL_RULE = evolve(EXPIRING, visibility=0.001)
TICKS, COPIES = 11, 3


def following(world: World, client: Client, venue: Venue) -> Iterator[World]:
    """Every world that may come next."""
    yield from _time_passes(world, venue)
    yield from _client_sends(world, client, venue)
    yield from _copies_travel(world, venue)
    yield from _client_hears(world)
    yield from _client_asks(world, client)
    if not world.crashed and world.intent.sends and not world.intent.settled:
        known = lost(world.intent) if world.intent.phase is Phase.SENT else world.intent
        yield world._replace(crashed=True, answer="", intent=known if client.journal else Intent())


def _time_passes(world: World, venue: Venue) -> Iterator[World]:
    overdue = world.hidden_since is not None and world.now - world.hidden_since >= venue.visibility
    if world.now < TICKS and not overdue:
        yield world._replace(now=world.now + 1)
    if world.hidden_since is not None:
        yield world._replace(hidden_since=None)


def _clock(world: World, upper: bool) -> tuple[int, ...]:
    """What the client may take for the time: it knows it to one unit."""
    return (world.now, world.now + 1) if upper else (world.now - 1, world.now)


def _client_sends(world: World, client: Client, venue: Venue) -> Iterator[World]:
    intent = world.intent
    if intent.sends >= COPIES or intent.phase not in (Phase.READY, Phase.UNKNOWN):
        return
    if not may_send(intent, client.rule):
        return
    for stamp in _clock(world, upper=False):
        expires = NEVER if venue.window is None else stamp + venue.window
        copy = Copy(intent.sends + 1, expires)
        fence = stamp + WINDOW if client.rule.expiry is not None else None
        yield world._replace(intent=sent(intent, fence), wire=(*world.wire, copy), answer="")


def _copies_travel(world: World, venue: Venue) -> Iterator[World]:
    for index, copy in enumerate(world.wire):
        without = world._replace(wire=world.wire[:index] + world.wire[index + 1 :])
        yield without  # lost on the way
        awaited = world.intent.phase is Phase.SENT and copy.number == world.intent.sends
        if world.now > copy.expires:
            yield without._replace(answer="refused" if awaited else world.answer)
        elif world.resting or (venue.dedups_for_ever and world.orders):
            continue  # a duplicate: refused, or answered with the first order; the client has to look either way
        else:
            for resting in (True, False):
                yield without._replace(
                    answer="placed" if awaited else world.answer,
                    orders=world.orders + 1,
                    resting=resting,
                    hidden_since=world.now,
                )


def _client_hears(world: World) -> Iterator[World]:
    if world.intent.phase is Phase.SENT:
        yield world._replace(intent=lost(world.intent), answer="")
        if world.answer == "placed":
            yield world._replace(intent=found(world.intent), answer="")
        elif world.answer == "refused":
            yield world._replace(intent=refused(world.intent), answer="")


def _client_asks(world: World, client: Client) -> Iterator[World]:
    if world.intent.phase is not Phase.UNKNOWN:
        return
    if world.orders and world.hidden_since is None:
        yield world._replace(intent=found(world.intent))
        return
    for asked in _clock(world, client.upper_bound):
        yield world._replace(intent=not_found(world.intent, asked, client.rule))


def first_violation(client: Client, venue: Venue) -> tuple[str | None, int]:
    """The first world with two orders or with an order that the client denies, and how many worlds were seen."""
    seen = {World()}
    edge = deque(seen)
    while edge:
        world = edge.popleft()
        if world.orders > 1:
            return f"two orders: {world}", len(seen)
        if world.orders and world.intent.phase is Phase.REFUSED:
            return f"an order that is denied: {world}", len(seen)
        for new in following(world, client, venue):
            if new not in seen:
                seen.add(new)
                edge.append(new)
    return None, len(seen)


class TestEveryInterleaving:
    @pytest.mark.parametrize(
        ("client", "venue"),
        [
            pytest.param(Client(MODEL_RULE), Venue(), id="where requests expire"),
            pytest.param(
                Client(evolve(MODEL_RULE, dedup=Dedup.EVER)), Venue(dedups_for_ever=True), id="where ids are permanent"
            ),
            pytest.param(
                Client(evolve(MODEL_RULE, expiry=None)),
                Venue(window=None),
                id="where nothing expires: never sent again",
            ),
        ],
    )
    def test_one_intent_makes_at_most_one_order(self, client: Client, venue: Venue) -> None:
        violation, worlds = first_violation(client, venue)
        assert violation is None
        assert worlds > 300, "the model must have walked something"

    @pytest.mark.parametrize(
        ("client", "venue"),
        [
            pytest.param(Client(MODEL_RULE, journal=False), Venue(), id="no journal: a crash forgets the first copy"),
            pytest.param(Client(MODEL_RULE, upper_bound=True), Venue(), id="the fence by the clock's upper bound"),
            pytest.param(
                Client(evolve(MODEL_RULE, visibility=-0.010)), Venue(), id="no fence: not found is believed at once"
            ),
            pytest.param(
                Client(evolve(MODEL_RULE, visibility=0.0)), Venue(), id="a fence without the wait for visibility"
            ),
            pytest.param(Client(MODEL_RULE), Venue(window=None), id="a venue that does not keep the expiry"),
            pytest.param(
                Client(evolve(MODEL_RULE, dedup=Dedup.EVER)), Venue(), id="the same id again where ids are freed"
            ),
        ],
    )
    def test_with_one_protection_removed_a_second_order_is_found(self, client: Client, venue: Venue) -> None:
        violation, _ = first_violation(client, venue)
        assert violation is not None
