"""An inspector whose parser never ends, with a second of processor time."""

import sys
from typing import Any

from shared.midi import inspect


def _use_the_processor(
    data: bytes, from_bar: int = 0, to_bar: int = 0
) -> tuple[dict[str, Any], ...]:
    while data:
        pass
    return ()


if __name__ == "__main__":
    inspect.MAX_CPU_SECONDS = 1
    inspect._inspect = _use_the_processor
    sys.exit(inspect.main())
