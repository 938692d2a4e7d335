"""Any text as a chord, a scale or bars: a valid value, or an error that says what to write."""

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.cli import parsing
from ostinato.schemas.harmony import CHORD_QUALITIES, Mode, chord_tones
from tests.integration.hostile_input.mutations import attempt

LETTERS = st.sampled_from("ABCDEFGHabcdefgh#b\N{MUSIC SHARP SIGN}\N{MUSIC FLAT SIGN}0579/()+-,m j")
NEARLY_CHORDS = st.text(LETTERS, max_size=10)
CHORDS = st.builds(
    lambda root, accidental, quality: root + accidental + quality,
    *(st.sampled_from("ABCDEFG"), st.sampled_from(["", "#", "b"])),
    st.sampled_from(sorted(CHORD_QUALITIES)),
)


@settings(max_examples=500)
@given(st.lists(CHORDS | NEARLY_CHORDS | st.text(max_size=20), max_size=5))
def test_chords(names: list[str]) -> None:
    chords = attempt(lambda: parsing.chords(" ".join(names), 0.9), typer.BadParameter)
    if isinstance(chords, typer.BadParameter):
        assert "such as" in chords.message
    else:
        assert chords.progression == tuple(" ".join(names).split())
        for name in chords.progression:
            assert 2 <= len(chord_tones(name)) <= 8
            assert chord_tones(name) <= set(range(12))


@settings(max_examples=500)
@given(st.builds("{} {}".format, NEARLY_CHORDS, st.sampled_from(Mode) | st.text()) | st.text())
def test_scales(text: str) -> None:
    scale = attempt(lambda: parsing.scale(text, 1.0), typer.BadParameter)
    if isinstance(scale, typer.BadParameter):
        assert "write" in scale.message
    else:
        assert 5 <= len(scale.pitch_classes) <= 7


@settings(max_examples=500)
@given(st.text(st.sampled_from("0123456789-, x"), max_size=12) | st.text())
def test_bars(text: str) -> None:
    bars = attempt(lambda: parsing.bars(text), typer.BadParameter)
    if isinstance(bars, typer.BadParameter):
        assert "write bars such as" in bars.message
    else:
        assert bars == sorted(set(bars))
        assert bars[0] >= 0


@pytest.mark.parametrize("text", ["C\x00", "C" * 100_000, "\N{FULLWIDTH LATIN CAPITAL LETTER C}"])
def test_no_text_is_repeated_at_length(text: str) -> None:
    with pytest.raises(typer.BadParameter) as error:
        parsing.chords(text, 0.9)
    assert len(error.value.message) < 500
