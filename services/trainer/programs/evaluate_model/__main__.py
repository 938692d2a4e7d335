"""Child program of the trainer: evaluates a version.

It scores the weights on held-out music, and compares melodies that they generated with that music.
The data sets are parsed and split by the current code; the counts in a card show whether the
version was trained on the same split. The service writes the card, not this program.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ostinato.schemas.evaluations import SampleEvaluation
from ostinato.schemas.models import ModelCard
from services.trainer.data.card_data import (
    ancestor_sets,
    dataset_weights,
    training_context,
    training_sets,
)
from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import Dataset, load_dataset
from services.trainer.data.pieces_file import load_pieces
from services.trainer.data.sources import open_sources
from services.trainer.data.tracking import Track
from services.trainer.evaluation.held_out import score_held_out
from services.trainer.evaluation.sample_quality import HeldOutSet, evaluate_samples
from services.trainer.ipc.channel import SupervisorChannel, run_child
from services.trainer.ipc.messages import Evaluated, EvaluationSpec
from services.trainer.ipc.progress import ProgressReporter
from services.trainer.ipc.workdir import attempt_dir
from services.trainer.settings import StoragePaths
from shared.logs import configure
from shared.models.checkpoints import find_checkpoint, load_weights, read_card
from shared.settings import LogSettings
from shared.tokenizers.tokenizer import load_tokenizer


def evaluate(channel: SupervisorChannel) -> Evaluated:
    """Evaluate the version that the supervisor names; its melodies are in the attempt directory."""
    spec = channel.receive(EvaluationSpec)
    request = spec.generation_request
    checkpoint = find_checkpoint(
        spec.paths.checkpoints_dir, request.resolved_model, spec.model_sha256
    )
    folder = attempt_dir(spec.paths.cache_dir, spec.job_id, spec.attempt)
    card, tokenizer = read_card(checkpoint), load_tokenizer(checkpoint)
    context, weights = training_context(card), dataset_weights(card)
    reporter = ProgressReporter(channel)
    datasets = _load_datasets(card, spec.paths, folder, reporter.track)
    all_datasets = [
        *datasets,
        *_load_ancestor_datasets(card, spec.paths, folder, reporter.track),
    ]
    samples = load_pieces(folder)
    reporter.report(f"Comparing {len(samples):,} melodies with the training music")
    quality = evaluate_samples(
        samples,
        bars=request.bars,
        train=[piece for dataset in all_datasets for piece in dataset.split.train],
        held_out=[
            HeldOutSet(pieces=dataset.split.held_out, weight=weight)
            for dataset, weight in zip(datasets, weights, strict=True)
        ],
        tokenizer=tokenizer,
    )
    network = load_weights(checkpoint)
    return Evaluated(
        samples=SampleEvaluation(
            **dict(quality),
            job_id=spec.source_job_id,
            request=request,
            model_sha256=spec.model_sha256,
            training_sets=tuple(dataset.name for dataset in all_datasets),
            num_failed=request.count - len(samples),
        ),
        held_out=score_held_out(
            network,
            datasets,
            tokenizer,
            context,
            infill=card.capabilities.infill,
            track=reporter.track,
        ),
    )


def _load_datasets(
    card: ModelCard, paths: StoragePaths, folder: Path, track: Track
) -> list[Dataset]:
    with open_sources(*training_sets(card), paths, folder) as sources:
        metres = card.capabilities.time_signatures
        return [load_dataset(source, paths.cache_dir, track, metres) for source in sources]


def _load_ancestor_datasets(
    card: ModelCard, paths: StoragePaths, folder: Path, track: Track
) -> Iterator[Dataset]:
    """Data sets of the models that the version was initialized from; it may also repeat those.

    Data sets that are not available are skipped: they may belong to another client.
    """
    for name, upload_id in ancestor_sets(card):
        with (
            suppress(DatasetNotFound),
            open_sources([name], upload_id, paths, folder) as [source],
        ):
            yield load_dataset(source, paths.cache_dir, track, card.capabilities.time_signatures)


if __name__ == "__main__":
    channel = SupervisorChannel.from_stdio()
    configure("trainer", log_format=LogSettings.load().log_format)
    sys.exit(run_child(channel, evaluate))
