"""What a saved melody leaves on disk."""

from pathlib import Path

from ostinato import Client
from ostinato.cli.files import save
from ostinato.pianoroll import draw
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import MELODY_ID, a_melody, a_summary


def test_midi_and_picture_lie_side_by_side(peer: Peer, client: Client, tmp_path: Path) -> None:
    peer.will_say(f"/v1/melodies/{MELODY_ID}", a_melody().model_dump_json())
    peer.will_say(f"/v1/melodies/{MELODY_ID}.mid", b"MThd")
    path = save(client, a_summary(), tmp_path / "new" / "out")
    assert path == tmp_path / "new" / "out" / "mini-000001-0000.mid"
    assert path.read_bytes() == b"MThd"
    assert path.with_suffix(".svg").read_text(encoding="utf-8") == draw(a_melody())
