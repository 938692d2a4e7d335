"""The client's methods that delete: what they delete is gone from the API at once."""

from urllib.parse import quote
from uuid import UUID

from ostinato.base_client import BaseClient


class DeletionClient(BaseClient):
    """Deletes what has ended: the gateway returns 409 for the rest, and 404 for what is gone."""

    def delete_melody(self, melody_id: UUID) -> None:
        """Delete a melody, also if it is a favourite."""
        self._transport.delete(f"/v1/melodies/{melody_id}")

    def delete_job(self, job_id: UUID) -> None:
        """Delete a job that has ended, with all its melodies."""
        self._transport.delete(f"/v1/jobs/{job_id}")

    def delete_batch(self, batch_id: UUID) -> None:
        """Delete a batch that has ended, with all its melodies."""
        self._transport.delete(f"/v1/batches/{batch_id}")

    def delete_primer(self, primer_id: UUID) -> None:
        """Delete a primer that no unfinished job uses."""
        self._transport.delete(f"/v1/primers/{primer_id}")

    def delete_dataset(self, dataset_id: UUID) -> None:
        """Delete a data set that no unfinished training uses, with its zip."""
        self._transport.delete(f"/v1/datasets/{dataset_id}")

    def delete_training(self, training_id: UUID) -> None:
        """Delete a training that has ended, and whose version does not exist."""
        self._transport.delete(f"/v1/trainings/{training_id}")

    def delete_evaluation(self, evaluation_id: UUID) -> None:
        """Delete an evaluation that has ended; the card of the version stays."""
        self._transport.delete(f"/v1/evaluations/{evaluation_id}")

    def delete_engraving(self, engraving_id: UUID) -> None:
        """Delete an engraving that has ended, with its sheet music."""
        self._transport.delete(f"/v1/engravings/{engraving_id}")

    def delete_model(self, version: str) -> None:
        """Delete a version that your training produced and that is not promoted."""
        self._transport.delete(f"/v1/models/{quote(version, safe='')}")
