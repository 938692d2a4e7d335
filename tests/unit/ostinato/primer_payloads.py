"""Primers as the gateway answers."""

from uuid import UUID

from ostinato.schemas.generations import Primer, PrimerTrack
from tests.unit.ostinato.payloads import MELODY_ID


def a_track(name: str = "", *, is_drum: bool = False) -> PrimerTrack:
    return PrimerTrack(name=name, program=0, is_drum=is_drum, num_notes=8)


def a_primer(
    primer_id: UUID = MELODY_ID,
    *,
    bars: int = 2,
    sha256: str = "cd" * 32,
    tracks: tuple[PrimerTrack, ...] = (a_track(),),
    from_bar: int = 0,
) -> Primer:
    return Primer(
        id=primer_id,
        sha256=sha256,
        midi_sha256="ef" * 32,
        num_notes=sum(track.num_notes for track in tracks),
        bars=bars,
        from_bar=from_bar,
        track=0,
        tracks=tracks,
        time_signatures=("4/4",),
    )
