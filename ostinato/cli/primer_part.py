"""The file of `ostinato generate --primer`, or some of its bars."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import typer

from ostinato.cli.console import naming_file
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.generations import Primer, PrimerTrack


class PrimerPart(NamedTuple):
    """A MIDI file, and which of its bars are used, counted from 0."""

    path: Path | None
    from_bar: int
    to_bar: int | None

    def is_in(self, primer: Primer, midi: bytes) -> bool:
        """Whether an uploaded primer is this part of the file."""
        return (
            primer.sha256 == hashlib.sha256(midi).hexdigest()
            and primer.from_bar == self.from_bar
            and self.to_bar in {None, primer.from_bar + primer.bars - 1}
        )


def upload_part(client: Client, part: PrimerPart, known: Primer | None) -> Primer | None:
    """Upload the primer, if there is one, unless it is known.

    Raises:
        typer.BadParameter: the file has no such bars; the message names the option.
    """
    if part.path is None:
        return None
    midi = part.path.read_bytes()
    if known is not None and part.is_in(known, midi):
        return known
    try:
        with naming_file(part.path):
            return client.upload_primer(midi, from_bar=part.from_bar, to_bar=part.to_bar)
    except ApiError as error:
        last = error.extra.get("maximum")
        if error.extra.get("field") != "from_bar" or last is None:
            raise
        is_first = part.from_bar > last or (part.to_bar or part.from_bar) < part.from_bar
        raise typer.BadParameter(
            f"{part.path} has {last + 1} bars, counted from 1; the first one must not be after "
            "the last one",
            param_hint="--from-bar" if is_first else "--to-bar",
        ) from error


def check_part(
    part: PrimerPart,
    primer: Primer | None,
    regenerated: list[int] | None,
    track: int | None,
    *,
    only_new_bars: bool,
) -> None:
    """Check that there is a primer with what the options name.

    Raises:
        typer.BadParameter: there is not; the message names the option.
    """
    if primer is None:
        for option, is_given in (
            ("--regenerate", regenerated is not None),
            ("--from-bar", part.from_bar > 0),
            ("--to-bar", part.to_bar is not None),
            ("--track", track is not None),
            ("--only-new-bars", only_new_bars),
        ):
            if is_given:
                raise typer.BadParameter(
                    "needs --primer, the MIDI file that it refers to", param_hint=option
                )
        return
    _check_bars(part, primer, regenerated or [])
    if track is not None and (track > len(primer.tracks) or primer.tracks[track - 1].is_drum):
        names = ", ".join(
            f"{number} ({name})" for number, name, is_drum in _names(primer.tracks) if not is_drum
        )
        raise typer.BadParameter(
            f"{part.path} has no pitched track {track}; it has {names}", param_hint="--track"
        )


def _check_bars(part: PrimerPart, primer: Primer, regenerated: Sequence[int]) -> None:
    first, end = part.from_bar, part.from_bar + primer.bars
    for bar in regenerated:
        if bar >= end and part.to_bar is None:
            message = f"{part.path} has {end} bars, so it has no bar {bar + 1}"
        elif not first <= bar < end:
            message = f"bars {first + 1} to {end} of {part.path} are used, not bar {bar + 1}"
        else:
            continue
        raise typer.BadParameter(message, param_hint="--regenerate")


def _names(tracks: Sequence[PrimerTrack]) -> list[tuple[int, str, bool]]:
    """The number, the name and whether it plays drums, of each track."""
    return [
        (number, track.name or f"track {number}", track.is_drum)
        for number, track in enumerate(tracks, 1)
    ]


def describe_tracks(primer: Primer, track: int | None = None) -> str:
    """Which track of a file is generated, counted from 1, and which others it keeps."""
    chosen = primer.track + 1 if track is None else track
    names = {number: name for number, name, _ in _names(primer.tracks)}
    name = names.pop(chosen)
    return f"the model reads and writes track {chosen} ({name}); kept: {', '.join(names.values())}."
