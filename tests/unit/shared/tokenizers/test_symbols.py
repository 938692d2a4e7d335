"""Tests of the parsing of symbols."""

import pytest

from shared.tokenizers.symbols import BAR, Symbol, SymbolKind, parse_symbol


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Bar_None", BAR),
        ("Position_31", Symbol(SymbolKind.POSITION, 31)),
        ("Pitch_60", Symbol(SymbolKind.PITCH, 60)),
        ("Velocity_127", Symbol(SymbolKind.VELOCITY, 127)),
        ("Duration_0.1.8", Symbol(SymbolKind.DURATION, 60)),
        ("Duration_4.3.4", Symbol(SymbolKind.DURATION, 4 * 480 + 3 * 120)),
        ("BOS_None", Symbol(SymbolKind.SPECIAL, 0)),
        ("Control_3", Symbol(SymbolKind.SPECIAL, 0)),
    ],
)
def test_a_name_of_miditok_is_parsed(name: str, symbol: Symbol) -> None:
    assert parse_symbol(name) == symbol
