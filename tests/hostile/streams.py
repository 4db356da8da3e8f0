"""The stream dialects of every installed adapter, in conversations that their sandboxes had. Holds no test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from tests.adapters.tried import tried
from tests.hostile.readers import Reader
from tests.shared import shared_path
from unified.adapter import AdapterSettings
from unified.feeds import streams_of
from unified.registry import adapter_class, installed
from unified.testing.conformance.frames import fed, samples, transcripts_of
from unified.testing.conformance.subject import Subject
from unified.testing.conformance.transcripts import Transcript
from unified.testing.hostile import HostileBody, bodies

STREAMING = tuple(name for name in installed() if streams_of(adapter_class(name)(AdapterSettings())))


def stream_readers(name: str) -> Iterator[Reader]:
    """Each kind of connection of a venue, in the middle of a conversation."""
    subject = tried(name).subject
    for number, transcript in enumerate(transcripts_of(subject)):
        yield Reader(f"{name} {transcript.line.name} {number}", _receiving(subject, transcript), allowed=())


def _receiving(subject: Subject, transcript: Transcript) -> Callable[[bytes], object]:
    places = [at for at, _ in samples(transcript)]

    def receive(body: bytes) -> object:
        """In a place, and as text or bytes, as its length says: the same body always alike."""
        problem = fed(subject, transcript, places[len(body) % len(places)], body, as_text=len(body) % 3 > 0)
        if problem:
            raise RuntimeError(problem)
        return None

    return receive


def frames(name: str, *, seed: int, count: int) -> Iterator[HostileBody]:
    """Frames from scratch, and damaged copies of each kind that the sandbox said and of each that is recorded."""
    said = [frame for transcript in transcripts_of(tried(name).subject) for _, frame in samples(transcript)]
    texts = [frame.encode() if isinstance(frame, str) else frame for frame in said]
    yield from bodies(tuple(dict.fromkeys((*texts, *_recorded(name)))), seed=seed, count=count)


def _recorded(name: str) -> Iterator[bytes]:
    """Frames of the corpus, where it is beside the checkout."""
    corpus = shared_path("corpus", name)
    files = [] if corpus is None else [path for path in sorted(corpus.rglob("*.json")) if "stream" in path.parts]
    for path in files:
        for frame in json.loads(path.read_text(encoding="utf-8"))["frames"]:
            if frame["direction"] == "received":
                yield json.dumps(frame["message"]).encode()
