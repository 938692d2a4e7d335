"""Catalog of the named data sets: their folders and licenses.

A named set that is not installed is an error; it is never replaced by another set.
"""

from dataclasses import dataclass
from pathlib import Path

from shared.errors import UserError

MUSIC21 = "music21"
"""The data set of the music21 package's corpus, which is always available."""
NO_CLEAR_LICENSE = (
    "No clear license: transcriptions of commercial songs, collected by the public system whose "
    "versions this project follows. For research on one's own machine."
)


class DatasetNotFound(UserError):
    """A data set is unknown or not installed; the detail names the setting of its folder."""

    code = "dataset_not_found"
    status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """One named set of MIDI files."""

    path: str
    """Path of its folder, relative to OSTINATO_DATASETS_DIR."""
    license: str
    description: str
    is_performance: bool = False
    """Whether it was recorded without a metronome, so that notes are not aligned with beats."""


CATALOG: dict[str, CatalogEntry] = {
    "reference-rnb": CatalogEntry(
        path="reference/rnb_hiphop",
        license=NO_CLEAR_LICENSE,
        description="R&B and 90s hip-hop songs",
    ),
    "reference-dance": CatalogEntry(
        path="reference/dance", license=NO_CLEAR_LICENSE, description="dance and electronic tracks"
    ),
    "reference-jazz": CatalogEntry(
        path="reference/jazz", license=NO_CLEAR_LICENSE, description="jazz standards"
    ),
    "reference-mixed": CatalogEntry(
        path="reference/mixed",
        license=NO_CLEAR_LICENSE,
        description="hymns, pop, rock, dance and classical music",
    ),
    "maestro": CatalogEntry(
        path="maestro",
        license="CC BY-NC-SA 4.0, copyright Google LLC",
        description="piano performances of MAESTRO v3.0.0 (Hawthorne et al. 2019), with its split",
        is_performance=True,
    ),
    "rnb": CatalogEntry(
        path="rnb_hiphop",
        license="CC0; drums CC BY 4.0",
        description="synthetic arrangements of public-domain tunes",
    ),
    "dance": CatalogEntry(
        path="dance_electronic", license="CC0", description="synthetic dance tracks"
    ),
    "jazz": CatalogEntry(
        path="jazz",
        license="GPL-2.0-or-later",
        description="public-domain tunes and changes with synthetic accompaniment",
    ),
    "mixed": CatalogEntry(
        path="mixed",
        license="BSD-3-Clause, Artistic-1.0 and GPL-2.0, by folder",
        description="game music that people composed",
    ),
    "pop": CatalogEntry(
        path="pop",
        license="MIT (the arrangements; the songs are commercial)",
        description="piano arrangements of pop songs (POP909)",
    ),
    "folk": CatalogEntry(
        path="folk", license="GPL-3.0", description="traditional melodies with chords"
    ),
}


def find_folder(name: str, datasets_dir: Path | None) -> Path:
    """The folder of a named set.

    Raises:
        DatasetNotFound: the name is unknown, or the folder does not exist.
    """
    if name not in CATALOG:
        known = ", ".join([MUSIC21, *CATALOG])
        raise DatasetNotFound(f"Unknown data set {name!r}; known data sets: {known}.", name=name)
    if datasets_dir is None:
        detail = f"{name}: OSTINATO_DATASETS_DIR is not set; set it to the folder of data sets."
        raise DatasetNotFound(detail, name=name)
    folder = datasets_dir / CATALOG[name].path
    if not folder.is_dir():
        detail = (
            f"{name}: {folder} is not a folder; install the set there, or set "
            "OSTINATO_DATASETS_DIR to another folder. "
            "`python -m services.trainer.data.download` downloads the sets that allow it."
        )
        raise DatasetNotFound(detail, name=name)
    return folder
