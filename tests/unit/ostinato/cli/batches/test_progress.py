"""The progress of a batch in words."""

import io

import pytest
from rich.console import Console

from ostinato import Client
from ostinato.cli.batches import progress
from ostinato.cli.batches.progress import (
    RecentRate,
    detail,
    finished_share,
    show_progress,
    status_line,
)
from ostinato.schemas.batches import Batch
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.batch_payloads import BATCH_ID, a_batch
from tests.unit.ostinato.scripted_server import ScriptedServer


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        (a_batch(), "0/5 melodies"),
        (a_batch(succeeded=1), "1/5 melodies, 2.5/s, 0:00:02 left"),
        (a_batch(total=100_000, succeeded=2), "2/100,000 melodies, 2.5/s, 11:06:39 left"),
        (a_batch(succeeded=2, failed=1), "2/5 melodies, 1 failed, 2.5/s, 0:00:01 left"),
        (a_batch(JobState.PAUSED, succeeded=1), "1/5 melodies"),
        (a_batch(JobState.SUCCEEDED, succeeded=5), "5/5 melodies"),
    ],
)
def test_the_detail_has_counts_rate_and_remaining_time(batch: Batch, expected: str) -> None:
    assert detail(batch) == expected


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    """The average since the start, 2.5/s, includes pauses and outages."""
    recent = RecentRate()
    first = recent.apply(a_batch(total=1000, succeeded=100), now=1000.0)
    assert detail(first) == "100/1,000 melodies, 2.5/s, 0:06:00 left"
    later = recent.apply(a_batch(total=1000, succeeded=300), now=1010.0)
    assert detail(later) == "300/1,000 melodies, 20.0/s, 0:00:35 left"
    last = recent.apply(a_batch(total=1000, succeeded=400), now=1040.0)
    assert detail(last) == "400/1,000 melodies, 3.3/s, 0:03:00 left"
    stalled = recent.apply(a_batch(total=1000, succeeded=400), now=1070.0)
    assert detail(stalled) == "400/1,000 melodies, 0.0/s"


def test_a_pause_does_not_count_in_the_rate() -> None:
    recent = RecentRate()
    recent.apply(a_batch(total=1000, succeeded=100), now=0.0)
    recent.apply(a_batch(JobState.PAUSED, total=1000, succeeded=100), now=5.0)
    recent.apply(a_batch(total=1000, succeeded=100), now=20.0)
    resumed = recent.apply(a_batch(total=1000, succeeded=200), now=30.0)
    assert detail(resumed) == "200/1,000 melodies, 10.0/s, 0:01:20 left"


def test_all_melodies_that_have_ended_count_as_progress() -> None:
    assert finished_share(a_batch(succeeded=1, failed=1, cancelled=1)) == 0.6


def test_a_batch_in_one_sentence() -> None:
    done = a_batch(JobState.SUCCEEDED, total=1000, succeeded=1000)
    assert status_line(done) == (
        f"Batch {BATCH_ID} is succeeded; 1,000 of 1,000 melodies are finished."
    )
    partial = a_batch(JobState.PARTIAL, succeeded=3, failed=2)
    assert status_line(partial) == (
        f"Batch {BATCH_ID} is partial; 3 of 5 melodies are finished, 2 failed: The worker crashed."
    )


@pytest.fixture
def explaining_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EXPLAIN_AFTER", 0.0)


@pytest.mark.usefixtures("explaining_at_once")
def test_what_the_batch_waits_for_is_printed_once(server: ScriptedServer, client: Client) -> None:
    waiting, done = a_batch(JobState.QUEUED), a_batch(JobState.SUCCEEDED, succeeded=5)
    states = [waiting, waiting, done]
    server.script(f"/v1/batches/{BATCH_ID}", *(batch.model_dump_json() for batch in states))
    output = io.StringIO()
    assert show_progress(client, BATCH_ID, Console(file=output)) == done
    assert output.getvalue().splitlines() == [
        "queued: 0/5 melodies",
        "It waits for: 3 shards of all owners, who are served in turn.",
        "succeeded: 5/5 melodies",
    ]


@pytest.mark.usefixtures("explaining_at_once")
def test_a_paused_batch_says_how_to_resume_it(server: ScriptedServer, client: Client) -> None:
    paused, done = a_batch(JobState.PAUSED), a_batch(JobState.SUCCEEDED, succeeded=5)
    server.script(f"/v1/batches/{BATCH_ID}", paused.model_dump_json(), done.model_dump_json())
    output = io.StringIO()
    show_progress(client, BATCH_ID, Console(file=output))
    assert f"`ostinato batch resume {BATCH_ID}` continues it." in output.getvalue()
