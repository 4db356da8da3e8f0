"""Signals: who listens hears, in order, until told to stop; whoever fails is passed over."""

from __future__ import annotations

import pytest

from unified.errors import Kind, Scope
from unified.hooks import BanEvent, Hooks, Signal

BAN = BanEvent(venue="toy", scope=Scope.IP, kind=Kind.BANNED, seconds=1.0)


class TestSignal:
    def test_listeners_hear_in_the_order_in_which_they_came(self) -> None:
        heard: list[str] = []
        signal: Signal[BanEvent] = Signal()
        signal.add(lambda event: heard.append(f"first {event.venue}"))
        signal.add(lambda event: heard.append(f"second {event.venue}"))
        signal.emit(BAN)
        assert heard == ["first toy", "second toy"]

    def test_a_signal_is_true_only_while_somebody_listens(self) -> None:
        signal: Signal[BanEvent] = Signal()
        assert not signal
        stop = signal.add(lambda event: None)
        assert signal
        stop()
        assert not signal

    def test_a_listener_that_fails_does_not_keep_the_others_from_hearing(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        def stumble(_event: BanEvent) -> None:
            raise ValueError("mine")

        heard: list[BanEvent] = []
        signal: Signal[BanEvent] = Signal()
        signal.add(stumble)
        signal.add(heard.append)
        signal.emit(BAN)
        assert heard == [BAN]
        assert "BanEvent" in caplog.text

    def test_a_listener_may_stop_listening_while_it_hears(self) -> None:
        heard: list[BanEvent] = []
        signal: Signal[BanEvent] = Signal()

        def once(event: BanEvent) -> None:
            stop()
            heard.append(event)

        stop = signal.add(once)
        signal.emit(BAN)
        signal.emit(BAN)
        assert heard == [BAN]


def test_every_client_has_hooks_of_its_own() -> None:
    one, other = Hooks(), Hooks()
    one.on_ban.add(lambda event: None)
    assert one.on_ban
    assert not other.on_ban
