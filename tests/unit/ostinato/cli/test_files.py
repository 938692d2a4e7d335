"""The files of a saved melody."""

from pathlib import Path

from ostinato import Client
from ostinato.cli.files import save_melody
from ostinato.pianoroll import draw
from tests.unit.ostinato.payloads import MELODY_ID, a_melody, a_summary
from tests.unit.ostinato.scripted_server import ScriptedServer


def test_a_partial_melody_has_a_name_that_says_so(
    server: ScriptedServer, client: Client, tmp_path: Path
) -> None:
    server.script(f"/v1/melodies/{MELODY_ID}", a_melody().model_dump_json())
    server.script(f"/v1/melodies/{MELODY_ID}.mid", b"MThd")
    path = save_melody(client, a_summary().model_copy(update={"partial": True}), tmp_path)
    assert path.name == "mini-000001-0000-partial.mid"
    assert path.with_suffix(".svg").is_file()


def test_midi_and_piano_roll_are_saved_side_by_side(
    server: ScriptedServer, client: Client, tmp_path: Path
) -> None:
    server.script(f"/v1/melodies/{MELODY_ID}", a_melody().model_dump_json())
    server.script(f"/v1/melodies/{MELODY_ID}.mid", b"MThd")
    path = save_melody(client, a_summary(), tmp_path / "new" / "out")
    assert path == tmp_path / "new" / "out" / "mini-000001-0000.mid"
    assert path.read_bytes() == b"MThd"
    assert path.with_suffix(".svg").read_text(encoding="utf-8") == draw(a_melody())
