"""The typed client: one method per operation of the gateway's HTTP API.

    with connect() as client:
        job = client.generate(GenerationRequest(model="mini", bars=8))
        for event in client.events(job.id):
            print(event)

Every method raises the errors of `ostinato.errors`.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO
from urllib.parse import quote
from uuid import UUID, uuid4

from ostinato.base_client import as_json
from ostinato.batch_client import BatchClient
from ostinato.deletion_client import DeletionClient
from ostinato.events import EventStream
from ostinato.key_client import KeyClient
from ostinato.retry import RetryBackoff
from ostinato.schemas.datasets import Dataset
from ostinato.schemas.engravings import Engraving, EngravingRequest
from ostinato.schemas.evaluations import Evaluation, EvaluationRequest
from ostinato.schemas.events import Event
from ostinato.schemas.generations import GenerationRequest, Primer
from ostinato.schemas.jobs import GenerationJob, JobState
from ostinato.schemas.melodies import Melody, MelodySummary, PrimerScore
from ostinato.schemas.models import ModelVersion, PromotionState
from ostinato.schemas.pages import Page
from ostinato.schemas.receipts import JobReceipt
from ostinato.schemas.trainings import Training, TrainingMetrics, TrainingRequest
from ostinato.settings import ClientSettings
from ostinato.transport import IDEMPOTENCY_KEY
from ostinato.webhook_client import WebhookClient


class Client(BatchClient, DeletionClient, KeyClient, WebhookClient):
    """A client of one gateway; close it, or use it in a `with` block."""

    def generate(
        self, request: GenerationRequest, *, idempotency_key: str | None = None
    ) -> GenerationJob:
        """Request melodies; repeating the key returns the same job."""
        body = self._transport.post("/v1/generations", *as_json(request, idempotency_key))
        return GenerationJob.model_validate_json(body)

    def jobs(self, state: JobState | None = None) -> Iterator[GenerationJob]:
        """All jobs, newest first, fetched page by page."""
        return self._pages("/v1/jobs", Page[GenerationJob], {"state": state} if state else {})

    def job(self, job_id: UUID) -> GenerationJob:
        """A job and its progress."""
        return GenerationJob.model_validate_json(self._transport.get(f"/v1/jobs/{job_id}"))

    def cancel(self, job_id: UUID) -> GenerationJob:
        """Cancel a job; finished melodies and the complete bars of others are kept."""
        return GenerationJob.model_validate_json(self._transport.post(f"/v1/jobs/{job_id}/cancel"))

    def receipt(self, job_id: UUID) -> Iterator[JobReceipt]:
        """The receipt of a job of any kind, fetched page by page: each has a further part."""
        params: dict[str, str] = {}
        while True:
            body = self._transport.get(f"/v1/jobs/{job_id}/receipt", params)
            page = JobReceipt.model_validate_json(body)
            yield page
            if page.next_cursor is None:
                return
            params = {"cursor": page.next_cursor}

    def events(
        self, job_id: UUID, *, on_keep_alive: Callable[[], None] = lambda: None
    ) -> Iterator[Event]:
        """All events of a job, past and future, until it ends; each event once.

        A `ResyncEvent` means that the gateway lost the stream: discard the state, because every
        event follows again. Reconnects for up to `outage_timeout` seconds, then raises the last
        error. `on_keep_alive` is called about once a second while there is no event.
        """

        def open_stream(last_event_id: str | None) -> AbstractContextManager[Iterator[str]]:
            headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
            return self._transport.stream(f"/v1/jobs/{job_id}/events", headers)

        backoff = RetryBackoff(self._outage_timeout)
        return iter(EventStream(open_stream, backoff, on_keep_alive))

    def wait(self, job_id: UUID, *, seconds: float = math.inf) -> GenerationJob:
        """Poll a job until it has ended, or for `seconds`; needs no event stream."""
        return self._poll(lambda: self.job(job_id), lambda job: job.is_terminal, seconds)

    def melodies(self, job_id: UUID | None = None) -> Iterator[MelodySummary]:
        """The melodies of a job in order, or those of all jobs, newest first; also partial ones."""
        path = f"/v1/jobs/{job_id}/melodies" if job_id else "/v1/melodies"
        return self._pages(path, Page[MelodySummary], {})

    def melody(self, melody_id: UUID) -> Melody:
        """A melody with its notes."""
        return Melody.model_validate_json(self._transport.get(f"/v1/melodies/{melody_id}"))

    def midi(self, melody_id: UUID) -> bytes:
        """A melody as a standard MIDI file."""
        return self._transport.get(f"/v1/melodies/{melody_id}.mid")

    def upload_primer(self, midi: bytes, *, from_bar: int = 0, to_bar: int | None = None) -> Primer:
        """Upload a MIDI file for generations to continue, or some of its bars, counted from 0."""
        params = {"from_bar": str(from_bar)} if from_bar else {}
        if to_bar is not None:
            params["to_bar"] = str(to_bar)
        headers = {"Content-Type": "audio/midi"}
        body = self._transport.post("/v1/primers", midi, headers, params=params)
        return Primer.model_validate_json(body)

    def primer_score(self, primer_id: UUID) -> PrimerScore:
        """The tempos, the bars, and the notes of all tracks of a primer."""
        body = self._transport.get(f"/v1/primers/{primer_id}/score")
        return PrimerScore.model_validate_json(body)

    def reproduce(self, midi: bytes) -> GenerationJob:
        """Regenerate a MIDI file that this service generated, byte for byte."""
        headers = {"Content-Type": "audio/midi", IDEMPOTENCY_KEY: str(uuid4())}
        return GenerationJob.model_validate_json(
            self._transport.post("/v1/reproduce", midi, headers)
        )

    def models(self) -> Iterator[ModelVersion]:
        """All weights of all versions; `is_default` marks the one of requests without `model`."""
        return self._pages("/v1/models", Page[ModelVersion], {})

    def promote(self, version: str, sha256: str | None = None) -> ModelVersion:
        """Request the promotion of weights of a version (default: its newest).

        It takes effect once a worker has tested them; `wait_for_promotion` waits for that.
        """
        query = f"?sha256={sha256}" if sha256 else ""
        body = self._transport.post(f"/v1/models/{quote(version, safe='')}/promote{query}")
        return ModelVersion.model_validate_json(body)

    def wait_for_promotion(
        self, requested: ModelVersion, *, seconds: float = math.inf
    ) -> ModelVersion:
        """Poll weights until a worker has tested or refused them, or for `seconds`."""
        weights = (requested.version, requested.sha256)
        return self._poll(
            lambda: next(it for it in self.models() if (it.version, it.sha256) == weights),
            lambda model: model.promotion is not PromotionState.PENDING,
            seconds,
        )

    def demote(self, version: str) -> ModelVersion:
        """End the promotion of a version, which no key can use until it is promoted again."""
        body = self._transport.post(f"/v1/models/{quote(version, safe='')}/demote")
        return ModelVersion.model_validate_json(body)

    def publish(self, version: str) -> ModelVersion:
        """Let every owner use a version that a client trained; needs the scope `admin`."""
        body = self._transport.post(f"/v1/models/{quote(version, safe='')}/publish")
        return ModelVersion.model_validate_json(body)

    def upload_dataset(
        self, name: str, archive: IO[bytes], *, deadline_seconds: int | None = None
    ) -> Dataset:
        """Upload a zip of MIDI files; `wait_for_dataset` waits for its import."""
        deadline = "" if deadline_seconds is None else f"&deadline_seconds={deadline_seconds}"
        path = f"/v1/datasets?name={quote(name, safe='')}{deadline}"
        body = self._transport.post(path, archive, {"Content-Type": "application/zip"})
        return Dataset.model_validate_json(body)

    def datasets(self) -> Iterator[Dataset]:
        """All data sets, newest first."""
        return self._pages("/v1/datasets", Page[Dataset], {})

    def dataset(self, dataset_id: UUID) -> Dataset:
        """A data set and its import report."""
        return Dataset.model_validate_json(self._transport.get(f"/v1/datasets/{dataset_id}"))

    def wait_for_dataset(self, dataset_id: UUID, *, seconds: float = math.inf) -> Dataset:
        """Poll a data set until its import has ended, or for `seconds`."""
        return self._poll(
            lambda: self.dataset(dataset_id), lambda dataset: dataset.is_terminal, seconds
        )

    def cancel_dataset(self, dataset_id: UUID) -> Dataset:
        """Cancel the import of a data set; its zip is deleted."""
        body = self._transport.post(f"/v1/datasets/{dataset_id}/cancel")
        return Dataset.model_validate_json(body)

    def train(self, request: TrainingRequest, *, idempotency_key: str | None = None) -> Training:
        """Request a training; repeating the key returns the same one."""
        body = self._transport.post("/v1/trainings", *as_json(request, idempotency_key))
        return Training.model_validate_json(body)

    def trainings(self) -> Iterator[Training]:
        """All trainings, newest first."""
        return self._pages("/v1/trainings", Page[Training], {})

    def training(self, training_id: UUID) -> Training:
        """A training and its progress; `events` with its id streams its steps."""
        return Training.model_validate_json(self._transport.get(f"/v1/trainings/{training_id}"))

    def training_metrics(self, training_id: UUID) -> Iterator[TrainingMetrics]:
        """The learning curve of a training, in order."""
        return self._pages(f"/v1/trainings/{training_id}/metrics", Page[TrainingMetrics], {})

    def pause(self, training_id: UUID) -> Training:
        """Pause a training; it keeps its progress."""
        return self._training_action(training_id, "pause")

    def resume(self, training_id: UUID) -> Training:
        """Resume a paused training."""
        return self._training_action(training_id, "resume")

    def cancel_training(self, training_id: UUID) -> Training:
        """Cancel a training; it cannot be resumed."""
        return self._training_action(training_id, "cancel")

    def _training_action(self, training_id: UUID, action: str) -> Training:
        body = self._transport.post(f"/v1/trainings/{training_id}/{action}")
        return Training.model_validate_json(body)

    def evaluate(
        self,
        job_id: UUID,
        *,
        deadline_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> Evaluation:
        """Evaluate a version by the melodies of a job; its card receives the result."""
        request = EvaluationRequest(job_id=job_id, deadline_seconds=deadline_seconds)
        body = self._transport.post("/v1/evaluations", *as_json(request, idempotency_key))
        return Evaluation.model_validate_json(body)

    def evaluations(self) -> Iterator[Evaluation]:
        """All evaluations, newest first."""
        return self._pages("/v1/evaluations", Page[Evaluation], {})

    def evaluation(self, evaluation_id: UUID) -> Evaluation:
        """An evaluation and its result; `events` with its id streams its progress."""
        body = self._transport.get(f"/v1/evaluations/{evaluation_id}")
        return Evaluation.model_validate_json(body)

    def cancel_evaluation(self, evaluation_id: UUID) -> Evaluation:
        """Cancel an evaluation; the card of its version stays as it is."""
        body = self._transport.post(f"/v1/evaluations/{evaluation_id}/cancel")
        return Evaluation.model_validate_json(body)

    def wait_for_evaluation(self, evaluation_id: UUID, *, seconds: float = math.inf) -> Evaluation:
        """Poll an evaluation until it has ended, or for `seconds`."""
        return self._poll(
            lambda: self.evaluation(evaluation_id),
            lambda evaluation: evaluation.is_terminal,
            seconds,
        )

    def engrave(
        self, request: EngravingRequest, *, idempotency_key: str | None = None
    ) -> Engraving:
        """Request sheet music; `wait_for_engraving` waits for it, `musicxml` fetches it."""
        body = self._transport.post("/v1/engravings", *as_json(request, idempotency_key))
        return Engraving.model_validate_json(body)

    def engraving(self, engraving_id: UUID) -> Engraving:
        """An engraving and its state."""
        return Engraving.model_validate_json(self._transport.get(f"/v1/engravings/{engraving_id}"))

    def wait_for_engraving(self, engraving_id: UUID, *, seconds: float = math.inf) -> Engraving:
        """Poll an engraving until it has ended, or for `seconds`."""
        return self._poll(
            lambda: self.engraving(engraving_id),
            lambda engraving: engraving.is_terminal,
            seconds,
        )

    def cancel_engraving(self, engraving_id: UUID) -> Engraving:
        """Cancel an engraving; it has no sheet music."""
        body = self._transport.post(f"/v1/engravings/{engraving_id}/cancel")
        return Engraving.model_validate_json(body)

    def musicxml(self, engraving_id: UUID) -> bytes:
        """The sheet music as a MusicXML document."""
        return self._transport.get(f"/v1/engravings/{engraving_id}.musicxml")


def connect() -> Client:
    """A client of the gateway that the settings name.

    Raises:
        ClientError: a setting is invalid.
    """
    settings = ClientSettings()
    return Client(settings.address, settings.key)
