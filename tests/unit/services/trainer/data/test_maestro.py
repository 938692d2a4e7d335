"""A published split is followed to the letter, and a table that is another one is named."""

from pathlib import Path

import pytest

from services.trainer.data.maestro import TABLE, InvalidTable, split_as_published

HEAD = "canonical_composer,canonical_title,split,midi_filename"


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"foo,bar\n1,2\n", r"no column canonical_composer, canonical_title, midi_filename, split"),
        (b"", "no column"),
        (b"\xff\xfe", "cannot be read"),
        (f"{HEAD}\nBach,Fugue,valid,a.mid\n".encode(), "'valid' for a.mid"),
        (f"{HEAD}\nBach,Fugue\n".encode(), "None for None"),
    ],
)
def test_a_table_of_something_else_is_refused(tmp_path: Path, content: bytes, wrong: str) -> None:
    (tmp_path / TABLE).write_bytes(content)
    with pytest.raises(InvalidTable, match=rf"{wrong}.*or take it away"):
        split_as_published(tmp_path)


def test_a_folder_without_a_table_has_no_split_of_its_own(tmp_path: Path) -> None:
    assert split_as_published(tmp_path) is None
