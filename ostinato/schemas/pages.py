"""One page of a list; a client follows `next_cursor` until it is null."""

from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, Field

from ostinato.schemas.schema import Schema

T = TypeVar("T")


class Page(Schema, Generic[T]):
    """Newest first, unless the route says otherwise."""

    # pydantic looks up docstrings of `Page[X]` in the file that uses it and may fail to parse it
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[T]
    next_cursor: Annotated[str | None, Field(description="Opaque; pass it as `cursor`.")] = None
