"""Every shipped version is listed with its card and generates melodies."""

import pytest

from ostinato import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import TICKS_PER_BAR
from tests.support.midi import read_midi
from tests.support.random_model import RANDOM

VERSIONS = ["mini", "v2", "v3", "v4", "v5", "v6", "v7", "v8"]


def test_all_versions_are_listed_with_their_cards(client: Client) -> None:
    models = {model.version: model for model in client.models() if model.version != RANDOM}
    assert sorted(models) == VERSIONS
    for model in models.values():
        assert model.promoted_at is not None
        assert model.evaluation.nats_per_note
        assert model.evaluation.held_out is not None
        assert model.evaluation.held_out.num_pieces > 0
        assert model.training.tokens
        assert model.training.stop_reason


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_generates_what_was_requested(client: Client, version: str) -> None:
    request = GenerationRequest(model=version, count=4, bars=3, seed=5)
    job = client.wait(client.generate(request).id)
    assert job.state is JobState.SUCCEEDED
    melodies = [client.melody(melody.id) for melody in client.melodies(job.id)]
    assert [melody.model for melody in melodies] == [version] * 4
    assert any(melody.notes for melody in melodies)
    for melody in melodies:
        assert melody.bars == 3
        assert all(note.start + note.duration <= 3 * TICKS_PER_BAR for note in melody.notes)
        assert read_midi(client.midi(melody.id)) == melody.notes
