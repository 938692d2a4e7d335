"""What a request with a primer is checked for before it becomes a job."""

from uuid import uuid4

import pytest

from ostinato.schemas.batches import BatchLine, InvalidLines
from ostinato.schemas.generations import PrimerTrack
from ostinato.schemas.models import Capabilities
from services.gateway.submission.batch_items import BatchItems
from services.gateway.submission.capability_checks import MAX_PRIMER_BYTES, check_primer_bytes
from shared.db.primers import PrimerFacts
from shared.errors import InvalidRequest

MEGABYTE = 1 << 20
PRIMER = PrimerFacts(
    bars=8,
    tracks=(PrimerTrack(name="", program=0, is_drum=False, num_notes=8),),
    time_signatures=("4/4",),
    num_bytes=MEGABYTE,
)
VERSIONS = {"mini": Capabilities(max_bars=64, primer=True, velocity=True)}


def test_the_copies_of_a_primer_in_the_files_of_a_job_are_bounded() -> None:
    check_primer_bytes(MAX_PRIMER_BYTES)
    with pytest.raises(InvalidRequest, match="include_primer: false"):
        check_primer_bytes(MAX_PRIMER_BYTES + 1)


@pytest.mark.parametrize(("include_primer", "num_errors"), [(True, 1), (False, 0)])
def test_the_copies_of_all_lines_of_a_batch_count(*, include_primer: bool, num_errors: int) -> None:
    """1,025 copies of a megabyte exceed the limit of a gigabyte; the last line is refused."""
    primer_id = uuid4()
    items = BatchItems("mini", InvalidLines.REPORT)
    lines = [
        (
            number,
            BatchLine(count=count, bars=1, primer_id=primer_id, include_primer=include_primer),
        )
        for number, count in ((1, 1000), (2, 24), (3, 1))
    ]
    items.add(lines, VERSIONS, {primer_id: PRIMER})
    assert len(items.errors) == num_errors
