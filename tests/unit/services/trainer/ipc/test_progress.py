"""The progress of a child's loops, as messages."""

import io

from services.trainer.ipc.channel import SupervisorChannel
from services.trainer.ipc.messages import CHILD_MESSAGE, ProgressReport
from services.trainer.ipc.progress import MAX_REPORTS, ProgressReporter


def reports(received: io.BytesIO) -> list[tuple[str, float]]:
    messages = map(CHILD_MESSAGE.validate_json, received.getvalue().splitlines())
    return [
        (message.progress.stage, message.progress.progress)
        for message in messages
        if isinstance(message, ProgressReport)
    ]


def test_a_loop_reports_its_start_and_each_share_once() -> None:
    received = io.BytesIO()
    track = ProgressReporter(SupervisorChannel(io.BytesIO(), received)).track
    assert list(track("abcd", "Scoring tunes")) == list("abcd")
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    assert reports(received) == [("Scoring tunes", share) for share in shares]


def test_the_number_of_reports_is_limited() -> None:
    received = io.BytesIO()
    track = ProgressReporter(SupervisorChannel(io.BytesIO(), received)).track
    assert sum(track(range(100_000), "Parsing")) == sum(range(100_000))
    assert [share for _, share in reports(received)] == [
        number / MAX_REPORTS for number in range(MAX_REPORTS + 1)
    ]


def test_a_loop_without_a_length_reports_the_share_of_its_total() -> None:
    received = io.BytesIO()
    track = ProgressReporter(SupervisorChannel(io.BytesIO(), received)).track
    assert list(track(iter("ab"), "Parsing", 2)) == ["a", "b"]
    assert list(track(iter("ab"), "Searching")) == ["a", "b"]
    assert reports(received) == [
        *[("Parsing", 0.0), ("Parsing", 0.5), ("Parsing", 1.0)],
        ("Searching", 0.0),
    ]
