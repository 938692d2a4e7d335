"""What is heard of a model that learns: the same of the same weights, and never without end."""

from pathlib import Path

import torch

from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.recipes.recipes import Recipe
from services.trainer.training.sample_generator import BARS, MOST_TOKENS, Audition
from services.trainer.training.trainer import Progress, Training, build_network
from services.trainer.training.training_data import Prepared


def test_the_same_weights_write_the_same_and_others_do_not(
    recipe: Recipe, material: Prepared
) -> None:
    audition = Audition(material.vocabulary)
    torch.manual_seed(1)
    network = build_network(recipe, material.vocabulary.vocab_size)
    first = audition.hear(network)
    assert first
    assert audition.hear(network) == first
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(3)
    assert audition.hear(network) != first


def test_who_knows_nothing_is_stopped(recipe: Recipe, material: Prepared) -> None:
    torch.manual_seed(2)
    network = build_network(recipe, material.vocabulary.vocab_size)
    notes = Audition(material.vocabulary).hear(network)
    assert 0 < len(notes) <= MOST_TOKENS
    assert all(note.start < BARS * TICKS_PER_BAR for note in notes)


def test_every_point_of_a_curve_has_been_heard_and_it_costs_no_chance(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    training = Training(
        recipe=recipe, material=material, folder=tmp_path, progress=Progress(commit="none")
    )
    before = torch.get_rng_state()
    assert training.run(lambda: False, lambda: None)
    assert torch.equal(torch.get_rng_state(), before)
    assert len(training.progress.curve) > 1
    assert all(point.sample for point in training.progress.curve)
