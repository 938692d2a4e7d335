"""`python -m services.trainer.programs.evaluate_model`: a child of the trainer that judges a version.

By what its weights foretell of held-out music, and by pieces that they wrote. It reads the music
that the version learnt from and splits it as a training would today; the counts on a card tell
whether it was split so then. Refuses to know jobs, and to write a card.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ostinato.schemas.evaluations import Samples
from ostinato.schemas.models import ModelCard
from services.trainer.data import pieces_file
from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import Dataset, load_dataset
from services.trainer.data.sources import (
    context_of,
    learnt_before,
    learnt_from,
    opened,
    weights_of,
)
from services.trainer.evaluation.held_out import foretell
from services.trainer.evaluation.sample_quality import HeldOut, judge
from services.trainer.ipc.channel import Lifeline, work
from services.trainer.ipc.messages import Judged, JudgingAssignment, Places
from services.trainer.ipc.workdir import folder_of
from shared.logs import configure
from shared.models.checkpoints import find_checkpoint, load_weights, read_card
from shared.tokenizers.vocabulary import load_vocabulary


def evaluate(line: Lifeline) -> Judged:
    """Judge the version that the supervisor names; its pieces are laid down."""
    assignment = line.take(JudgingAssignment)
    places, asked = assignment.places, assignment.asked
    checkpoint = find_checkpoint(places.checkpoints, asked.model, assignment.model_sha256)
    folder = folder_of(places.home, assignment.job_id, assignment.attempt)
    card, vocabulary = read_card(checkpoint), load_vocabulary(checkpoint)
    context, weights = context_of(card), weights_of(card)
    datasets = _read(card, assignment, folder)
    remembered = [*datasets, *_read_earlier(card, places, folder)]
    pieces = pieces_file.take_up(folder)
    judgement = judge(
        pieces,
        bars=asked.bars,
        train=[piece for dataset in remembered for piece in dataset.split.train],
        held_out=[
            HeldOut(pieces=dataset.split.held_out, weight=weight)
            for dataset, weight in zip(datasets, weights, strict=True)
        ],
        vocabulary=vocabulary,
    )
    samples = Samples(
        **dict(judgement),
        job_id=assignment.made_by,
        request=asked,
        model_sha256=assignment.model_sha256,
        training_sets=tuple(dataset.name for dataset in remembered),
        failed=asked.count - len(pieces),
    )
    network = load_weights(checkpoint)
    infill = card.capabilities.infill
    return Judged(
        samples=samples,
        foresight=foretell(network, datasets, vocabulary, context, infill=infill),
    )


def _read(card: ModelCard, assignment: JudgingAssignment, folder: Path) -> list[Dataset]:
    places = assignment.places
    with opened(*learnt_from(card), places, folder) as sources:
        return [load_dataset(source, places.home) for source in sources]


def _read_earlier(card: ModelCard, places: Places, folder: Path) -> Iterator[Dataset]:
    """What the weights that it began with may repeat, too; others may have trained those."""
    for name, handed_in in learnt_before(card):
        with suppress(DatasetNotFound), opened([name], handed_in, places, folder) as [source]:
            yield load_dataset(source, places.home)


if __name__ == "__main__":
    line = Lifeline.of_this_process()
    configure("trainer")
    sys.exit(work(line, evaluate))
