"""`python -m services.trainer.export mini`: the best weights of a run become a checkpoint folder.

What the card says of the model is measured on the weights as they were written, in bf16. Refuses
to train: a run that still goes on is exported as it is, and the card says so.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import typer
from rich.console import Console

from services.trainer.arguments import RecipeArgument
from services.trainer.checkpoint import load_state
from services.trainer.evaluation import TEMPO
from services.trainer.loop import BEST, LAST, Progress, build_decoder
from services.trainer.pipeline import Material, prepare
from services.trainer.recipes import Recipe
from services.trainer.samples import MIN_P, TEMPERATURE, compare, excerpt, write_samples
from services.trainer.settings import TrainingSettings
from services.trainer.traits import Memory
from shared.models.decoder import Decoder
from shared.models.resident import Resident
from shared.models.weights import CARD, load_weights, save_weights
from shared.schemas.models import Capabilities, ModelCard

MAX_BARS = 64
SAMPLES = 50
LICENCE = "Apache-2.0; see LICENSE.md beside this folder"
SPLIT = (
    "by family, before anything else: equal pieces count once, pieces that share a tenth of their "
    "runs of ten pitch intervals stay on one side, and about one family in ten, chosen by the hash "
    "of its content, is held out"
)

console = Console(stderr=True)


def main(recipe: RecipeArgument) -> None:
    """Write the folder of a version from the best weights of its run."""
    settings = TrainingSettings()
    run, folder = settings.home / "runs" / recipe.version, settings.checkpoints / recipe.version
    card = export(recipe, prepare(recipe, settings.home, run), run, folder)
    console.print_json(data=card.evaluation)
    console.print(f"{folder}: {card.version} {card.sha256}")


def export(recipe: Recipe, material: Material, run: Path, folder: Path) -> ModelCard:
    """Weights, tokenizer and card of a run; the card, which comes last, makes the folder whole."""
    best = build_decoder(recipe, material.tokenizer.vocab_size)
    best.load_state_dict(load_state(run / BEST)["model"])
    sha256 = save_weights(best, folder)
    material.tokenizer.save(folder)
    card = ModelCard(
        version=recipe.version,
        sha256=sha256,
        description=recipe.description,
        capabilities=Capabilities(max_bars=MAX_BARS, primer=True, velocity=False),
        licence=LICENCE,
        data=_data(material),
        training=_training(recipe, Progress.from_json(load_state(run / LAST)["progress"])),
        evaluation=_evaluation(load_weights(folder), material),
    )
    partial = folder / f"{CARD}.partial"
    partial.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / CARD)
    return card


def _data(material: Material) -> dict[str, Any]:
    dataset = material.dataset
    return {
        "name": dataset.name,
        "licence": dataset.licence,
        "pieces_by_folder": dataset.folders,
        "split": SPLIT,
        "tokens": material.tokens,
        "vocabulary": material.tokenizer.vocab_size,
        **{key: value for key, value in asdict(dataset.report).items() if key != "seconds"},
    }


def _training(recipe: Recipe, progress: Progress) -> dict[str, Any]:
    """The run up to its best point, whose weights these are, and how it ended."""
    best = progress.best
    return {
        "weights": f"the best of {len(progress.curve)} examinations by the held-out pieces; "
        "being chosen by them, they look a trace better on them than they are",
        "steps": best.step,
        "tokens": best.tokens,
        "seconds": best.seconds,
        "seed": recipe.seed,
        "commit": progress.commit,
        "ended": str(progress.end or "exported before its end"),
        "torch": torch.__version__,
        "recipe": recipe.to_json(),
        "learning_curve": [asdict(point) for point in progress.curve],
    }


def _evaluation(decoder: Decoder, material: Material) -> dict[str, Any]:
    """Held-out surprise, and samples beside held-out pieces."""
    score = material.examination.score(decoder)
    likes = material.dataset.split.held_out[:SAMPLES]
    samples = write_samples(Resident(decoder, torch.device("cpu")), material.tokenizer, likes)
    memory = Memory(material.dataset.split.train)
    return {
        "nats_per_note": round(score.nats_per_note, 4),
        "bits_per_second": round(score.bits_per_second, 4),
        "nats_per_token": round(score.nats / score.tokens, 4),
        "held_out": {"pieces": score.pieces, "notes": score.notes, "tokens": score.tokens},
        "tempo": TEMPO,
        "samples": {"pieces": len(samples), "temperature": TEMPERATURE, "min_p": MIN_P},
        "traits": compare(samples, [excerpt(piece) for piece in likes], memory),
    }


if __name__ == "__main__":
    typer.run(main)
