"""The data sets that have a name: where each lies below `OSTINATO_DATA`, and under which licence.

Refuses to read music, and to take other music for a set that is not there.
"""

from dataclasses import dataclass
from pathlib import Path

from shared.errors import UserError

MUSIC21 = "music21"
"""The corpus inside the music21 package: the set that is always there."""
UNCLEAR = (
    "No clear licence: transcriptions of commercial songs, collected by the public system whose "
    "versions this project follows. For research on one's own machine."
)


class DatasetNotFound(UserError):
    """A data set is not on this machine; the detail says which setting names its folder."""

    code = "dataset_not_found"
    status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One named set of MIDI files."""

    path: str
    """Below the folder of data sets."""
    licence: str
    about: str
    performed: bool = False
    """Played freely, so that its notes know no beat."""


CATALOGUE: dict[str, Entry] = {
    "reference-rnb": Entry(
        path="reference/rnb_hiphop", licence=UNCLEAR, about="R&B and 90s hip-hop songs"
    ),
    "reference-dance": Entry(
        path="reference/dance", licence=UNCLEAR, about="dance and electronic tracks"
    ),
    "reference-jazz": Entry(path="reference/jazz", licence=UNCLEAR, about="jazz standards"),
    "reference-mixed": Entry(
        path="reference/mixed",
        licence=UNCLEAR,
        about="hymns, pop, rock, dance and classical music",
    ),
    "maestro": Entry(
        path="maestro",
        licence="CC BY-NC-SA 4.0, copyright Google LLC",
        about="piano performances of MAESTRO v3.0.0 (Hawthorne et al. 2019), by its own split",
        performed=True,
    ),
    "rnb": Entry(
        path="rnb_hiphop",
        licence="CC0; drums CC BY 4.0",
        about="synthetic arrangements of public-domain tunes",
    ),
    "dance": Entry(path="dance_electronic", licence="CC0", about="synthetic dance tracks"),
    "jazz": Entry(
        path="jazz",
        licence="GPL-2.0-or-later",
        about="public-domain tunes and changes with synthetic accompaniment",
    ),
    "mixed": Entry(
        path="mixed",
        licence="BSD-3-Clause, Artistic-1.0 and GPL-2.0, by folder",
        about="game music that people composed",
    ),
    "pop": Entry(
        path="pop",
        licence="MIT (the arrangements; the songs are commercial)",
        about="piano arrangements of pop songs (POP909)",
    ),
    "folk": Entry(path="folk", licence="GPL-3.0", about="traditional melodies with chords"),
}


def find_folder(name: str, data: Path | None) -> Path:
    """The folder of a named set.

    Raises:
        DatasetNotFound: no set has this name, or its folder is not there.
    """
    if name not in CATALOGUE:
        known = ", ".join([MUSIC21, *CATALOGUE])
        raise DatasetNotFound(f"There is no data set {name!r}; there are: {known}.", name=name)
    if data is None:
        detail = f"{name}: OSTINATO_DATA is not set; let it name the folder of data sets."
        raise DatasetNotFound(detail, name=name)
    folder = data / CATALOGUE[name].path
    if not folder.is_dir():
        detail = (
            f"{name}: {folder} is no folder; put the set there, or let OSTINATO_DATA name another "
            "place. `python -m services.trainer.data.download` fetches what is offered."
        )
        raise DatasetNotFound(detail, name=name)
    return folder
