"""Notes and rests are split into lengths that can be written and show the beats."""

import pytest

from services.trainer.engraving.note_lengths import LENGTHS, Span, split_note, split_rest

DOTTED_QUARTER = 720


@pytest.mark.parametrize(
    ("span", "parts"),
    [
        ((0, 1920), [(0, 1920)]),
        ((480, 1920), [(480, 1920)]),
        ((0, 1200), [(0, 960), (960, 1200)]),
        ((0, 2400), [(0, 1920), (1920, 2400)]),
        ((360, 600), [(360, 480), (480, 600)]),
        ((240, 720), [(240, 720)]),
        ((160, 480), [(160, 480)]),
        ((160, 1920), [(160, 480), (480, 1920)]),
        ((480, 1120), [(480, 960), (960, 1120)]),
        ((0, 122_880), [(start, start + 3840) for start in range(0, 122_880, 3840)]),
    ],
)
def test_a_note_is_split_at_the_strongest_beats(span: Span, parts: list[Span]) -> None:
    assert list(split_note(*span, None)) == parts


@pytest.mark.parametrize(
    ("span", "parts"),
    [
        ((0, 1440), [(0, 1440)]),
        ((0, 960), [(0, 720), (720, 960)]),
        ((240, 960), [(240, 720), (720, 960)]),
        ((720, 1440), [(720, 1440)]),
        ((0, 2160), [(0, 1440), (1440, 2160)]),
    ],
)
def test_a_note_in_a_compound_metre_is_split_at_dotted_beats(span: Span, parts: list[Span]) -> None:
    assert list(split_note(*span, DOTTED_QUARTER)) == parts


@pytest.mark.parametrize(
    ("span", "compound_beat", "parts"),
    [
        ((0, 1920), None, [(0, 1920)]),
        ((480, 1440), None, [(480, 960), (960, 1440)]),
        ((60, 480), None, [(60, 120), (120, 240), (240, 480)]),
        ((160, 960), None, [(160, 480), (480, 960)]),
        ((640, 640), None, []),
        ((0, 720), DOTTED_QUARTER, [(0, 720)]),
        ((240, 1440), DOTTED_QUARTER, [(240, 480), (480, 720), (720, 1440)]),
    ],
)
def test_rests_are_aligned_with_the_beats(
    span: Span, compound_beat: int | None, parts: list[Span]
) -> None:
    assert list(split_rest(*span, compound_beat)) == parts


@pytest.mark.parametrize("compound_beat", [None, 180, 360, 720, 1440, 2880, 5760])
def test_every_part_has_a_length_that_can_be_written(compound_beat: int | None) -> None:
    for start in range(0, 1920, 60):
        for end in range(start + 60, start + 6000, 60):
            for split in (split_note, split_rest):
                parts = list(split(start, end, compound_beat))
                assert [part[0] for part in parts] + [end] == [start, *(part[1] for part in parts)]
                assert {right - left for left, right in parts} <= LENGTHS | {5760}
