"""Complete, valid batches and their archives for the client's tests."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from uuid import UUID

from ostinato.schemas.batches import Batch, BatchCounts
from ostinato.schemas.jobs import JobError, JobState
from tests.unit.ostinato.payloads import NOON

BATCH_ID = UUID("018f0000-0000-7000-8000-00000000ba7c")


def a_batch(
    state: JobState = JobState.RUNNING,
    *,
    total: int = 5,
    succeeded: int = 0,
    failed: int = 0,
    cancelled: int = 0,
) -> Batch:
    waiting = 0 if state.is_terminal else total - succeeded - failed - cancelled
    return Batch(
        id=BATCH_ID,
        state=state,
        counts=BatchCounts(
            total=total,
            queued=waiting,
            running=0,
            succeeded=succeeded,
            failed=failed,
            cancelled=cancelled,
        ),
        metadata={"project": "album"},
        queue_position=3 if waiting else None,
        waiting_for="3 shards of all owners, who are served in turn." if waiting else None,
        melodies_per_second=2.5 if succeeded else None,
        eta_seconds=waiting / 2.5 if succeeded and waiting else None,
        error=JobError(code="poison", detail="The worker crashed.") if failed else None,
        created_at=NOON,
    )


def midi_of(index: int) -> bytes:
    return b"MThd %d" % index


def saved_name(index: int) -> str:
    return f"mini-{BATCH_ID.hex[-6:]}-{index:04d}.mid"


def an_archive(indexes: Iterable[int], **changed: object) -> bytes:
    """The archive of a batch with these melodies; `changed` fields of the manifest are wrong."""
    lines = []
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index in indexes:
            archive.writestr(f"{index:05d}.mid", midi_of(index))
            line = {
                "file": f"{index:05d}.mid",
                "index": index,
                "custom_id": f"line-{index}",
                "model": "mini",
                "seed": 7 + index,
                "sha256": hashlib.sha256(midi_of(index)).hexdigest(),
            }
            lines.append(json.dumps(line | changed))
        archive.writestr("manifest.jsonl", "\n".join(lines))
    return buffer.getvalue()
