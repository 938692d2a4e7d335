"""One of our files is made again, byte for byte, or it is said what stands against it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.local.stack import Stack
from ostinato import ApiError, Client
from ostinato.cli.app import app
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Scale
from ostinato.schemas.jobs import JobState
from shared.midi.meta import read_receipt, write_receipt
from shared.tokenizers.midi_file import read_midi, write_midi

REQUEST = GenerationRequest(
    model="mini", count=2, bars=3, tempo=88, instrument=11, seed=70, scale=Scale(tonic="G")
)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """What a test of this module has made so far."""
    return {}


@pytest.fixture
def midi(client: Client, files: dict[str, bytes]) -> bytes:
    if not files:
        job = client.wait(client.generate(REQUEST).id)
        files["second"] = client.midi(list(client.melodies(job.id))[1].id)
    return files["second"]


def with_receipt(midi: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The same music under another receipt."""
    receipt = read_receipt(midi)
    assert receipt is not None
    change(receipt)
    bare = write_midi(read_midi(midi), tempo=REQUEST.tempo, instrument=11, bars=REQUEST.bars)
    return write_receipt(bare, receipt)


def test_the_same_bytes_come_again(client: Client, midi: bytes) -> None:
    assert with_receipt(midi, lambda _: None) == midi
    job = client.wait(client.reproduce(midi).id)
    assert (job.state, job.request.count, job.request.seed) == (JobState.SUCCEEDED, 1, 71)
    [melody] = client.melodies(job.id)
    assert client.midi(melody.id) == midi


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (lambda it: it.update(model_sha256="0" * 64), 409, "weights_mismatch"),
        (lambda it: it.update(numerics="int3 abacus"), 409, "numerics_mismatch"),
        (lambda it: it.update(model="v99"), 404, "model_not_found"),
        (lambda it: it.update(bars=10_000), 422, "invalid_midi"),
        (lambda it: it.pop("numerics"), 422, "invalid_midi"),
        (lambda it: it.update(colour="red"), 422, "invalid_midi"),
    ],
)
def test_what_would_not_be_the_same_is_refused(
    client: Client, midi: bytes, change: Callable[[dict[str, Any]], object], status: int, code: str
) -> None:
    with pytest.raises(ApiError) as refused:
        client.reproduce(with_receipt(midi, change))
    assert (refused.value.status, refused.value.code) == (status, code)


def test_somebody_elses_file_is_refused(client: Client, midi: bytes) -> None:
    bare = write_midi(read_midi(midi), tempo=100, instrument=0, bars=REQUEST.bars)
    with pytest.raises(ApiError, match="no receipt of ours"):
        client.reproduce(bare)


def test_the_command_says_that_it_is_the_same(house: Stack, midi: bytes, tmp_path: Path) -> None:
    (tmp_path / "mine.mid").write_bytes(midi)
    key = house.key_file.read_text()
    runner = CliRunner(env={"OSTINATO_URL": house.url, "OSTINATO_API_KEY": key, "COLUMNS": "200"})
    result = runner.invoke(app, ["reproduce", str(tmp_path / "mine.mid")])
    assert (result.exit_code, result.stderr) == (0, "")
    assert "the same bytes" in result.output
