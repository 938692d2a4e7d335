"""A reader says what is in a data set, and what is too much for it."""

import io
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.trainer.ipc.channel import Lifeline
from services.trainer.ipc.messages import Places, ReadingAssignment
from services.trainer.programs import inspect_dataset
from services.trainer.programs.inspect_dataset import TooMuchMusic, describe
from shared.storage.archives import blob_of
from shared.storage.blobs import Blobs
from tests.tunes import tunes

FAR = 10**9


class Line(Lifeline):
    """A line on which everything was said before."""

    def __init__(self, assignment: ReadingAssignment) -> None:
        super().__init__(io.BytesIO(assignment.model_dump_json().encode()), io.BytesIO())

    def _listen(self) -> None:
        """The real one ends the process with its line."""


@pytest.fixture
def dataset_id(tmp_path: Path) -> UUID:
    dataset_id = uuid4()
    Blobs(str(tmp_path / "blobs")).put(blob_of(dataset_id), tunes(12))
    return dataset_id


def line(dataset_id: UUID, folder: Path) -> Line:
    places = Places(home=folder, data=None, checkpoints=folder, storage_url=str(folder / "blobs"))
    return Line(
        ReadingAssignment(until=FAR, job_id=dataset_id, attempt=1, places=places, name="mine")
    )


def test_the_report_is_the_data_sets(dataset_id: UUID, tmp_path: Path) -> None:
    described = describe(line(dataset_id, tmp_path)).report
    assert (described.found, described.kept, described.notes) == (12, 12, 12 * 40)


def test_music_that_does_not_fit_into_memory_is_too_much(
    dataset_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overflow(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(report, "load_dataset", overflow)
    with pytest.raises(TooMuchMusic, match="does not fit into 6 GiB; hand it in in parts"):
        describe(line(dataset_id, tmp_path))


def test_music_that_takes_too_long_is_too_much() -> None:
    with pytest.raises(TooMuchMusic, match="not read after 60 minutes"):
        inspect_dataset._too_late(0, None)
