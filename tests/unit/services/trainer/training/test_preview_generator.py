"""Preview notes are equal for equal weights, and their number is bounded."""

from pathlib import Path

import torch

from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.network import build_network
from services.trainer.training.preview_generator import BARS, MAX_TOKENS, PreviewGenerator
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import TrainerState
from services.trainer.training.training_data import TrainingData


def test_equal_weights_give_equal_preview_notes_and_other_weights_do_not(
    recipe: Recipe, training_data: TrainingData
) -> None:
    generator = PreviewGenerator(training_data.tokenizer)
    torch.manual_seed(1)
    network = build_network(recipe, training_data.tokenizer.vocab_size)
    first = generator.generate(network)
    assert first
    assert generator.generate(network) == first
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(3)
    assert generator.generate(network) != first


def test_the_preview_notes_of_an_untrained_model_are_bounded(
    recipe: Recipe, training_data: TrainingData
) -> None:
    torch.manual_seed(2)
    network = build_network(recipe, training_data.tokenizer.vocab_size)
    notes = PreviewGenerator(training_data.tokenizer).generate(network)
    assert 0 < len(notes) <= MAX_TOKENS
    assert all(note.start < BARS * TICKS_PER_BAR for note in notes)


def test_every_validation_has_preview_notes_and_the_random_state_is_unchanged(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    trainer = Trainer(
        recipe=recipe, data=training_data, folder=tmp_path, state=TrainerState(commit="none")
    )
    before = torch.get_rng_state()
    assert trainer.run(lambda: False, lambda: None)
    assert torch.equal(torch.get_rng_state(), before)
    assert len(trainer.state.validations) > 1
    assert all(point.preview_notes for point in trainer.state.validations)
