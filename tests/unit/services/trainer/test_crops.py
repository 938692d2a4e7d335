"""Rows are full of music, changed as the recipe says, and depend on seed and step alone."""

import dataclasses
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import torch

from services.trainer.data.piece import Piece
from services.trainer.recipes.recipes import Examples, Recipe, Tokens
from services.trainer.training.batches import UNSCORED, Crops, Material, keys_of
from services.trainer.training.control_tokens import density_of, key_of
from services.trainer.training.training_data import Prepared
from shared.tokenizers.pitch_symbols import PitchSymbols
from shared.tokenizers.remi import Remi
from shared.tokenizers.vocabulary import Vocabulary
from tests.unit.services.trainer.conftest import random_piece

PIECES = [random_piece(seed, 80) for seed in range(20)]


@pytest.fixture(scope="module")
def remi() -> Remi:
    return Remi.train([piece.notes for piece in PIECES], 300)


def crops(
    vocabulary: Vocabulary, recipe: Recipe, pieces: Sequence[Piece] = PIECES, **examples: object
) -> Crops:
    lengths = np.array([len(vocabulary.encode(piece.notes)) for piece in pieces])
    material = Material(pieces=pieces, num_tokens=lengths, performed=True, weight=1.0)
    plain = Examples(context=64, **examples)  # type: ignore[arg-type]
    return Crops([material], vocabulary, dataclasses.replace(recipe, examples=plain))


def rows(source: Crops, steps: int = 30) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and targets of many steps."""
    batches = [source.batch(step) for step in range(steps)]
    return torch.cat([each.ids for each in batches]), torch.cat([each.targets for each in batches])


def test_a_batch_is_a_function_of_seed_and_step(material: Prepared, recipe: Recipe) -> None:
    remi = material.vocabulary
    once, again = crops(remi, recipe), crops(remi, recipe)
    once.batch(4)
    assert torch.equal(once.batch(7).ids, again.batch(7).ids)
    assert not torch.equal(again.batch(7).ids, again.batch(8).ids)
    other = crops(remi, dataclasses.replace(recipe, seed=2))
    assert not torch.equal(again.batch(7).ids, other.batch(7).ids)


def test_a_target_is_the_token_that_follows_in_its_crop(remi: Remi, recipe: Recipe) -> None:
    ids, targets = rows(crops(remi, recipe))
    follows = ids[:, 1:] == targets[:, :-1]
    assert follows.float().mean() > 0.8
    begins = ids[:, 1:][~follows]
    opens_bar = torch.from_numpy(remi.opens_bar)
    assert ((begins == remi.bos) | opens_bar[begins]).all()
    assert (ids != remi.eos).all()


def test_openings_endings_and_middles_are_all_seen(remi: Remi, recipe: Recipe) -> None:
    ids, targets = rows(crops(remi, recipe))
    assert 0.3 < (ids[:, 0] == remi.bos).float().mean() < 0.7
    assert (targets == remi.eos).any()


def test_every_crop_is_music_that_is_in_a_piece(remi: Remi, recipe: Recipe) -> None:
    """Bar by bar: nothing is cut out of a bar, and nothing is put into one."""
    known = {bar for piece in PIECES for bar in bars_of(remi, remi.encode(piece.notes))}
    ids, targets = rows(crops(remi, recipe))
    for row, aims in zip(ids.tolist(), targets.tolist(), strict=True):
        breaks = [0, *(at for at in range(1, 64) if row[at] != aims[at - 1]), 64]
        for begin, end in pairwise(breaks):
            whole = bars_of(remi, row[begin:end])[:-1]  # the last may be cut by the row's end
            assert set(whole) <= known


def bars_of(remi: Remi, ids: Sequence[int]) -> list[tuple[int, ...]]:
    lines = [at for at, token in enumerate(ids) if remi.opens_bar[token]]
    ends = [*lines[1:], len(ids)]
    return [tuple(ids[one:other]) for one, other in zip(lines, ends, strict=True)]


def test_every_transposition_stays_on_the_keyboard() -> None:
    notes = PIECES[0].notes
    lowest, highest = notes[:, 2].min(), notes[:, 2].max()
    tried = (21 - lowest - 1, 21 - lowest, 0, 108 - highest, 108 - highest + 1)
    assert keys_of(notes, tried) == [21 - lowest, 0, 108 - highest]
    assert keys_of(notes, (200,)) == [0]


def test_key_force_and_tempo_change_as_the_recipe_says(remi: Remi, recipe: Recipe) -> None:
    def heard(**examples: object) -> np.ndarray:
        ids, _ = rows(crops(remi, recipe, PIECES[:1], **examples), 60)
        openings = [row.tolist() for row in ids if row[0] == remi.bos]
        first = [
            remi.decode(row[1 : row.index(remi.bos, 1) if remi.bos in row[1:] else 64])
            for row in openings
        ]
        return np.array([notes[1] for notes in first])

    plain = heard()
    assert (plain == plain[0]).all()
    moved = heard(transpositions=(-2, 0, 3))
    assert set((moved[:, 2] - plain[0, 2]).tolist()) == {-2, 0, 3}
    assert len(set(heard(velocity=30)[:, 3].tolist())) > 3
    assert len(set(heard(stretch=0.3)[:, 0].tolist())) > 3
    assert (heard(stretch=0.3)[:, 2] == plain[0, 2]).all()


def test_a_filled_in_crop_has_a_bar_behind_sep_for_every_gap(remi: Remi, recipe: Recipe) -> None:
    known = {bar for piece in PIECES for bar in bars_of(remi, remi.encode(piece.notes))}
    ids, targets = rows(crops(remi, recipe, infill=1.0))
    found = 0
    for row, aims in zip(ids.tolist(), targets.tolist(), strict=True):
        if remi.sep not in row:
            continue
        sep = row.index(remi.sep)
        behind = row[sep + 1 :]
        if remi.eos not in aims[sep:]:
            continue
        end = aims.index(remi.eos, sep)
        hidden = bars_of(remi, row[sep + 1 : end + 1])
        begin = max([0, *(at for at in range(1, sep) if row[at] != aims[at - 1] != UNSCORED)])
        gaps = row[begin:sep].count(remi.fill)
        assert len(hidden) == gaps > 0
        assert set(hidden) <= known
        assert behind
        found += 1
    assert found > 20
    assert not torch.isin(targets, torch.tensor([remi.fill, remi.sep])).any()


def test_prefixes_tell_what_follows_and_are_not_foretold(remi: Remi, recipe: Recipe) -> None:
    ids, targets = rows(crops(remi, recipe, PIECES[:1], controls=1.0), 10)
    names = {token: name for name, token in remi.controls.items()}
    first = [row[1:4].tolist() for row in ids if row[0] == remi.bos]
    assert first
    assert {names[token] for row in first for token in row} == {
        "Style_0",
        f"Key_{key_of(PIECES[0].notes)}",
        f"Density_{density_of(PIECES[0].notes)}",
    }
    assert not torch.isin(targets, torch.tensor(list(remi.controls.values()))).any()


def test_a_crop_fits_even_where_its_prefixes_alone_do_not(remi: Remi, recipe: Recipe) -> None:
    made = crops(remi, recipe, infill=1.0, controls=1.0)
    rng = np.random.default_rng(1)
    lengths = [len(made._crop(rng, 3)[0]) for _ in range(40)]
    assert set(lengths) <= {2, 3}


def test_symbols_are_cropped_too(recipe: Recipe) -> None:
    symbols = PitchSymbols.train([piece.notes for piece in PIECES])
    plain = dataclasses.replace(recipe, tokens=Tokens.PITCH_SYMBOLS)
    ids, targets = rows(crops(symbols, plain))
    assert (ids[:, 0] == symbols.bos).any()
    assert (targets == symbols.eos).any()
    spelt = [symbols.encode(piece.notes) for piece in PIECES]
    text = ["".join(map(chr, each)) for each in spelt]
    openings = [row[1:20].tolist() for row in ids if row[0] == symbols.bos]
    assert all(any(each.startswith("".join(map(chr, row))) for each in text) for row in openings)


def test_sets_are_drawn_by_weight_and_pieces_by_length(remi: Remi, recipe: Recipe) -> None:
    long, short = random_piece(0, 1600), random_piece(1, 40)
    lengths = np.array([len(remi.encode(piece.notes)) for piece in (long, short)])
    config = dataclasses.replace(recipe, examples=Examples(context=64, controls=1.0))
    sets = [
        Material(pieces=[long, short], num_tokens=lengths, performed=False, weight=1.0),
        Material(pieces=[PIECES[2]], num_tokens=np.array([100]), performed=False, weight=3.0),
    ]
    ids, _ = rows(Crops(sets, remi, config), 200)
    styles = [int((ids == remi.controls[f"Style_{style}"]).sum()) for style in (0, 1)]
    assert styles[1] / sum(styles) == pytest.approx(0.75, abs=0.07)
