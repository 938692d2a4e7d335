"""A bench that judges, on the real PostgreSQL and with the real child."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ostinato.schemas.evaluations import Evaluation, Samples
from ostinato.schemas.jobs import JobState
from ostinato.schemas.models import ModelCard, ModelVersion
from services.trainer.data import pieces_file
from services.trainer.data.dataset import load_dataset
from services.trainer.data.uploads import unpacked
from services.trainer.evaluation.held_out import foretell
from services.trainer.identity import Identity
from services.trainer.ipc.messages import Judged, Places
from services.trainer.ipc.workdir import folder_of
from services.trainer.jobs.evaluation import EvaluationTrade
from services.trainer.jobs.runner import Bench
from services.trainer.publishing.checkpoint_folder import with_figures, write_card
from shared.db.database import Database
from shared.db.models import Models
from shared.models.checkpoints import WEIGHTS, InvalidCheckpoint, load_weights, read_card
from shared.outbox_publisher import Publisher
from shared.storage.archives import blob_of
from shared.storage.blobs import Blobs
from shared.tokenizers.midi_file import write_midi
from shared.tokenizers.vocabulary import load_vocabulary
from tests.gallery import COUNT, NOTES, Gallery, hang, samples_of
from tests.orders import ENDED
from tests.tunes import tune, tunes, zipped

TUNES = {"ingredients": [{"name": "tunes"}], "examples": {"context": 32}}
"""What a card says of the recipe of a version that learnt from music that was handed in."""
FORESIGHT = {"nats_per_note": 2.5}


def told(samples: Samples) -> Judged:
    """What a child may say at the end."""
    return Judged(samples=samples, foresight=FORESIGHT)


class Hall:
    """A gallery with a bench, over folders of its own."""

    def __init__(self, database: Database, publisher: Publisher, folder: Path) -> None:
        self.gallery = Gallery(database, f"v-{uuid4()}")
        self.places = Places(
            home=folder / "home",
            data=None,
            checkpoints=folder / "checkpoints",
            storage_url=str(folder / "blobs"),
        )
        self.trade = EvaluationTrade(database, self.places)
        self.trade.queue = self.gallery.queue  # type: ignore[assignment]  # a queue of its own
        identity = Identity(id=self.gallery.worker_id, lease=timedelta(seconds=60))
        self.bench = Bench(self.trade, database, publisher, identity)

    @property
    def folder(self) -> Path:
        return self.places.checkpoints / self.gallery.version

    def hang(self, **training: object) -> ModelCard:
        return hang(self.places.checkpoints, self.gallery.version, **training)

    def hand_in(self, music: BytesIO) -> UUID:
        """Music to judge by."""
        dataset_id = uuid4()
        Blobs(self.places.storage_url).put(blob_of(dataset_id), music)
        return dataset_id

    async def registered(self) -> ModelVersion:
        async with self.gallery.database.transaction() as connection:
            [mine] = [
                model
                for model in await Models(connection).all()
                if model.version == self.gallery.version
            ]
        return mine

    async def evaluate(self, sha256: str) -> Evaluation:
        """Ask for it, and wait for the end."""
        evaluation = await self.gallery.accept(await self.gallery.generate(sha256=sha256), sha256)
        await self.bench.fill()
        while True:
            if (now := await self.gallery.get(evaluation)).is_terminal:
                return now
            await asyncio.sleep(0.05)

    async def judged(self, card: ModelCard, *, pieces: int) -> Evaluation:
        """As if a child had found so many pieces."""
        job = await self.gallery.generate()
        evaluation = await self.gallery.accept(job, card.sha256)
        samples = samples_of(card, job.id).model_copy(update={"pieces": pieces})
        await self.trade.deliver(await self.gallery.claim(), told(samples))
        return await self.gallery.get(evaluation)


@pytest.fixture
async def hall(database: Database, publisher: Publisher, tmp_path: Path) -> AsyncIterator[Hall]:
    hall = Hall(database, publisher, tmp_path)
    yield hall
    await hall.bench.close(0)


async def test_a_judgement_is_in_the_card_on_disk_and_in_the_table(hall: Hall) -> None:
    card = hall.hang(recipe=TUNES, request={"dataset": str(hall.hand_in(tunes(12)))})
    evaluation = await hall.evaluate(card.sha256)
    assert (evaluation.state, evaluation.error) == (JobState.SUCCEEDED, None)
    samples = evaluation.samples
    assert samples is not None
    assert (samples.pieces, samples.failed, samples.silent) == (COUNT, 0, 0)
    assert (samples.request.seed, samples.model_sha256) == (7, card.sha256)
    assert samples.traits["notes_per_bar"].samples_mean == len(NOTES) / 3
    on_disk, in_table = read_card(hall.folder), await hall.registered()
    assert on_disk.evaluation["samples"] == samples.model_dump(mode="json")
    assert in_table.evaluation == on_disk.evaluation
    assert in_table.sha256 == on_disk.sha256 == card.sha256


async def test_a_judgement_foretells_held_out_music_again_with_the_weights_as_they_lie_there(
    hall: Hall, tmp_path: Path
) -> None:
    """So the figures of a card are those of today's code, whenever the version was made."""
    music = hall.hand_in(tunes(12))
    card = hall.hang(recipe=TUNES, request={"dataset": str(music)})
    assert (await hall.evaluate(card.sha256)).error is None
    with unpacked(Blobs(hall.places.storage_url), music, "tunes", tmp_path) as source:
        dataset = load_dataset(source, tmp_path)
    network, vocabulary = load_weights(hall.folder), load_vocabulary(hall.folder)
    expected = foretell(network, [dataset], vocabulary, 32, infill=False)
    found = read_card(hall.folder).evaluation
    assert {name: found[name] for name in expected} == expected
    assert found["nats_per_note"] != card.evaluation["nats_per_note"]


async def test_copies_of_what_the_base_was_handed_are_found_though_it_is_called_like_another(
    hall: Hall,
) -> None:
    """The melodies are the base's tune, which is in no set called jazz but its owner's."""
    notes = [note._replace(start=note.start + at * 5760) for at in range(4) for note in NOTES]
    copied = write_midi(notes, tempo=120, instrument=0, bars=12)
    theirs = hall.hand_in(
        zipped({f"{at}.mid": tune(at) for at in range(12)} | {"copied.mid": copied})
    )
    card = hall.hang(
        recipe=TUNES,
        request={"dataset": str(hall.hand_in(tunes(12)))},
        base={"music": ["jazz"], "dataset": str(theirs)},
    )
    evaluation = await hall.evaluate(card.sha256)
    assert evaluation.error is None
    assert evaluation.samples is not None
    assert evaluation.samples.training_sets == ("tunes", "jazz")
    assert evaluation.samples.longest_copied_notes.samples.max == len(NOTES)


async def test_a_reference_set_that_is_not_here_fails_with_the_setting_to_set(hall: Hall) -> None:
    card = hall.hang(recipe=TUNES | {"ingredients": [{"name": "reference-mixed"}]})
    evaluation = await hall.evaluate(card.sha256)
    assert evaluation.state is JobState.FAILED
    assert evaluation.error is not None
    assert evaluation.error.code == "dataset_not_found"
    assert "OSTINATO_DATA is not set" in evaluation.error.detail
    assert read_card(hall.folder) == card


async def test_weights_that_are_gone_before_it_begins_are_missed(hall: Hall) -> None:
    card = hall.hang(recipe={"ingredients": [{"name": "music21"}]})
    evaluation = await hall.evaluate("f" * 64)
    assert evaluation.error is not None
    assert evaluation.error.code == "invalid_checkpoint"
    assert f"{card.version} with weights ffff" in evaluation.error.detail


async def test_weights_that_were_replaced_meanwhile_keep_their_card(hall: Hall) -> None:
    card = hall.hang()
    job = await hall.gallery.generate()
    evaluation = await hall.gallery.accept(job, card.sha256)
    errand = await hall.gallery.claim()
    (hall.folder / WEIGHTS).write_bytes(b"others")
    before = (hall.folder / "card.json").read_bytes()
    with pytest.raises(InvalidCheckpoint, match="SHA-256"):
        await hall.trade.deliver(errand, told(samples_of(card, job.id)))
    assert (hall.folder / "card.json").read_bytes() == before
    assert (await hall.gallery.get(evaluation)).samples is None


async def test_a_judgement_by_fewer_pieces_is_kept_and_the_card_stays(hall: Hall) -> None:
    """What it foretells of held-out music stands there all the same."""
    card = hall.hang()
    more = await hall.judged(card, pieces=COUNT)
    fewer = await hall.judged(card, pieces=1)
    assert [more.samples and more.samples.pieces, fewer.samples and fewer.samples.pieces] == [3, 1]
    assert fewer.state is JobState.SUCCEEDED
    assert read_card(hall.folder).evaluation["samples"]["job_id"] == str(more.request.job_id)
    assert read_card(hall.folder).evaluation["nats_per_note"] == FORESIGHT["nats_per_note"]
    assert (await hall.registered()).evaluation == read_card(hall.folder).evaluation


async def test_a_judgement_waits_for_another_that_is_being_written_down(hall: Hall) -> None:
    card = hall.hang()
    theirs = with_figures(card, {"samples": samples_of(card, uuid4()).model_dump(mode="json")})
    async with hall.gallery.database.transaction() as connection:
        await Models(connection).register(card)
    async with hall.gallery.database.transaction() as connection:
        await Models(connection).lock(card.version, card.sha256)
        ours = asyncio.create_task(hall.judged(card, pieces=1))
        await asyncio.sleep(0.3)
        assert not ours.done()
        await Models(connection).register(theirs)
        write_card(theirs, hall.folder)
    await ours
    assert read_card(hall.folder) == with_figures(theirs, FORESIGHT)


async def test_who_has_lost_the_claim_writes_nothing_and_its_successor_once(hall: Hall) -> None:
    card = hall.hang()
    job = await hall.gallery.generate()
    evaluation = await hall.gallery.accept(job, card.sha256)
    lost = await hall.gallery.claim(lease=ENDED)
    assignment = await hall.trade.assign(lost, until=1.0)
    assert (assignment.asked, assignment.model_sha256) == (job.request, card.sha256)
    folder = folder_of(hall.places.home, evaluation.id, lost.attempt)
    assert [notes.tolist() for notes in pieces_file.take_up(folder)] == [
        [list(note) for note in NOTES]
    ] * COUNT
    await hall.gallery.reap(lost)
    ours = await hall.gallery.claim()
    ending = told(samples_of(card, job.id))
    await hall.trade.deliver(lost, ending)
    assert read_card(hall.folder) == card
    assert (await hall.gallery.get(evaluation)).state is JobState.RUNNING
    await hall.trade.deliver(ours, ending)
    assert read_card(hall.folder).evaluation["samples"] == ending.samples.model_dump(mode="json")
    done = await hall.gallery.get(evaluation)
    assert (done.state, done.samples) == (JobState.SUCCEEDED, ending.samples)
