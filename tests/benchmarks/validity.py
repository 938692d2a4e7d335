"""`python -m tests.benchmarks.validity`: checks thousands of melodies of each version.

Every version whose tokens have rhythm, so that it accepts primers, is checked twice: with its
network, and with random logits instead. The second check is harder, because only the grammar mask
makes the files valid. As in a worker, a claimed shard goes through the engine to the bytes of its
MIDI files. Prints the errors, updates docs/validity.json, and exits with 1 if there are any.
"""

import json
import queue
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import torch
import typer
from rich.console import Console
from rich.progress import track
from torch import Tensor

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import TICKS_PER_BAR
from services.worker.engine.engine import Engine
from services.worker.engine.interface import EngineOutput
from services.worker.engine.model_runner import ModelRunner
from services.worker.model_registry import LoadedModel, ModelRegistry
from services.worker.shard_run import SequenceId, ShardRun
from shared.db.generation_shards import ClaimedShard, ShardItem
from shared.models.checkpoints import read_card
from shared.models.inference_model import InferenceModel
from tests.support.midi import read_midi

CHECKPOINTS, OUT = Path("checkpoints"), Path("docs/validity.json")
BARS, SLOTS, MELODIES_PER_SHARD, MAX_ACTIVE_SHARDS = 8, 64, 64, 3
Outputs = queue.SimpleQueue[Sequence[EngineOutput]]
console = Console(stderr=True)


class RandomLogits:
    """Random logits in place of those of a model."""

    def __init__(self, model: InferenceModel) -> None:
        self.vocab_size, self.context = model.vocab_size, model.context
        self.kernels, self.device = "random logits", model.device

    def init_state(self, num_slots: int) -> "RandomLogits":  # noqa: ARG002 - it has no state
        return self

    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:  # noqa: ARG002
        return 3 * torch.randn(len(slots), self.vocab_size)

    def move(self, source: int, target: int) -> None:
        """Do nothing: there is no state."""


def main(versions: list[str] = typer.Argument(default=None), melodies: int = 10_000) -> None:  # noqa: B008
    """Check these versions; by default all that accept primers."""
    registry = ModelRegistry(CHECKPOINTS, device=torch.device("cpu"), max_num_seqs=SLOTS)
    cards = [read_card(path.parent) for path in sorted(CHECKPOINTS.glob("*/card.json"))]
    results = json.loads(OUT.read_bytes())["versions"] if OUT.exists() else {}
    for card in cards:
        if card.version not in (versions or [card.version]) or not card.capabilities.primer:
            continue
        version = registry.load(card.version, card.sha256)
        random_runner = ModelRunner(
            RandomLogits(version.runner.model), version.tokenizer.grammar(), SLOTS
        )
        for name, model in {
            card.version: version,
            f"{card.version}, random logits": replace(version, runner=random_runner),
        }.items():
            errors = list(find_errors(model, melodies, name))
            results[name] = {
                "melodies": melodies,
                "errors": len(errors),
                "numerics": model.numerics,
            }
            console.print(
                f"{name}: {len(errors)} errors in {melodies} melodies", *errors[:5], sep="\n  "
            )
            OUT.write_text(json.dumps({"bars": BARS, "versions": results}, indent=2) + "\n")
    raise typer.Exit(any(result["errors"] for result in results.values()))


def find_errors(version: LoadedModel, melodies: int, name: str) -> Iterator[str]:
    """A sentence for each error in `melodies` melodies."""
    outputs = Outputs()
    engine = Engine(outputs.put)
    engine.start()
    queued = [
        ShardRun(claimed_shard(version, first, min(MELODIES_PER_SHARD, melodies - first)), version)
        for first in range(0, melodies, MELODIES_PER_SHARD)
    ]
    active: dict[UUID, ShardRun] = {}
    for _ in track(range(len(queued)), name, console=console):
        while queued and len(active) < MAX_ACTIVE_SHARDS:
            shard_run = queued.pop(0)
            active[shard_run.shard.shard_id] = shard_run
            engine.submit(shard_run.engine_requests())
        yield from errors_in(pop_finished(active, outputs))
    engine.stop()


def pop_finished(active: dict[UUID, ShardRun], outputs: Outputs) -> ShardRun:
    """Apply outputs until a shard is finished; remove it from `active` and return it."""
    while True:
        for shard_run in active.values():
            if shard_run.is_finished:
                return active.pop(shard_run.shard.shard_id)
        for output in outputs.get():
            assert isinstance(output.id, SequenceId)
            active[output.id.shard_id].apply(output.id.melody, output)


def errors_in(shard_run: ShardRun) -> Iterator[str]:
    """A sentence for each error in a finished shard."""
    if shard_run.error is not None:
        yield shard_run.error
        return
    for melody in shard_run.results(shard_run.take_finished()).melodies:
        end = max((note.start + note.duration for note in melody.notes), default=0)
        if melody.bars != BARS or end > BARS * TICKS_PER_BAR:
            yield f"seed {melody.seed}: not {BARS} bars"
        if sorted(read_midi(melody.midi)) != sorted(melody.notes):
            yield f"seed {melody.seed}: the notes of the file differ from the streamed ones"


def claimed_shard(version: LoadedModel, first: int, count: int) -> ClaimedShard:
    """A claimed shard of a job for 8 bars, with seeds from 0."""
    request = GenerationRequest(model=version.card.version, bars=BARS, seed=0)
    indices = range(first, first + count)
    return ClaimedShard(
        shard_id=uuid4(),
        job_id=uuid4(),
        owner="benchmark",
        attempt=1,
        num_items=count,
        crashes=0,
        model=version.card.version,
        is_interactive=False,
        items=[ShardItem(index=index, seed=index, request=request) for index in indices],
    )


if __name__ == "__main__":
    typer.run(main)
