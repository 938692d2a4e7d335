"""The sweep chooses the setting whose music is closest to held-out music."""

import json
from pathlib import Path

import numpy as np
import pytest

from ostinato.schemas.generations import ResolvedSampling
from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes, Piece
from services.trainer.evaluation import sampling_sweep
from services.trainer.evaluation.report.sampling_table import read_sweeps, write_sweeps
from services.trainer.evaluation.sample_quality import HeldOutSet
from services.trainer.evaluation.sampling_sweep import (
    BARS,
    GRID,
    MelodyGenerator,
    SweepRecord,
    measure,
    stuck_share,
    sweep,
)
from tests.conftest import CHECKPOINTS


def music(rng: np.random.Generator, num_pitches: int, bars: int = BARS) -> Notes:
    """A melody in eighths of `num_pitches` pitches."""
    starts = np.arange(0, bars * TICKS_PER_BAR, 240)
    pitches = 60 + rng.integers(num_pitches, size=len(starts))
    return np.stack([starts, np.full_like(starts, 240), pitches, np.full_like(starts, 80)], axis=1)


class FewPitches(MelodyGenerator):
    """Higher temperatures give more pitches."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def generate(self, sampling: ResolvedSampling, num_melodies: int) -> list[Notes]:
        self.counts.append(num_melodies)
        rng = np.random.default_rng(1)
        return [music(rng, round(10 * sampling.temperature)) for _ in range(num_melodies)]


@pytest.fixture(scope="module")
def record() -> SweepRecord:
    rng = np.random.default_rng(0)
    pieces = [
        Piece(name=str(number), notes=music(rng, 8, 4 * BARS), seconds=9.0) for number in range(9)
    ]
    generator = FewPitches()
    found = sweep(
        generator, [HeldOutSet(pieces=pieces)], version="v", model_sha256="a", num_melodies=8
    )
    assert generator.counts == [8] * len(GRID) + [32] * 5
    return found


def test_the_closest_of_the_finalists_is_chosen(record: SweepRecord) -> None:
    assert record.chosen.sampling.temperature == 0.8
    assert record.chosen.distance == min(each.distance for each in record.finalists)
    assert [each.sampling.temperature for each in record.finalists] == [0.8] * 4 + [1.0]
    assert len(record.settings) == len(GRID)
    assert record.num_excerpts == 36


def test_stuck_melodies_cost_more_than_the_distance_says(record: SweepRecord) -> None:
    best, *_, other = record.finalists
    stuck = best.model_copy(update={"stuck_share": record.held_out_stuck_share + 0.5})
    near = other.model_copy(update={"distance": best.distance + 0.4, "stuck_share": 0.0})
    assert record.model_copy(update={"finalists": (stuck, near)}).chosen == near
    few = best.model_copy(update={"stuck_share": record.held_out_stuck_share})
    assert record.model_copy(update={"finalists": (few, near)}).chosen == few


def test_the_sweeps_of_several_versions_are_one_document(
    record: SweepRecord, tmp_path: Path
) -> None:
    assert read_sweeps(tmp_path) == {}
    sweeps = {name: record.model_copy(update={"version": name}) for name in ("v8", "v2")}
    write_sweeps(sweeps, tmp_path)
    assert read_sweeps(tmp_path) == sweeps
    text = (tmp_path / "sampling.md").read_text()
    assert text.index("## v2") < text.index("## v8")
    assert "Temperature 0.8, min-p" in text
    assert json.loads((tmp_path / "sampling.json").read_bytes()).keys() == {"v2", "v8"}


def test_a_setting_without_notes_is_infinitely_far_away() -> None:
    silent = measure(ResolvedSampling(), [np.zeros((0, 4), dtype=np.int64)], [])
    assert (silent.num_silent, silent.distance) == (1, float("inf"))


def test_a_piece_is_stuck_if_one_pitch_class_dominates() -> None:
    pieces = [music(np.random.default_rng(0), num_pitches) for num_pitches in (1, 2, 12)]
    assert stuck_share(pieces) == pytest.approx(2 / 3, abs=1e-4)


def test_melodies_are_those_of_the_weights_and_the_seeds() -> None:
    generator = MelodyGenerator(CHECKPOINTS / "mini")
    first = generator.generate(ResolvedSampling(temperature=0.8), 2)
    again = generator.generate(ResolvedSampling(temperature=0.8), 3)
    assert [notes.tolist() for notes in again[:2]] == [notes.tolist() for notes in first]
    assert first[0].tolist() != first[1].tolist()
    assert all((notes[:, 0] < BARS * TICKS_PER_BAR).all() for notes in first)
    assert sampling_sweep.BATCH_SIZE > 3
