"""A claimed shard while it is being played: its pieces, from token ids to finished melodies.

Refuses to know the engine's inside, and where the melodies go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.notes import Note
from services.worker.engine.interface import FinishReason, Output, SequenceRequest
from services.worker.logit_bias import leanings
from services.worker.model_registry import Version
from services.worker.note_offs import Releases
from services.worker.prompting import begin
from shared.broker.streams import NewNotes
from shared.db.generation_shards import Claim
from shared.db.melodies import NewMelody
from shared.midi.meta import write_receipt
from shared.models.sampling_params import SampleRequest
from shared.tokenizers.midi_file import write_midi
from shared.tokenizers.stream import UndecodableTokens
from shared.tokenizers.vocabulary import Stream

SAYS_NOTHING_OF_BYTES = {"count", "priority", "seed", "deadline_seconds"}
"""What a request says beside what its pieces are; each piece has a seed of its own."""


class PieceId(NamedTuple):
    """Names a sequence in the engine: a piece of one claim of one shard."""

    shard_id: UUID
    attempt: int
    melody: int


@dataclass(slots=True, kw_only=True)
class Piece:
    """One melody in the making; what came from the primer stands at its beginning."""

    index: int
    seed: int
    bars: int
    stream: Stream
    tokens: list[int]
    """What was drawn; the primer's are not among them."""
    notes: list[Note]
    releases: Releases
    seconds: float = 0.0
    finish: FinishReason | None = None
    told: int = 0
    """Notes that the event stream has."""
    told_bars: int = 0

    def take(self, output: Output) -> None:
        """Take in what the engine wrote."""
        self.tokens.extend(output.tokens)
        self.notes.extend(self.releases.settle(self.stream.feed(output.tokens)))
        self.seconds = output.seconds
        self.finish = output.finish

    @property
    def complete_bars(self) -> int:
        """Bars that nothing will be added to."""
        return self.bars if self.finish is FinishReason.COMPLETE else self.stream.complete_bars

    @property
    def has_news(self) -> bool:
        """Whether there is something that the event stream does not have."""
        return len(self.notes) > self.told or self.complete_bars > self.told_bars


class Performance:
    """One claimed shard."""

    def __init__(self, claim: Claim, version: Version) -> None:
        """Begin; ValueError if the vocabulary cannot write the primer."""
        self.claim = claim
        self.version = version
        self.error: str | None = None
        """Set when a sequence failed for a reason of ours: the shard is to be tried again."""
        self._score = begin(claim, version)
        self._leanings = leanings(claim.request, version.vocabulary, self._score.written)
        self.pieces = {index: self._begin(index) for index in self._indices()}

    @property
    def streamed(self) -> bool:
        """Whether somebody hears it while it is written."""
        return self.claim.request.effective_priority is Priority.INTERACTIVE

    @property
    def is_over(self) -> bool:
        """Whether every sequence has ended."""
        return all(piece.finish is not None for piece in self.pieces.values())

    def _indices(self) -> range:
        return range(self.claim.first, self.claim.first + self.claim.count)

    def _begin(self, index: int) -> Piece:
        return Piece(
            index=index,
            seed=_seed(self.claim.request) + index,
            bars=self._score.bars,
            stream=self._score.stream.fork(),
            tokens=[],
            notes=list(self._score.notes),
            releases=self._score.releases.fork(),
        )

    def sequences(self) -> list[SequenceRequest]:
        """What to ask of the engine, a sequence a piece."""
        return [
            SequenceRequest(
                id=self._id(piece),
                runner=self.version.runner,
                sample=self._sample(piece),
                interactive=self.streamed,
                owner=self.claim.owner,
                job=self.claim.job_id,
            )
            for piece in self.pieces.values()
        ]

    def ids(self) -> list[PieceId]:
        """The names of its sequences."""
        return [self._id(piece) for piece in self.pieces.values()]

    def _id(self, piece: Piece) -> PieceId:
        return PieceId(self.claim.shard_id, self.claim.attempt, piece.index)

    def _sample(self, piece: Piece) -> SampleRequest:
        request, sampling = self.claim.request, self.claim.request.sampling
        return SampleRequest(
            head=self._score.head,
            prompt=self._score.prompt,
            bars=request.num_bars,
            seed=piece.seed,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            min_p=sampling.min_p,
            leanings=self._leanings,
        )

    def take(self, index: int, output: Output) -> None:
        """Take in one sequence's output; what cannot be read is our error, not the listener's."""
        try:
            self.pieces[index].take(output)
        except UndecodableTokens as error:
            self.error = str(error)
        if output.finish is FinishReason.ERROR:
            self.error = output.error

    def news(self) -> Iterator[tuple[Piece, NewNotes]]:
        """What the event stream does not have yet."""
        for piece in self.pieces.values():
            if piece.has_news:
                yield (
                    piece,
                    NewNotes(
                        job_id=self.claim.job_id,
                        melody=piece.index,
                        first=piece.told,
                        notes=piece.notes[piece.told :],
                        bars=piece.complete_bars,
                    ),
                )

    def melodies(self) -> Sequence[NewMelody]:
        """The pieces that are finished, as files and rows."""
        finished = FinishReason.COMPLETE
        return [self._melody(piece) for piece in self.pieces.values() if piece.finish is finished]

    def _melody(self, piece: Piece) -> NewMelody:
        request, card = self.claim.request, self.version.card
        notes = sorted(piece.notes, key=lambda note: (note.start, note.pitch))
        midi = write_midi(
            notes, tempo=request.tempo, instrument=request.instrument, bars=piece.bars
        )
        return NewMelody(
            index=piece.index,
            seed=piece.seed,
            model=card.version,
            model_sha256=card.sha256,
            numerics=self.version.numerics,
            tempo=request.tempo,
            bars=piece.bars,
            seconds=piece.seconds,
            notes=piece.notes,
            tokens=piece.tokens,
            midi=write_receipt(midi, self._receipt(piece)),
        )

    def _receipt(self, piece: Piece) -> dict[str, object]:
        """All that it takes to make these bytes again."""
        request = self.claim.request.model_dump(mode="json", exclude=SAYS_NOTHING_OF_BYTES)
        return {
            "model_sha256": self.version.card.sha256,
            "numerics": self.version.numerics,
            "seed": piece.seed,
            **request,
        }


def _seed(request: GenerationRequest) -> int:
    assert request.seed is not None  # noqa: S101 - the gateway fills it in before it accepts
    return request.seed
