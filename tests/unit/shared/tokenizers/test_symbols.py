"""What a token says, read from its name."""

import pytest

from shared.tokenizers.symbols import BAR, Kind, Symbol, parse_symbol


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Bar_None", BAR),
        ("Position_31", Symbol(Kind.POSITION, 31)),
        ("Pitch_60", Symbol(Kind.PITCH, 60)),
        ("Velocity_127", Symbol(Kind.VELOCITY, 127)),
        ("Duration_0.1.8", Symbol(Kind.DURATION, 60)),
        ("Duration_4.3.4", Symbol(Kind.DURATION, 4 * 480 + 3 * 120)),
        ("BOS_None", Symbol(Kind.SPECIAL, 0)),
        ("Control_3", Symbol(Kind.SPECIAL, 0)),
    ],
)
def test_a_name_of_miditok_is_read(name: str, symbol: Symbol) -> None:
    assert parse_symbol(name) == symbol
