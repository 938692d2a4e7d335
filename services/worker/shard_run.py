"""The execution of one claimed shard, from token ids to finished melodies."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from ostinato.schemas.generations import GenerationRequest, Priority
from services.worker.engine.interface import EngineOutput, EngineRequest, FinishReason
from services.worker.logit_bias import logit_biases
from services.worker.melody_builder import MelodyBuilder
from services.worker.model_registry import LoadedModel
from services.worker.prompting import build_prompt
from shared.broker.streams import NotesBatch
from shared.db.generation_shards import ClaimedShard
from shared.db.melodies import NewMelody
from shared.midi.receipt import embed_receipt
from shared.midi.writer import write_midi
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.remi_decoder import InvalidTokenSequence

FIELDS_NOT_IN_RECEIPT = {"count", "priority", "seed", "deadline_seconds"}
"""Request fields that do not affect a melody's bytes; each melody has its own seed."""


class SequenceId(NamedTuple):
    """Identifies a sequence in the engine: one melody of one attempt at a shard."""

    shard_id: UUID
    attempt: int
    melody: int


class ShardRun:
    """One claimed shard in the engine."""

    def __init__(self, shard: ClaimedShard, model: LoadedModel) -> None:
        """ValueError if the model cannot encode the primer."""
        self.shard = shard
        self.model = model
        self.error: str | None = None
        """The error with which a sequence failed on this worker; the shard has to be retried."""
        self._prompt = build_prompt(shard, model)
        self._logit_biases = logit_biases(shard.request, model.tokenizer, self._prompt.target_bars)
        indices = range(shard.first_index, shard.first_index + shard.num_items)
        self.builders = {index: self._new_builder(index) for index in indices}

    @property
    def is_interactive(self) -> bool:
        """Whether its job is interactive; its notes are then published while they are generated."""
        return self.shard.request.resolved_priority is Priority.INTERACTIVE

    @property
    def is_finished(self) -> bool:
        """Whether every sequence has ended."""
        return all(builder.finish_reason is not None for builder in self.builders.values())

    def _new_builder(self, index: int) -> MelodyBuilder:
        return MelodyBuilder(
            index=index,
            seed=_seed(self.shard.request) + index,
            bars=self._prompt.bars,
            decoder=self._prompt.decoder.copy(),
            notes=list(self._prompt.notes),
            note_offs=self._prompt.note_offs.copy(),
        )

    def engine_requests(self) -> list[EngineRequest]:
        """One request for each melody."""
        return [
            EngineRequest(
                id=self._sequence_id(builder),
                runner=self.model.runner,
                spec=self._generation_spec(builder),
                is_interactive=self.is_interactive,
                owner=self.shard.owner,
                job=self.shard.job_id,
            )
            for builder in self.builders.values()
        ]

    def sequence_ids(self) -> list[SequenceId]:
        """The ids of its sequences in the engine."""
        return [self._sequence_id(builder) for builder in self.builders.values()]

    def _sequence_id(self, builder: MelodyBuilder) -> SequenceId:
        return SequenceId(self.shard.shard_id, self.shard.attempt, builder.index)

    def _generation_spec(self, builder: MelodyBuilder) -> GenerationSpec:
        request, sampling = self.shard.request, self.shard.request.sampling
        return GenerationSpec(
            pinned_prefix=self._prompt.pinned_prefix,
            prompt=self._prompt.primer_tokens,
            bars=request.bars_to_generate,
            seed=builder.seed,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            min_p=sampling.min_p,
            logit_biases=self._logit_biases,
        )

    def apply(self, index: int, output: EngineOutput) -> None:
        """Apply the output of one sequence; undecodable tokens are an error of the run."""
        try:
            self.builders[index].apply(output)
        except InvalidTokenSequence as error:
            self.error = str(error)
        if output.finish_reason is FinishReason.ERROR:
            self.error = output.error

    def unpublished(self) -> Iterator[tuple[MelodyBuilder, NotesBatch]]:
        """The notes and complete bars that the event stream lacks."""
        for builder in self.builders.values():
            if builder.has_unpublished:
                yield (
                    builder,
                    NotesBatch(
                        job_id=self.shard.job_id,
                        melody=builder.index,
                        first=builder.num_published_notes,
                        notes=builder.notes[builder.num_published_notes :],
                        bars=builder.complete_bars,
                    ),
                )

    def melodies(self) -> Sequence[NewMelody]:
        """The complete melodies, as MIDI files and rows."""
        return [self._melody(builder) for builder in self.builders.values() if builder.is_complete]

    def _melody(self, builder: MelodyBuilder) -> NewMelody:
        request, card = self.shard.request, self.model.card
        notes = sorted(builder.notes, key=lambda note: (note.start, note.pitch))
        midi = write_midi(
            notes, tempo=request.tempo, instrument=request.instrument, bars=builder.bars
        )
        return NewMelody(
            index=builder.index,
            seed=builder.seed,
            model=card.version,
            model_sha256=card.sha256,
            numerics=self.model.numerics,
            tempo=request.tempo,
            bars=builder.bars,
            num_tokens=builder.num_tokens,
            generation_seconds=builder.generation_seconds,
            notes=builder.notes,
            midi=embed_receipt(midi, self._receipt(builder)),
        )

    def _receipt(self, builder: MelodyBuilder) -> dict[str, object]:
        """Everything that is needed to generate the same bytes again."""
        request = self.shard.request.model_dump(mode="json", exclude=FIELDS_NOT_IN_RECEIPT)
        return {
            "model_sha256": self.model.card.sha256,
            "numerics": self.model.numerics,
            "seed": builder.seed,
            **request,
        }


def _seed(request: GenerationRequest) -> int:
    assert request.seed is not None  # noqa: S101 - the gateway sets it when it accepts a request
    return request.seed
