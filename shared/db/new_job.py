"""An order: a request that passed every check, with what the gateway knows of its sender.

Refuses to know tables: `Jobs` writes it down.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from ostinato.schemas.datasets import ReadingRequest
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.jobs import Kind
from ostinato.schemas.schema import Wire
from ostinato.schemas.trainings import TrainingRequest
from shared.ids import new_id

Request: TypeAlias = (
    GenerationRequest | TrainingRequest | ReadingRequest | EvaluationRequest | EngravingRequest
)
Asked = TypeVar("Asked", bound=Request)

KIND_OF: dict[type[Wire], Kind] = {
    GenerationRequest: Kind.GENERATION,
    TrainingRequest: Kind.TRAINING,
    ReadingRequest: Kind.READING,
    EvaluationRequest: Kind.EVALUATION,
    EngravingRequest: Kind.ENGRAVING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Generic[Asked]):
    """One job, before it is one."""

    owner: str
    request: Asked
    """With everything filled in, as its seed."""
    posted: Asked
    """As it came: what the idempotency key stands for."""
    batch_sha256: bytes = b""
    """Of all that came with it: the key stands for the whole batch."""
    queue: str
    idempotency_key: str | None = None
    traceparent: str | None = None
    job_id: UUID = field(default_factory=new_id)
    """The id that the job gets."""

    @property
    def kind(self) -> Kind:
        """What the job makes."""
        return KIND_OF[type(self.request)]

    @property
    def size(self) -> int:
        """How many things the job makes: melodies, or one of anything else."""
        return self.request.count if isinstance(self.request, GenerationRequest) else 1

    @property
    def priority(self) -> Priority:
        """Only melodies are listened to."""
        if isinstance(self.request, GenerationRequest):
            return self.request.effective_priority
        return Priority.BATCH

    @property
    def version(self) -> str | None:
        """The name that the job keeps from all others, until it has failed."""
        return self.request.version if isinstance(self.request, TrainingRequest) else None

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was posted."""
        return hashlib.sha256(self.batch_sha256 + self.posted.model_dump_json().encode()).digest()
