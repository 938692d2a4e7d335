"""The deadline of a job of any kind, in its request."""

from typing import Annotated

from pydantic import Field

from ostinato.schemas.generations import MAX_DEADLINE

DeadlineSeconds = Annotated[int, Field(ge=1, le=MAX_DEADLINE)]
"""Seconds from acceptance until a job that has not ended expires."""
