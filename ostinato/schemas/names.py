"""The names that clients give to versions and data sets, and what they consist of."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field

VERSION = "^[a-z0-9][a-z0-9.-]{0,63}$"
DATASET = "^[a-z0-9][a-z0-9-]{0,63}$"


def matches(pattern: str, expected: str) -> Callable[[str], str]:
    """A validator whose error says what is expected, and not the pattern."""

    def check(name: str) -> str:
        if not re.fullmatch(pattern, name):
            raise ValueError(f"{name!r} is not allowed: {expected}")
        return name

    return check


VersionName = Annotated[
    str,
    Field(json_schema_extra={"pattern": VERSION}),
    AfterValidator(
        matches(
            VERSION, "use up to 64 lower-case letters, digits, dots and hyphens, no hyphen first"
        )
    ),
]
DatasetName = Annotated[
    str,
    Field(json_schema_extra={"pattern": DATASET}),
    AfterValidator(
        matches(DATASET, "use up to 64 lower-case letters, digits and hyphens, no hyphen first")
    ),
]
