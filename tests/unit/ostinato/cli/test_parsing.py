"""Command-line notation of scales, chords and bars."""

import doctest
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ostinato.cli import parsing
from ostinato.cli.app import app
from ostinato.schemas.generations import Primer
from ostinato.schemas.harmony import Chords, Mode, Scale
from tests.unit.ostinato.payloads import MELODY_ID
from tests.unit.ostinato.scripted_server import ScriptedServer, posted_generation


def ostinato(*args: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, args)


def test_doctests() -> None:
    results = doctest.testmod(parsing)
    assert (results.failed, results.attempted) == (0, 2)


def test_scale_chords_and_bars_are_sent_as_request_fields(
    generation_server: ScriptedServer, tmp_path: Path
) -> None:
    primer = Primer(id=MELODY_ID, sha256="cd" * 32, num_notes=8, bars=9)
    generation_server.script("/v1/primers", primer.model_dump_json())
    (tmp_path / "theme.mid").write_bytes(b"MThd")
    constraints = ("--scale", "D dorian", "--chords", "Dm G7", "--strictness", "0.5")
    infill = ("--primer", str(tmp_path / "theme.mid"), "--regenerate", "2-3,9")
    ostinato("generate", *constraints, *infill)
    request = posted_generation(generation_server)
    assert request.scale == Scale(tonic="D", mode=Mode.DORIAN, strictness=0.5)
    assert request.chords == Chords(progression=("Dm", "G7"), strictness=0.5)
    assert request.regenerate == (1, 2, 8)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--regenerate", "0"), "'0' is neither a bar"),
        (("--regenerate", "x-3"), "counted from 1"),
        (("--scale", "H"), "pattern"),
        (("--chords", "Am7 Xyz"), "'Xyz' is not a chord"),
    ],
)
def test_invalid_notation_exits_2_with_a_readable_message(
    generation_server: ScriptedServer, option: tuple[str, str], message: str
) -> None:
    result = ostinato("generate", *option)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
