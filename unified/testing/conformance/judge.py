"""Brings everything together: the adapter by name or class, its recordings and its sandbox, and all rules in turn.

Opens no socket: the sandbox is played in memory and in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from unified.adapter import AdapterClass
from unified.feeds import streams_of
from unified.operations import OPERATIONS
from unified.registry import adapter_class
from unified.sandbox.dialect import Dialect
from unified.sandbox.registry import installed, sandbox_class
from unified.testing.conformance import (
    account_stories,
    answers,
    codes,
    damage,
    declared,
    declared_streams,
    doubt_stories,
    frames,
    injection,
    order_stories,
    own_stream_stories,
    public_stories,
    refusal_stories,
    requests,
    stream_stories,
)
from unified.testing.conformance.matching import matched
from unified.testing.conformance.recordings import recordings
from unified.testing.conformance.rules import (
    ACCOUNT,
    ANSWERS,
    BUILD,
    CLIENT_IDS,
    CLOCKS,
    CODES,
    DAMAGE,
    DOUBTS,
    EVIDENCE,
    FEEDS,
    FRAMES,
    INJECTION,
    INSTRUMENTS,
    KEEPING,
    LIMITS,
    NAMES,
    OBSERVED,
    ORDERS,
    PLACEMENT,
    PRICES,
    REFUSALS,
    SETTLED,
    STRANGERS,
    STREAMED,
    TABLE,
    TERMS,
    TORN,
    TORN_FRAMES,
    Finding,
    Report,
    Rule,
)
from unified.testing.conformance.stage import played
from unified.testing.conformance.subject import Subject, subject_of

Check = Callable[[Subject], Iterable[Finding]]
_CHECKS: Sequence[tuple[Rule, Check]] = (
    (NAMES, declared.names),
    (TABLE, declared.table),
    (INSTRUMENTS, answers.instruments),
    (BUILD, requests.requests),
    (TERMS, requests.terms),
    (INJECTION, injection.injection),
    (ANSWERS, answers.answers),
    (EVIDENCE, answers.evidence),
    (DAMAGE, damage.damage),
    (SETTLED, damage.settled),
    (OBSERVED, damage.observed),
    (CODES, codes.codes),
    (LIMITS, declared.limits),
    (CLOCKS, declared.clocks),
    (PLACEMENT, declared.placement),
    (CLIENT_IDS, declared.client_ids),
    (FEEDS, declared_streams.feeds),
    (FRAMES, frames.frames),
    (STRANGERS, frames.strangers),
    (TORN_FRAMES, frames.damage),
)
"""With the rule that is broken where a check cannot go on."""
STORIES = (
    *public_stories.STORIES,
    *account_stories.STORIES,
    *order_stories.STORIES,
    *refusal_stories.STORIES,
    *doubt_stories.STORIES,
    *stream_stories.STORIES,
    *own_stream_stories.STORIES,
)
"""What a sandbox is played with."""
_PLAYED = (PRICES, ACCOUNT, ORDERS, REFUSALS, DOUBTS, KEEPING)
_STREAMED = (STREAMED, TORN, FRAMES, STRANGERS, TORN_FRAMES)


@frozen(kw_only=True)
class Material:
    """What an adapter is judged by, beside itself."""

    recordings: tuple[Path, ...] = ()
    """Folders of recorded answers."""
    sandbox: type[Dialect] | None = None


def conform(adapter: str | AdapterClass, material: Material | None = None) -> Report:
    """Judge an adapter by all rules.

    A name stands for an installed adapter, with its sandbox if it has one. Raises ConfigurationError where the adapter
    is not installed or a recording cannot be read.
    """
    material = material or Material()
    if isinstance(adapter, str):
        return conform(adapter_class(adapter), with_sandbox(adapter, material))
    try:
        subject_of(adapter)
    except Exception as error:
        problem = f"cannot be made with its default settings: {type(error).__name__}: {error}"
        finding = Finding(NAMES, adapter.venue, problem)
        return Report(venue=adapter.venue, implemented={}, missing={}, findings=(finding,), skipped={})
    return _judged(adapter, material)


def with_sandbox(venue: str, material: Material) -> Material:
    """The material with the sandbox that is installed under this name, unless it has one already."""
    if material.sandbox is not None or venue not in installed():
        return material
    return evolve(material, sandbox=sandbox_class(venue))


@frozen
class _Judgement:
    findings: list[Finding] = field(factory=list)
    skipped: dict[Rule, str] = field(factory=dict)


def _judged(adapter: AdapterClass, material: Material) -> Report:
    judged, known = _Judgement(), None
    if material.sandbox is None:
        judged.skipped.update(dict.fromkeys((*_PLAYED, *_STREAMED), "no sandbox is installed"))
        subject = subject_of(adapter)
    else:
        watch, credentials, problems = played(adapter, material.sandbox, STORIES)
        known = watch
        judged.findings.extend(problems)
        subject = subject_of(adapter, credentials)
        subject.exchanges += watch.exchanges
        subject.listings |= watch.listings
        subject.transcripts += watch.transcripts
        subject.asked += [operation for operation, _, _ in watch.asked]
    subject.listings |= answers.listings(subject)
    unmatched = list(_with_recordings(subject, material.recordings))
    judged.findings.extend(unmatched)
    subject.listings |= answers.listings(subject)
    _skip_what_is_not_there(subject, judged.skipped, has_answers=bool(known or subject.exchanges))
    for rule, check in _CHECKS:
        judged.findings.extend(_found(rule, check, subject))
    return Report(
        venue=adapter.venue,
        implemented=dict(_implemented(subject)),
        missing=dict(_missing(subject)),
        findings=tuple(dict.fromkeys(judged.findings)),
        skipped=judged.skipped,
    )


def _found(rule: Rule, check: Check, subject: Subject) -> list[Finding]:
    """What a check finds; where the adapter breaks the check itself, that is a finding too."""
    found: list[Finding] = []
    try:
        found.extend(check(subject))
    except Exception as error:
        found.append(Finding(rule, subject.venue, f"could not be judged to the end: {type(error).__name__}: {error}"))
    return found


def _with_recordings(subject: Subject, folders: tuple[Path, ...]) -> Iterator[Finding]:
    for recording in recordings(*folders):
        exchanges = matched(subject, recording)
        subject.exchanges += exchanges
        if not exchanges and recording.operation:
            yield Finding(ANSWERS, recording.file, f"no call of the table is named {recording.operation!r}")


def _skip_what_is_not_there(subject: Subject, skipped: dict[Rule, str], *, has_answers: bool) -> None:
    if not has_answers:
        skipped[ANSWERS] = "there is neither a recording nor a sandbox"
    if not subject.listings:
        skipped[INSTRUMENTS] = "no answer holds a listing"
    if not streams_of(subject.adapter):
        skipped.update(dict.fromkeys((FEEDS, *_STREAMED), "nothing is streamed"))
    if not subject.adapter.placement:
        skipped[PLACEMENT] = "no order can be placed"


def _implemented(subject: Subject) -> Iterator[tuple[str, Sequence[str]]]:
    streams = streams_of(subject.adapter)
    for product in subject.adapter_class.products:
        operations = [kind.name for kind in OPERATIONS if (kind, product) in subject.adapter.endpoints]
        yield product, [*operations, *(watch.name for watch, streamed in streams if streamed is product)]


def _missing(subject: Subject) -> Iterator[tuple[str, Sequence[str]]]:
    for product in subject.adapter_class.products:
        yield product, [kind.name for kind in OPERATIONS if (kind, product) not in subject.adapter.endpoints]
