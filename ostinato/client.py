"""The typed client: one method for each thing that a user asks of the gateway.

    with connect() as client:
        job = client.generate(GenerationRequest(model="mini", bars=8))
        for event in client.events(job.id):
            print(event)

Speaks HTTP only and raises `ostinato.errors`. Refuses to know how music is made.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import IO, Self, TypeVar
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel

from ostinato.errors import ClientError
from ostinato.events import Subscription
from ostinato.retry import Patience
from ostinato.schemas.datasets import Dataset, DatasetState
from ostinato.schemas.engravings import Engraving, EngravingRequest
from ostinato.schemas.evaluations import Evaluation, EvaluationRequest
from ostinato.schemas.events import Event
from ostinato.schemas.generations import GenerationRequest, Primer
from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.melodies import Melody, MelodySummary
from ostinato.schemas.models import ModelVersion
from ostinato.schemas.pages import Page
from ostinato.schemas.trainings import Training, TrainingPoint, TrainingRequest
from ostinato.settings import ClientSettings
from ostinato.transport import IDEMPOTENCY_KEY, Gateway
from shared.ids import new_id

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that a gateway may be away while somebody waits for a job: time for a restart."""
POLL_SECONDS = 0.5


class Client:
    """A conversation with one gateway; close it, or use it in a `with` block."""

    def __init__(self, url: str, key: str | None, *, patience: float = PATIENCE) -> None:
        self._gateway = Gateway(url, key)
        self._patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gateway.close()

    def generate(self, request: GenerationRequest, *, idempotency_key: str | None = None) -> Job:
        """Ask for melodies; asking again with the same key gives the same job."""
        body = self._gateway.post("/v1/generations", *_as_json(request, idempotency_key))
        return Job.model_validate_json(body)

    def jobs(self, state: JobState | None = None) -> Iterator[Job]:
        """All jobs, newest first, fetched page by page."""
        return self._pages("/v1/jobs", Page[Job], {"state": state} if state else {})

    def job(self, job_id: UUID) -> Job:
        """How far the job is."""
        return Job.model_validate_json(self._gateway.get(f"/v1/jobs/{job_id}"))

    def cancel(self, job_id: UUID) -> Job:
        """Ask the job to stop; melodies that are finished stay."""
        return Job.model_validate_json(self._gateway.post(f"/v1/jobs/{job_id}/cancel"))

    def events(self, job_id: UUID) -> Iterator[Event]:
        """Everything that happened to the job and will, until its end; each event once.

        A `ResyncEvent` says that the gateway lost the stream: forget what you heard, it all
        follows again. Raises what stands in the way once that has lasted for `patience` seconds.
        """

        def listen(position: str | None) -> AbstractContextManager[Iterator[str]]:
            headers = {"Last-Event-ID": position} if position else {}
            return self._gateway.stream(f"/v1/jobs/{job_id}/events", headers)

        return iter(Subscription(listen, Patience(self._patience)))

    def wait(self, job_id: UUID, *, seconds: float = math.inf) -> Job:
        """The job when it has ended, or as it is after `seconds`; this needs no event stream."""
        return self._poll(lambda: self.job(job_id), lambda job: job.is_terminal, seconds)

    def melodies(self, job_id: UUID | None = None) -> Iterator[MelodySummary]:
        """The melodies of a job in their order, or everything made, newest first."""
        path = f"/v1/jobs/{job_id}/melodies" if job_id else "/v1/melodies"
        return self._pages(path, Page[MelodySummary], {})

    def melody(self, melody_id: UUID) -> Melody:
        """A melody with its notes."""
        return Melody.model_validate_json(self._gateway.get(f"/v1/melodies/{melody_id}"))

    def midi(self, melody_id: UUID) -> bytes:
        """The melody as a standard MIDI file."""
        return self._gateway.get(f"/v1/melodies/{melody_id}.mid")

    def primer(self, midi: bytes) -> Primer:
        """Hand in a MIDI file for melodies to go on from."""
        body = self._gateway.post("/v1/primers", midi, {"Content-Type": "audio/midi"})
        return Primer.model_validate_json(body)

    def reproduce(self, midi: bytes) -> Job:
        """Let one of the service's files be made again, byte for byte."""
        headers = {"Content-Type": "audio/midi", IDEMPOTENCY_KEY: str(new_id())}
        return Job.model_validate_json(self._gateway.post("/v1/reproduce", midi, headers))

    def models(self) -> Iterator[ModelVersion]:
        """The versions that can be asked for, and weights that wait to be promoted."""
        return self._pages("/v1/models", Page[ModelVersion], {})

    def promote(self, version: str, sha256: str | None = None) -> ModelVersion:
        """Let these weights, or the newest of the version, be played from now on."""
        query = f"?sha256={sha256}" if sha256 else ""
        body = self._gateway.post(f"/v1/models/{quote(version, safe='')}/promote{query}")
        return ModelVersion.model_validate_json(body)

    def upload(self, name: str, music: IO[bytes]) -> Dataset:
        """Hand in a zip of MIDI files; `read` waits until it is known what is in it."""
        path = f"/v1/datasets?name={quote(name, safe='')}"
        body = self._gateway.post(path, music, {"Content-Type": "application/zip"})
        return Dataset.model_validate_json(body)

    def datasets(self) -> Iterator[Dataset]:
        """All data sets, newest first."""
        return self._pages("/v1/datasets", Page[Dataset], {})

    def dataset(self, dataset_id: UUID) -> Dataset:
        """A data set, and what was found in it."""
        return Dataset.model_validate_json(self._gateway.get(f"/v1/datasets/{dataset_id}"))

    def read(self, dataset_id: UUID, *, seconds: float = math.inf) -> Dataset:
        """The data set once it is ready or refused, or as it is after `seconds`."""
        return self._poll(lambda: self.dataset(dataset_id), _is_read, seconds)

    def train(self, request: TrainingRequest, *, idempotency_key: str | None = None) -> Training:
        """Ask for a training; asking again with the same key gives the same one."""
        body = self._gateway.post("/v1/trainings", *_as_json(request, idempotency_key))
        return Training.model_validate_json(body)

    def trainings(self) -> Iterator[Training]:
        """All trainings, newest first."""
        return self._pages("/v1/trainings", Page[Training], {})

    def training(self, training_id: UUID) -> Training:
        """How far the training is; `events` with its id tells every step."""
        return Training.model_validate_json(self._gateway.get(f"/v1/trainings/{training_id}"))

    def metrics(self, training_id: UUID) -> Iterator[TrainingPoint]:
        """The training's learning curve, in order."""
        return self._pages(f"/v1/trainings/{training_id}/metrics", Page[TrainingPoint], {})

    def pause(self, training_id: UUID) -> Training:
        """Let the training wait; it keeps what it has learnt."""
        return self._tell(training_id, "pause")

    def resume(self, training_id: UUID) -> Training:
        """Let the paused training go on."""
        return self._tell(training_id, "resume")

    def cancel_training(self, training_id: UUID) -> Training:
        """Stop the training for good."""
        return self._tell(training_id, "cancel")

    def _tell(self, training_id: UUID, what: str) -> Training:
        body = self._gateway.post(f"/v1/trainings/{training_id}/{what}")
        return Training.model_validate_json(body)

    def evaluate(self, job_id: UUID, *, idempotency_key: str | None = None) -> Evaluation:
        """Let the version that made a job's melodies be judged by them; its card will say how."""
        asked = EvaluationRequest(job_id=job_id)
        body = self._gateway.post("/v1/evaluations", *_as_json(asked, idempotency_key))
        return Evaluation.model_validate_json(body)

    def evaluations(self) -> Iterator[Evaluation]:
        """All evaluations, newest first."""
        return self._pages("/v1/evaluations", Page[Evaluation], {})

    def evaluation(self, evaluation_id: UUID) -> Evaluation:
        """How far the evaluation is, and what came of it."""
        return Evaluation.model_validate_json(self._gateway.get(f"/v1/evaluations/{evaluation_id}"))

    def evaluated(self, evaluation_id: UUID, *, seconds: float = math.inf) -> Evaluation:
        """The evaluation when it has ended, or as it is after `seconds`."""
        return self._poll(
            lambda: self.evaluation(evaluation_id), lambda it: it.is_terminal, seconds
        )

    def engrave(
        self, request: EngravingRequest, *, idempotency_key: str | None = None
    ) -> Engraving:
        """Let notes be set as sheet music; `engraved` waits for it, `musicxml` fetches it."""
        body = self._gateway.post("/v1/engravings", *_as_json(request, idempotency_key))
        return Engraving.model_validate_json(body)

    def engraving(self, engraving_id: UUID) -> Engraving:
        """How far the engraving is."""
        return Engraving.model_validate_json(self._gateway.get(f"/v1/engravings/{engraving_id}"))

    def engraved(self, engraving_id: UUID, *, seconds: float = math.inf) -> Engraving:
        """The engraving when it has ended, or as it is after `seconds`."""
        return self._poll(lambda: self.engraving(engraving_id), lambda it: it.is_terminal, seconds)

    def musicxml(self, engraving_id: UUID) -> bytes:
        """The sheet music as a MusicXML document."""
        return self._gateway.get(f"/v1/engravings/{engraving_id}.musicxml")

    def _poll(self, ask: Callable[[], T], is_over: Callable[[T], bool], seconds: float) -> T:
        """Ask until it is over, or for so many seconds; the gateway may be away for a while."""
        patience = Patience(min(self._patience, seconds))
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = ask()
            except ClientError as fault:
                patience.pause(fault)
            else:
                if is_over(answer) or time.monotonic() > deadline:
                    return answer
                patience.renew()
                time.sleep(POLL_SECONDS)

    def _pages(self, path: str, shape: type[Page[T]], params: dict[str, str]) -> Iterator[T]:
        while True:
            page = shape.model_validate_json(self._gateway.get(path, params))
            yield from page.items
            if page.next_cursor is None:
                return
            params = {**params, "cursor": page.next_cursor}


def _as_json(request: BaseModel, idempotency_key: str | None) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request that may be repeated."""
    key = idempotency_key or str(new_id())
    headers = {"Content-Type": "application/json", IDEMPOTENCY_KEY: key}
    return request.model_dump_json().encode(), headers


def _is_read(dataset: Dataset) -> bool:
    return dataset.state is not DatasetState.READING


def connect() -> Client:
    """A client of the gateway that the settings name."""
    settings = ClientSettings()
    if not settings.address.startswith(("http://", "https://")):
        raise ClientError(
            f"OSTINATO_URL must begin with http:// or https://; it is {settings.address}"
        )
    return Client(settings.address, settings.key)
