"""Rows have no padding, are augmented by recipe, and depend on seed and step only."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import torch

from services.trainer.data.piece import Piece
from services.trainer.evaluation.likelihood import IGNORE_INDEX
from services.trainer.recipes.recipe import ExampleConfig, Recipe, TokenizerKind
from services.trainer.training.batches import (
    CropSampler,
    TokenizedSet,
    valid_transpositions,
)
from services.trainer.training.control_tokens import estimate_key
from services.trainer.training.training_data import TrainingData
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import Tokenizer
from tests.unit.services.trainer.conftest import random_piece

PIECES = [random_piece(seed, 80) for seed in range(20)]


@pytest.fixture(scope="module")
def remi() -> RemiTokenizer:
    return RemiTokenizer.train([piece.notes for piece in PIECES], 300)


def make_sampler(
    tokenizer: Tokenizer, recipe: Recipe, pieces: Sequence[Piece] = PIECES, **examples: object
) -> CropSampler:
    lengths = np.array([len(tokenizer.encode(piece.notes)) for piece in pieces])
    dataset = TokenizedSet(pieces=pieces, num_tokens=lengths, is_performance=True, weight=1.0)
    config = ExampleConfig(context=64, **examples)  # type: ignore[arg-type]
    return CropSampler([dataset], tokenizer, dataclasses.replace(recipe, examples=config))


def rows(sampler: CropSampler, steps: int = 30) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and targets of many steps."""
    batches = [sampler.batch(step) for step in range(steps)]
    ids = torch.cat([batch.ids for batch in batches])
    return ids, torch.cat([batch.targets for batch in batches])


def test_a_batch_is_a_function_of_seed_and_step(
    training_data: TrainingData, recipe: Recipe
) -> None:
    remi = training_data.tokenizer
    first, second = make_sampler(remi, recipe), make_sampler(remi, recipe)
    first.batch(4)
    assert torch.equal(first.batch(7).ids, second.batch(7).ids)
    assert not torch.equal(second.batch(7).ids, second.batch(8).ids)
    other = make_sampler(remi, dataclasses.replace(recipe, seed=2))
    assert not torch.equal(second.batch(7).ids, other.batch(7).ids)


def test_a_target_is_the_next_token_of_its_crop(remi: RemiTokenizer, recipe: Recipe) -> None:
    ids, targets = rows(make_sampler(remi, recipe))
    follows = ids[:, 1:] == targets[:, :-1]
    assert follows.float().mean() > 0.8
    begins = ids[:, 1:][~follows]
    opens_bar = torch.from_numpy(remi.opens_bar)
    assert ((begins == remi.bos) | opens_bar[begins]).all()
    assert (ids != remi.eos).all()


def test_crops_include_openings_and_endings(remi: RemiTokenizer, recipe: Recipe) -> None:
    ids, targets = rows(make_sampler(remi, recipe))
    assert 0.3 < (ids[:, 0] == remi.bos).float().mean() < 0.7
    assert (targets == remi.eos).any()
    ids, _ = rows(make_sampler(remi, recipe, opening_rate=0.1), 100)
    assert 0.04 < (ids[:, 0] == remi.bos).float().mean() < 0.2


def test_every_crop_consists_of_whole_bars_of_a_piece(remi: RemiTokenizer, recipe: Recipe) -> None:
    """The last bar of a row is not checked, since the row may truncate it."""
    known = {bar for piece in PIECES for bar in bars_of(remi, remi.encode(piece.notes))}
    ids, targets = rows(make_sampler(remi, recipe))
    for row, row_targets in zip(ids.tolist(), targets.tolist(), strict=True):
        breaks = [0, *(index for index in range(1, 64) if row[index] != row_targets[index - 1]), 64]
        for begin, end in pairwise(breaks):
            whole = bars_of(remi, row[begin:end])[:-1]
            assert set(whole) <= known


def bars_of(remi: RemiTokenizer, ids: Sequence[int]) -> list[tuple[int, ...]]:
    bar_starts = [index for index, token in enumerate(ids) if remi.opens_bar[token]]
    ends = [*bar_starts[1:], len(ids)][: len(bar_starts)]
    return [tuple(ids[start:end]) for start, end in zip(bar_starts, ends, strict=True)]


def test_transpositions_that_leave_the_piano_range_are_excluded() -> None:
    notes = PIECES[0].notes
    lowest, highest = notes[:, 2].min(), notes[:, 2].max()
    tried = (21 - lowest - 1, 21 - lowest, 0, 108 - highest, 108 - highest + 1)
    assert valid_transpositions(notes, tried) == [21 - lowest, 0, 108 - highest]
    assert valid_transpositions(notes, (200,)) == [0]


def test_key_velocity_and_tempo_are_augmented_by_recipe(
    remi: RemiTokenizer, recipe: Recipe
) -> None:
    def second_notes(**examples: object) -> np.ndarray:
        ids, _ = rows(make_sampler(remi, recipe, PIECES[:1], **examples), 60)
        openings = [row.tolist() for row in ids if row[0] == remi.bos]
        first = [
            remi.decode(row[1 : row.index(remi.bos, 1) if remi.bos in row[1:] else 64])
            for row in openings
        ]
        return np.array([notes[1] for notes in first])

    plain = second_notes()
    assert (plain == plain[0]).all()
    moved = second_notes(transpositions=(-2, 0, 3))
    assert set((moved[:, 2] - plain[0, 2]).tolist()) == {-2, 0, 3}
    assert len(set(second_notes(velocity_jitter=30)[:, 3].tolist())) > 3
    assert len(set(second_notes(time_stretch=0.3)[:, 0].tolist())) > 3
    assert (second_notes(time_stretch=0.3)[:, 2] == plain[0, 2]).all()


def test_an_infill_crop_is_a_passage_whose_end_comes_first(
    remi: RemiTokenizer, recipe: Recipe
) -> None:
    """The bars after the gap, FILL, then the bars from the beginning to the end of the gap."""
    passages = {
        tuple(bars[first:last])
        for piece in PIECES
        for bars in [bars_of(remi, remi.encode(piece.notes))]
        for first in range(len(bars))
        for last in range(first + 1, len(bars) + 1)
    }
    sampler = make_sampler(remi, recipe, infill_rate=1.0)
    rng, found = np.random.default_rng(1), 0
    for _ in range(300):
        ids, targets = sampler._crop(rng, 64)
        assert len(ids) <= 64
        if remi.fill not in ids:
            continue
        assert ids[-1] == remi.eos
        fill = ids.tolist().index(remi.fill)
        after, before = (
            bars_of(remi, part.tolist())
            for part in (ids[int(ids[0] == remi.bos) : fill], ids[fill:-1])
        )
        assert (*before, *after) in passages
        assert min(len(before), len(after)) >= 1
        assert targets[fill] == IGNORE_INDEX
        assert (targets == IGNORE_INDEX).sum() == 1
        found += 1
    assert found > 100


def test_control_tokens_describe_the_crop_and_are_excluded_from_the_loss(
    remi: RemiTokenizer, recipe: Recipe
) -> None:
    ids, targets = rows(make_sampler(remi, recipe, PIECES[:1], control_rate=1.0), 10)
    names = {token: name for name, token in remi.control_tokens.items()}
    first = [row[1:4].tolist() for row in ids if row[0] == remi.bos]
    assert first
    key = f"Key_{estimate_key(PIECES[0].notes)}"
    for style, of_key, density in ([names[token] for token in row] for row in first):
        assert (style, of_key, density[:-1]) == ("Style_0", key, "Density_")
    assert not torch.isin(targets, torch.tensor(list(remi.control_tokens.values()))).any()


def test_the_classes_of_density_are_equally_frequent_in_the_data(
    remi: RemiTokenizer, recipe: Recipe
) -> None:
    sampler = make_sampler(remi, recipe, control_rate=1.0)
    assert sampler.density_bounds is not None
    assert list(sampler.density_bounds) == sorted(sampler.density_bounds)
    assert 4 < sampler.density_bounds[0] < sampler.density_bounds[-1] < 8
    again = make_sampler(remi, recipe, control_rate=1.0)
    assert again.density_bounds == sampler.density_bounds
    ids, _ = rows(sampler, 200)
    counts = [int((ids == remi.control_tokens[f"Density_{number}"]).sum()) for number in range(5)]
    assert min(counts) > 0.1 * sum(counts)
    assert make_sampler(remi, recipe).density_bounds is None


def test_a_token_announces_how_many_bars_are_left(remi: RemiTokenizer, recipe: Recipe) -> None:
    sampler = make_sampler(remi, recipe, control_rate=1.0, opening_rate=0.0, ending_rate=1.0)
    rng = np.random.default_rng(2)
    endings = {remi.control_tokens[f"Ending_{bars}"]: bars for bars in range(1, 5)}
    found = Counter[int]()
    for _ in range(100):
        ids, targets = sampler._crop(rng, 64)
        if ids[-1] != remi.eos:  # a token of the announcement made it too long
            continue
        [place] = np.flatnonzero(np.isin(ids, list(endings)))
        bars = endings[int(ids[place])]
        assert remi.opens_bar[ids[place + 1]]
        assert remi.opens_bar[ids[place + 1 :]].sum() == bars
        assert targets[place] == IGNORE_INDEX
        found[bars] += 1
    assert sum(found.values()) > 80
    assert min(found[bars] for bars in (1, 2, 3, 4)) > 5


def test_masked_bars_have_no_announcement(remi: RemiTokenizer, recipe: Recipe) -> None:
    sampler = make_sampler(remi, recipe, control_rate=1.0, infill_rate=1.0, ending_rate=0.5)
    rng = np.random.default_rng(2)
    for _ in range(100):
        ids, _ = sampler._crop(rng, 64)
        if remi.fill in ids:
            names = {name for name, token in remi.control_tokens.items() if token in ids}
            assert not any(name.startswith("Ending") for name in names)


def test_a_share_of_crops_reaches_the_end(remi: RemiTokenizer, recipe: Recipe) -> None:
    long = [random_piece(seed, 800) for seed in range(3)]
    few = rows(make_sampler(remi, recipe, long), 60)[1]
    many = rows(make_sampler(remi, recipe, long, opening_rate=0.1, ending_rate=0.5), 60)[1]
    assert (many == remi.eos).sum() > 3 * (few == remi.eos).sum()


def test_a_crop_fits_even_if_its_control_tokens_alone_do_not(
    remi: RemiTokenizer, recipe: Recipe
) -> None:
    sampler = make_sampler(remi, recipe, infill_rate=1.0, control_rate=1.0)
    rng = np.random.default_rng(1)
    lengths = [len(sampler._crop(rng, 3)[0]) for _ in range(40)]
    assert set(lengths) <= {2, 3}


def test_pitch_symbols_are_cropped_too(recipe: Recipe) -> None:
    symbols = PitchSymbolTokenizer.train([piece.notes for piece in PIECES])
    plain = dataclasses.replace(recipe, tokenizer=TokenizerKind.PITCH_SYMBOLS)
    ids, targets = rows(make_sampler(symbols, plain))
    assert (ids[:, 0] == symbols.bos).any()
    assert (targets == symbols.eos).any()
    encoded = [symbols.encode(piece.notes) for piece in PIECES]
    texts = ["".join(map(chr, ids_of_piece)) for ids_of_piece in encoded]
    openings = [row[1:20].tolist() for row in ids if row[0] == symbols.bos]
    assert all(any(text.startswith("".join(map(chr, row))) for text in texts) for row in openings)


def test_data_sets_are_sampled_by_weight_and_pieces_by_length(
    remi: RemiTokenizer, recipe: Recipe
) -> None:
    long, short = random_piece(0, 1600), random_piece(1, 40)
    lengths = np.array([len(remi.encode(piece.notes)) for piece in (long, short)])
    config = dataclasses.replace(recipe, examples=ExampleConfig(context=64, control_rate=1.0))
    sets = [
        TokenizedSet(pieces=[long, short], num_tokens=lengths, is_performance=False, weight=1.0),
        TokenizedSet(
            pieces=[PIECES[2]], num_tokens=np.array([100]), is_performance=False, weight=3.0
        ),
    ]
    ids, _ = rows(CropSampler(sets, remi, config), 200)
    styles = [int((ids == remi.control_tokens[f"Style_{style}"]).sum()) for style in (0, 1)]
    assert styles[1] / sum(styles) == pytest.approx(0.75, abs=0.07)
