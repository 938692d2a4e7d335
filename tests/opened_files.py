"""A pytest plug-in: no test opens music or other data outside the checkout and its dependencies.

It listens to Python's own audit events, so it hears all that Python opens in this process. It
refuses to judge files that are no data: the time zone database, /proc, certificates.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = frozenset(
    {
        *(".mid", ".midi", ".kar", ".abc", ".krn", ".mxl", ".musicxml", ".xml"),
        *(".sf2", ".sf3", ".wav", ".zip", ".tar", ".gz"),
        *(".npy", ".npz", ".parquet", ".csv", ".jsonl", ".safetensors", ".pt"),
    }
)


class Listener:
    """Remembers the data files that were opened where they should not be."""

    def __init__(self, allowed: list[Path]) -> None:
        self._allowed = [str(path.resolve()) + "/" for path in allowed]
        self.foreign: list[str] = []

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """An audit hook (PEP 578); called for everything, so it leaves early."""
        if event != "open" or not isinstance(arguments[0], str | bytes):
            return
        name = arguments[0] if isinstance(arguments[0], str) else arguments[0].decode()
        if Path(name).suffix.lower() in DATA:
            path = str(Path(name).absolute())
            if not path.startswith(tuple(self._allowed)):
                self.foreign.append(path)


LISTENER = pytest.StashKey[Listener]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to listen; there is no way to take an audit hook out again."""
    allowed = [
        config.rootpath,
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path(tempfile.gettempdir()),
    ]
    listener = Listener(allowed)
    config.stash[LISTENER] = listener
    sys.addaudithook(listener.hear)


@pytest.fixture(autouse=True)
def no_foreign_data(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test during which a foreign data file was opened."""
    foreign = request.config.stash[LISTENER].foreign
    foreign.clear()
    yield
    assert foreign == [], "data files outside the checkout and its dependencies were opened"
