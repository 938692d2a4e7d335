"""The execution of one claimed shard, from token ids to finished melodies."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from ostinato.schemas.jobs import JobError
from services.worker.engine.device_errors import is_device_error
from services.worker.engine.interface import EngineOutput, EngineRequest, FinishReason
from services.worker.logit_bias import logit_biases
from services.worker.melody_builder import MelodyBuilder
from services.worker.melody_file import new_melody
from services.worker.model_registry import LoadedModel
from services.worker.prompting import Prompt, build_prompt
from shared.broker.stream_entries import NotesBatch
from shared.db.generation_shards import ClaimedShard, ShardItem
from shared.db.job_queue.results import ItemError, ShardResults
from shared.db.new_melody import NewMelody
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.remi_decoder import InvalidTokenSequence

log = logging.getLogger(__name__)

FIRST_MELODY = 0
"""The shard with this melody is the first one of its job."""


class SequenceId(NamedTuple):
    """Identifies a sequence in the engine: one melody of one attempt at a shard."""

    shard_id: UUID
    attempt: int
    melody: int


class ShardRun:
    """One claimed shard in the engine. Its melodies are committed as they finish."""

    def __init__(self, shard: ClaimedShard, model: LoadedModel) -> None:
        """Build the prompts; an item that the model cannot encode becomes an error of the item."""
        self.shard = shard
        self.model = model
        self.error: str | None = None
        """The error with which its attempt failed; the shard has to be retried."""
        self.is_device_error = False
        """Whether this process is the cause of the error."""
        self.builders: dict[int, MelodyBuilder] = {}
        self.started_at = time.monotonic()
        self._has_first_note = False
        self._specs: dict[int, GenerationSpec] = {}
        self._item_errors: list[ItemError] = []
        try:
            self._add_items(shard.items)
        except Exception as error:
            log.exception("Cannot build the prompts of job %s.", shard.job_id)
            self.fail(error)
            self.builders, self._specs, self._item_errors = {}, {}, []

    def _add_items(self, items: Sequence[ShardItem]) -> None:
        """The items of a job with one request share it, and so its prompt."""
        prepared: dict[int, tuple[Prompt, GenerationSpec] | JobError] = {}
        for item in items:
            key = id(item.request)
            if key not in prepared:
                prepared[key] = self._prepare(item)
            found = prepared[key]
            if isinstance(found, JobError):
                error = ItemError(index=item.index, custom_id=item.custom_id, error=found)
                self._item_errors.append(error)
                continue
            prompt, spec = found
            self._specs[item.index] = replace(spec, seed=item.seed)
            self.builders[item.index] = MelodyBuilder(
                item=item,
                track=prompt.track,
                bars=prompt.bars - prompt.file.hidden_bars,
                decoder=prompt.decoder.copy(),
                file=prompt.file,
            )

    def _prepare(self, item: ShardItem) -> tuple[Prompt, GenerationSpec] | JobError:
        request, sampling = item.request, item.request.resolved_sampling
        try:
            prompt = build_prompt(request, item.primer, self.model)
        except ValueError as error:
            log.error(  # noqa: TRY400 - a mistake in the request, not here
                *("Melody %d of job %s: %s", item.index, self.shard.job_id, error),
                extra=self.shard.log_fields,
            )
            return JobError(code="invalid_primer", detail=f"The primer does not fit: {error}")
        return prompt, GenerationSpec(
            pinned_prefix=prompt.pinned_prefix,
            prompt=prompt.primer_tokens,
            bars=request.bars_to_generate - sum(gap.bars for gap in prompt.later_gaps),
            later_gaps=prompt.later_gaps,
            seed=item.seed,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            min_p=sampling.min_p,
            logit_biases=logit_biases(request, self.model.tokenizer, prompt.target_bars),
        )

    def fail(self, error: Exception) -> None:
        """Record the error with which the attempt failed."""
        self.error = f"{type(error).__name__}: {error}"
        self.is_device_error = is_device_error(error)

    @property
    def num_unfinished(self) -> int:
        """The number of melodies that the engine has not finished."""
        return sum(builder.finish_reason is None for builder in self.builders.values())

    @property
    def is_finished(self) -> bool:
        """Whether every sequence has ended."""
        return self.num_unfinished == 0

    def engine_requests(self) -> list[EngineRequest]:
        """One request for each melody."""
        return [
            EngineRequest(
                id=self._sequence_id(index),
                runner=self.model.runner,
                spec=spec,
                is_interactive=self.shard.is_interactive,
                owner=self.shard.owner,
                job=self.shard.job_id,
            )
            for index, spec in self._specs.items()
        ]

    def sequence_ids(self) -> list[SequenceId]:
        """The ids of its sequences in the engine."""
        return [self._sequence_id(index) for index in self.builders]

    def _sequence_id(self, index: int) -> SequenceId:
        return SequenceId(self.shard.shard_id, self.shard.attempt, index)

    def apply(self, index: int, output: EngineOutput) -> None:
        """Apply the output of one sequence; undecodable tokens are an error of the run."""
        try:
            self.builders[index].apply(output)
        except InvalidTokenSequence as error:
            self.error = str(error)
        if output.finish_reason in (FinishReason.ERROR, FinishReason.DEVICE_ERROR):
            self.error = output.error
            self.is_device_error = output.finish_reason is FinishReason.DEVICE_ERROR

    def unpublished(self) -> Iterator[tuple[MelodyBuilder, NotesBatch]]:
        """The notes and complete bars that the event stream lacks."""
        for builder in self.builders.values():
            if builder.has_unpublished:
                yield (
                    builder,
                    NotesBatch(
                        job_id=self.shard.job_id,
                        melody=builder.index,
                        origin=self.model.origin(builder.item.request),
                        attempt=self.shard.attempt,
                        first=builder.num_published_notes,
                        notes=builder.notes[builder.num_published_notes :],
                        bars=builder.complete_bars,
                    ),
                )

    @property
    def seconds_since_submission(self) -> float:
        """The age of the job."""
        return self.shard.job_age + time.monotonic() - self.started_at

    @property
    def has_published_notes(self) -> bool:
        """Whether the event stream has notes that this run generated."""
        return any(
            builder.num_tokens and builder.num_published_notes for builder in self.builders.values()
        )

    def take_first_note(self) -> bool:
        """True once, if the first notes of the job are those that this run has published."""
        is_first, self._has_first_note = not self._has_first_note, True
        return is_first and self.shard.attempt == 1 and FIRST_MELODY in self.builders

    def take_finished(self) -> list[MelodyBuilder]:
        """The melodies that were finished or cancelled since the previous call."""
        finished = [
            builder
            for builder in self.builders.values()
            if builder.finish_reason is not None and not builder.is_taken
        ]
        for builder in finished:
            builder.is_taken = True
        return finished

    def results(self, finished: Sequence[MelodyBuilder]) -> ShardResults:
        """Rows and MIDI files of these melodies; an error while writing is an error of the run."""
        partial = self._partial_melodies(finished)
        melodies = []
        for builder in finished:
            if builder.is_complete:
                try:
                    melodies.append(new_melody(builder, self.model))
                except Exception as error:
                    log.exception(
                        *("Cannot write the MIDI file of job %s.", self.shard.job_id),
                        extra=self.shard.log_fields,
                    )
                    self.fail(error)
        has_ended = self.error is None and self.all_taken
        errors, self._item_errors = self._item_errors, []
        return ShardResults(
            shard=self.shard,
            melodies=melodies,
            errors=errors,
            num_cancelled=self._num_cancelled if has_ended else 0,
            partial=partial,
            streamed=self.shard.is_interactive,
            is_batch=self.shard.is_batch,
            has_ended=has_ended,
        )

    def _partial_melodies(self, finished: Sequence[MelodyBuilder]) -> list[NewMelody]:
        """What exists of the melodies that were cancelled with their job.

        After an error there are none: then the shard is retried, and they are generated again.
        """
        if self.error is not None:
            return []
        try:
            return [new_melody(each, self.model) for each in finished if each.is_partial]
        except Exception:  # the job ends as it would without them
            log.exception("Cannot write the partial melodies of job %s.", self.shard.job_id)
            return []

    @property
    def _num_cancelled(self) -> int:
        """Counted once, with the end of the shard: the commit of the end is never repeated."""
        reasons = (builder.finish_reason for builder in self.builders.values())
        return sum(reason is FinishReason.CANCELLED for reason in reasons)

    @property
    def all_taken(self) -> bool:
        """Whether `take_finished` has returned every melody."""
        return all(builder.is_taken for builder in self.builders.values())
