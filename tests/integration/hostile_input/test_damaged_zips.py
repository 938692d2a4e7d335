"""Damaged zips: the files that can be read are unpacked, within the limits, or it is refused."""

import io
import tempfile
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import InvalidArchive
from shared.storage.archives import unpack_midi_files
from tests.integration.hostile_input.mutations import attempt, damaged
from tests.support.midi import random_midi, zip_of

MAX_BYTES = 500
"""Less than a random MIDI file has."""
NAMES = (
    *("a.mid", "folder/b.MIDI", "../../c.mid", "/d.mid", "__MACOSX/._e.mid"),
    "f\N{MUSIC FLAT SIGN}.mid",
)


def zip_with(method: int) -> bytes:
    """A zip of ordinary names, compressed by this method."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for seed, name in enumerate(("a.mid", "folder/b.midi", "readme.txt")):
            archive.writestr(name, random_midi(seed))
    return file.getvalue()


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
ORIGINALS = [zip_with(method) for method in METHODS]


def unpack(data: bytes) -> None:
    """Unpack it, or let it be refused; what is written has to be in the folder, within limits."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "outer" / "inner"
        folder.mkdir(parents=True)
        result = attempt(
            lambda: unpack_midi_files(io.BytesIO(data), folder, max_bytes=MAX_BYTES), InvalidArchive
        )
        files = [path for path in Path(root).rglob("*") if path.is_file()]
        assert {path.parent for path in files} <= {folder}
        assert all(path.stat().st_size <= MAX_BYTES + 1 for path in files)
        if isinstance(result, InvalidArchive):
            assert result.detail
        else:
            assert len(files) == len(result.midi_files) > 0


@settings(max_examples=300, deadline=None)
@given(damaged(ORIGINALS))
def test_a_damaged_zip_is_unpacked_or_refused(data: bytes) -> None:
    unpack(data)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
def test_no_name_leaves_the_folder(names: list[str]) -> None:
    unpack(zip_of(dict.fromkeys(names, random_midi(1))).getvalue())
