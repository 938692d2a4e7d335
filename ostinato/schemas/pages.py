"""A page of a list: follow `next_cursor` until it is null."""

from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, Field

from ostinato.schemas.schema import Wire

T = TypeVar("T")


class Page(Wire, Generic[T]):
    """Newest first, unless the route says otherwise."""

    # pydantic looks for the docstrings of `Page[X]` in the file that says so, and may not parse it
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[T]
    next_cursor: Annotated[str | None, Field(description="Opaque; pass it as `cursor`.")] = None
