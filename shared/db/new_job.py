"""A validated request and the metadata that it is stored with as a job."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from pydantic_core import to_json

from ostinato.schemas.account.webhooks import JobWebhook
from ostinato.schemas.batches import BatchParameters
from ostinato.schemas.datasets import DatasetImportRequest
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.generations import (
    DEFAULT_TEMPO,
    SHARD_SIZE,
    GenerationRequest,
    Priority,
    ResolvedSampling,
)
from ostinato.schemas.jobs import JobKind
from ostinato.schemas.schema import Schema
from ostinato.schemas.trainings import TrainingRequest
from shared.ids import new_id

JobRequest: TypeAlias = (
    GenerationRequest
    | TrainingRequest
    | DatasetImportRequest
    | EvaluationRequest
    | EngravingRequest
    | BatchParameters
)
RequestT = TypeVar("RequestT", bound=JobRequest)

KIND_BY_REQUEST: dict[type[Schema], JobKind] = {
    GenerationRequest: JobKind.GENERATION,
    TrainingRequest: JobKind.TRAINING,
    DatasetImportRequest: JobKind.DATASET_IMPORT,
    EvaluationRequest: JobKind.EVALUATION,
    EngravingRequest: JobKind.ENGRAVING,
    BatchParameters: JobKind.BATCH,
}


NO_MODEL = ""
"""The model of the shards of trainer jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShard:
    """A part of a job that one worker claims."""

    model: str = NO_MODEL
    first_index: int = 0
    """The index in the job of its first item."""
    size: int = 1
    """Number of items."""
    items: str | None = None
    """The items as JSON; None if they differ only by their seeds."""
    work: float = 1.0
    """The estimated work, by which owners share the workers: bars of all melodies."""


def split_evenly(request: GenerationRequest, count: int) -> list[NewShard]:
    """Shards of at most `SHARD_SIZE` melodies, `count` in all, that differ by their seeds only."""
    sizes = ((first, min(SHARD_SIZE, count - first)) for first in range(0, count, SHARD_SIZE))
    return [
        NewShard(
            model=request.resolved_model,
            first_index=first,
            size=size,
            work=size * request.bars_to_generate,
        )
        for first, size in sizes
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob(Generic[RequestT]):
    """A job that is not stored yet."""

    owner: str
    request: RequestT
    """The request with defaults filled in, such as the seed."""
    original_request: RequestT
    """The request as the client sent it; the idempotency key is bound to it."""
    queue: str
    key_id: UUID | None = None
    """The API key that submits it: the `first_id` of an `ApiKey`."""
    idempotency_key: str | None = None
    batch_shards: Sequence[NewShard] = ()
    """The parts of a batch."""
    batch_sha256: bytes = b""
    """SHA-256 of the lines of a batch; the idempotency key is bound to it."""
    retry_of: UUID | None = None
    """The job whose failed items this one repeats."""
    traceparent: str | None = None
    """W3C trace context of the HTTP request."""
    webhook: JobWebhook | None = None
    """Receives an event when the job has ended; the stored request does not contain it."""
    job_id: UUID = field(default_factory=new_id)

    @property
    def kind(self) -> JobKind:
        """What the job produces."""
        return KIND_BY_REQUEST[type(self.request)]

    @property
    def num_items(self) -> int:
        """The number of melodies; 1 for the other kinds of jobs."""
        return sum(shard.size for shard in self.shards)

    @property
    def deadline_seconds(self) -> int | None:
        """Seconds after which the job is cancelled; None for no deadline."""
        return getattr(self.request, "deadline_seconds", None)

    @property
    def shards(self) -> Sequence[NewShard]:
        """The parts of the job, of at most `SHARD_SIZE` melodies each."""
        if isinstance(self.request, BatchParameters):
            return self.batch_shards
        if not isinstance(self.request, GenerationRequest):
            return (NewShard(),)
        return split_evenly(self.request, self.request.count)

    @property
    def priority(self) -> Priority:
        """Batch, unless melodies are generated for a client that streams them."""
        if isinstance(self.request, GenerationRequest):
            return self.request.resolved_priority
        return Priority.BATCH

    @property
    def version(self) -> str | None:
        """The model version that the job reserves until it fails or is cancelled."""
        return self.request.version if isinstance(self.request, TrainingRequest) else None

    @property
    def request_sha256(self) -> bytes:
        """SHA-256 of what the idempotency key is bound to."""
        # Other requests have had a deadline since 0.3.0, and keep the digests that they had before
        is_older = self.deadline_seconds is None and not isinstance(
            self.original_request, GenerationRequest
        )
        exclude = {"deadline_seconds"} if is_older else None
        original = self.original_request
        if isinstance(original, GenerationRequest):
            body = to_json(with_earlier_defaults(original))
        else:
            body = original.model_dump_json(exclude=exclude).encode()
        webhook = b"" if self.webhook is None else self.webhook.model_dump_json().encode()
        return hashlib.sha256(self.batch_sha256 + body + webhook).digest()


def with_earlier_defaults(request: GenerationRequest) -> dict[str, Any]:
    """The fields of a request as earlier releases wrote them, to which idempotency keys are bound.

    They never omitted the tempo, which was whole, and the sampling parameters.
    """
    tempo = DEFAULT_TEMPO if request.tempo is None else request.tempo
    earlier = request.with_sampling(request.sampling.over(ResolvedSampling()))
    fields = earlier.model_copy(update={"tempo": float(tempo)}).model_dump(mode="json")
    if tempo == int(tempo):
        fields["tempo"] = int(tempo)
    return fields
