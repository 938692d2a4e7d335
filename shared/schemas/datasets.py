"""A data set: a zip of MIDI files that somebody handed in, to train on."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.schemas.wire import Wire

DatasetName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Dataset(Wire):
    """What was handed in; nothing of it has been parsed yet."""

    id: UUID
    name: DatasetName
    sha256: str
    """Of the zip."""
    size: int
    """Bytes of the zip."""
    files: int
    """MIDI files in it, by their names."""
    created_at: datetime
