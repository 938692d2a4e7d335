"""Rows are full of music, in every key that fits, and depend on seed and step alone."""

import dataclasses

import numpy as np
import torch

from services.trainer.crops import Crops, keys_of, spell
from services.trainer.pipeline import Material
from services.trainer.recipes import Recipe
from tests.unit.services.trainer.conftest import random_piece


def test_a_batch_is_a_function_of_seed_and_step(material: Material, recipe: Recipe) -> None:
    pieces, tokenizer = material.dataset.split.train, material.tokenizer
    again = Crops(pieces, tokenizer, recipe)
    material.crops.batch(4)
    assert torch.equal(material.crops.batch(7).ids, again.batch(7).ids)
    assert not torch.equal(again.batch(7).ids, again.batch(8).ids)
    other = Crops(pieces, tokenizer, dataclasses.replace(recipe, seed=2))
    assert not torch.equal(again.batch(7).ids, other.batch(7).ids)


def test_a_target_is_the_token_that_follows_in_its_crop(material: Material) -> None:
    batch, tokenizer = material.crops.batch(0), material.tokenizer
    follows = batch.ids[:, 1:] == batch.targets[:, :-1]
    ends = ~follows
    assert follows.float().mean() > 0.8
    begins = batch.ids[:, 1:][ends]
    opens_bar = torch.from_numpy(tokenizer.grammar().bars > 0)
    assert ((begins == tokenizer.bos) | opens_bar[begins]).all()
    assert (batch.ids != tokenizer.eos).all()


def test_openings_endings_and_middles_are_all_seen(material: Material) -> None:
    batches = [material.crops.batch(step) for step in range(30)]
    ids = torch.cat([batch.ids for batch in batches])
    targets = torch.cat([batch.targets for batch in batches])
    assert (ids[:, 0] == material.tokenizer.bos).float().mean() > 0.3
    assert (ids[:, 0] != material.tokenizer.bos).float().mean() > 0.2
    assert (targets == material.tokenizer.eos).any()


def test_every_transposition_stays_on_the_keyboard() -> None:
    piece = random_piece(0)
    lowest, highest = piece.notes[:, 2].min(), piece.notes[:, 2].max()
    assert keys_of(piece, (21 - lowest - 1, 21 - lowest, 0, 108 - highest, 108 - highest + 1)) == [
        21 - lowest,
        0,
        108 - highest,
    ]


def test_a_spelt_piece_is_bos_its_notes_and_eos(material: Material) -> None:
    piece = random_piece(3)
    tokens = spell(piece, material.tokenizer)
    assert tokens[0] == material.tokenizer.bos
    assert tokens[-1] == material.tokenizer.eos
    heard = np.array(material.tokenizer.decode(tokens[1:-1].tolist()))
    assert np.array_equal(heard[:, :3], piece.notes[:, :3])
