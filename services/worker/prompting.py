"""What a claim's pieces begin with: what the model sees, what is kept, and what is to be written.

Three ways lead here: from nothing, on from a primer, and bars of a primer anew. Refuses to know how
a token is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.schemas.harmony import Mode, Scale, pitch_class
from ostinato.schemas.notes import Note
from services.worker.model_registry import Version
from services.worker.note_offs import Releases
from shared.db.generation_shards import Claim
from shared.tokenizers import infill
from shared.tokenizers.remi import Remi
from shared.tokenizers.vocabulary import Stream

HEAD_ROOM = 2
"""One part in so many of the context is for the head; new music needs the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The beginning that all pieces of a claim share."""

    head: tuple[int, ...]
    prompt: tuple[int, ...]
    bars: int
    """Of the whole piece."""
    written: Sequence[int]
    """The bars that are chords are counted by, for each bar to be written."""
    notes: Sequence[Note]
    """That stand already."""
    stream: Stream
    releases: Releases
    """Of what stands already, where the new music comes behind it."""


def begin(claim: Claim, version: Version) -> Score:
    """The beginning; ValueError if the vocabulary cannot write the primer."""
    if claim.request.regenerate is not None:
        return _anew(claim, version, claim.request.regenerate)
    vocabulary, request = version.vocabulary, claim.request
    prompt = vocabulary.encode(claim.primer)
    if claim.primer and not prompt:
        raise ValueError("this model knows none of its pitches")
    bars = vocabulary.num_bars(prompt) + request.bars
    stream, releases = vocabulary.stream(bars), Releases()
    return Score(
        head=_prefix(version, request.scale),
        prompt=tuple(prompt),
        bars=bars,
        written=range(request.bars),
        notes=list(releases.settle(stream.feed(prompt))),
        stream=stream,
        releases=releases,
    )


def _anew(claim: Claim, version: Version, hidden: Sequence[int]) -> Score:
    vocabulary, bars = version.vocabulary, infill.num_bars(claim.primer)
    if not isinstance(vocabulary, Remi):
        raise ValueError("this model cannot fill bars in")  # noqa: TRY004 - whose weights changed
    if hidden[-1] >= bars:
        raise ValueError(f"there is no bar {hidden[-1]} in a primer of {bars}")
    room = version.runner.model.context // HEAD_ROOM
    prefix = _prefix(version, claim.request.scale)
    return Score(
        head=infill.head(vocabulary, claim.primer, hidden, prefix, room),
        prompt=(),
        bars=bars,
        written=hidden,
        notes=infill.keep(claim.primer, hidden),
        stream=vocabulary.stream(bars, hidden),
        releases=Releases(),
    )


def _prefix(version: Version, scale: Scale | None) -> tuple[int, ...]:
    """BOS, and the key for a version that was taught to heed it."""
    vocabulary = version.vocabulary
    if (
        scale is None
        or not version.card.capabilities.steering
        or not isinstance(vocabulary, Remi)
        or scale.mode not in (Mode.MAJOR, Mode.MINOR)
    ):
        return (vocabulary.bos,)
    key = pitch_class(scale.tonic) + (12 if scale.mode is Mode.MINOR else 0)
    return (vocabulary.bos, vocabulary.controls[f"Key_{key}"])
