"""Patterns of the names that clients give to versions and data sets."""

from typing import Annotated

from pydantic import Field

VersionName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
DatasetName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
