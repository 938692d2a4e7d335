"""Scales, chords and bars as people type them."""

import doctest
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostinato.cli.app import app
from ostinato.schemas.generations import Primer
from ostinato.schemas.harmony import Chords, Mode, Scale
from tests.unit.ostinato.peer import Peer, request_to
from tests.unit.ostinato.samples import MELODY_ID


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


def test_its_examples_hold() -> None:
    tried = doctest.testmod(wishes)
    assert (tried.failed, tried.attempted) == (0, 2)


def test_wishes_reach_the_gateway_as_it_has_them(studio: Peer, tmp_path: Path) -> None:
    primer = Primer(id=MELODY_ID, sha256="cd" * 32, notes=8, bars=9)
    studio.will_say("/v1/primers", primer.model_dump_json())
    (tmp_path / "theme.mid").write_bytes(b"MThd")
    wishes = ("--scale", "D dorian", "--chords", "Dm G7", "--strictness", "0.5")
    again = ("--primer", str(tmp_path / "theme.mid"), "--regenerate", "2-3,9")
    ostinato("generate", *wishes, *again)
    request = request_to(studio)
    assert request.scale == Scale(tonic="D", mode=Mode.DORIAN, strictness=0.5)
    assert request.chords == Chords(progression=("Dm", "G7"), strictness=0.5)
    assert request.regenerate == (1, 2, 8)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (("--regenerate", "0"), "'0' is neither a bar"),
        (("--regenerate", "x-3"), "counted from 1"),
        (("--scale", "H"), "pattern"),
        (("--chords", "Am7 Xyz"), "'Xyz' is no chord"),
    ],
)
def test_a_wish_that_makes_no_sense_is_told_in_words(
    studio: Peer, wish: tuple[str, str], words: str
) -> None:
    result = ostinato("generate", *wish)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
