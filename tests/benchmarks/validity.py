"""`python -m tests.benchmarks.validity`: thousands of pieces, each a valid file, and as asked.

Every version that knows rhythm is tried as it is, and once more with random logits in the place of
its network, which is the harder test: only the grammar stands between noise and a file. Goes the
way of a claimed shard, through the engine, to the bytes. Prints what was wrong and exits 1 if
anything was; writes docs/validity.json, which keeps what it says of versions that are not tried.
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
from services.worker.engine.model_runner import ModelRunner
from services.worker.engine.interface import EngineOutput
from services.worker.model_registry import ModelRegistry, LoadedModel
from services.worker.shard_run import ShardRun, SequenceId
from shared.db.generation_shards import ClaimedShard
from shared.models.checkpoints import read_card
from shared.models.inference_model import InferenceModel
from tests.support.midi import read_midi

CHECKPOINTS, OUT = Path("checkpoints"), Path("docs/validity.json")
BARS, SLOTS, SHARD, IN_FLIGHT = 8, 64, 64, 3
Outputs = queue.SimpleQueue[Sequence[EngineOutput]]
console = Console(stderr=True)


class Noise:
    """A network of another's shape that says anything after anything."""

    def __init__(self, model: InferenceModel) -> None:
        self.vocab_size, self.context = model.vocab_size, model.context
        self.kernels, self.device = "random logits", model.device

    def init_state(self, rows: int) -> "Noise":  # noqa: ARG002 - it remembers nothing
        return self

    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:  # noqa: ARG002
        return 3 * torch.randn(len(rows), self.vocab_size)

    def move(self, source: int, target: int) -> None:
        """There is nothing to move."""


def main(versions: list[str] = typer.Argument(default=None), pieces: int = 10_000) -> None:  # noqa: B008
    """Try these versions, by default all that know rhythm."""
    repertoire = ModelRegistry(CHECKPOINTS, device=torch.device("cpu"), max_num_seqs=SLOTS)
    cards = [read_card(path.parent) for path in sorted(CHECKPOINTS.glob("*/card.json"))]
    found = json.loads(OUT.read_bytes())["versions"] if OUT.exists() else {}
    for card in cards:
        if card.version not in (versions or [card.version]) or not card.capabilities.primer:
            continue
        version = repertoire.load(card.version, card.sha256)
        noise = ModelRunner(Noise(version.runner.model), version.tokenizer.grammar(), SLOTS)
        for name, tried in {
            card.version: version,
            f"{card.version}, random logits": replace(version, runner=noise),
        }.items():
            wrong = list(faults(tried, pieces, name))
            found[name] = {"pieces": pieces, "wrong": len(wrong), "numerics": tried.numerics}
            console.print(f"{name}: {len(wrong)} of {pieces} wrong", *wrong[:5], sep="\n  ")
            OUT.write_text(json.dumps({"bars": BARS, "versions": found}, indent=2) + "\n")
    raise typer.Exit(any(each["wrong"] for each in found.values()))


def faults(version: LoadedModel, pieces: int, name: str) -> Iterator[str]:
    """What is wrong with any of so many pieces."""
    outputs = Outputs()
    engine = Engine(outputs.put)
    engine.start()
    waiting = [
        ShardRun(claim(version, first, min(SHARD, pieces - first)), version)
        for first in range(0, pieces, SHARD)
    ]
    held: dict[UUID, ShardRun] = {}
    for _ in track(range(len(waiting)), name, console=console):
        while waiting and len(held) < IN_FLIGHT:
            performance = waiting.pop(0)
            held[performance.shard.shard_id] = performance
            engine.submit(performance.engine_requests())
        yield from complaints(next_over(held, outputs))
    engine.stop()


def next_over(held: dict[UUID, ShardRun], outputs: Outputs) -> ShardRun:
    """Feed what is held until one is over; it is held no more."""
    while True:
        for performance in held.values():
            if performance.is_finished:
                return held.pop(performance.shard.shard_id)
        for output in outputs.get():
            assert isinstance(output.id, SequenceId)
            held[output.id.shard_id].apply(output.id.melody, output)


def complaints(performance: ShardRun) -> Iterator[str]:
    """What is wrong with a shard that is over."""
    if performance.error is not None:
        yield performance.error
        return
    for melody in performance.melodies():
        end = max((note.start + note.duration for note in melody.notes), default=0)
        if melody.bars != BARS or end > BARS * TICKS_PER_BAR:
            yield f"seed {melody.seed}: not {BARS} bars"
        if sorted(read_midi(melody.midi)) != sorted(melody.notes):
            yield f"seed {melody.seed}: the file has other notes than were streamed"


def claim(version: LoadedModel, first: int, count: int) -> ClaimedShard:
    """A shard of a job for 8 bars, seeds counted from 0."""
    request = GenerationRequest(model=version.card.version, count=count, bars=BARS, seed=0)
    return ClaimedShard(
        shard_id=uuid4(),
        job_id=uuid4(),
        owner="benchmark",
        attempt=1,
        num_items=count,
        crashes=0,
        first_index=first,
        request=request,
    )


if __name__ == "__main__":
    typer.run(main)
