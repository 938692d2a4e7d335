"""A pytest plug-in: tests open no data files outside the checkout and its dependencies.

It uses Python's audit events, so it sees every `open` of this process. Files that hold no data,
such as the time zone database, /proc and certificates, are exempt.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA_SUFFIXES = frozenset(
    {
        *(".mid", ".midi", ".kar", ".abc", ".krn", ".mxl", ".musicxml", ".xml"),
        *(".sf2", ".sf3", ".wav", ".zip", ".tar", ".gz"),
        *(".npy", ".npz", ".parquet", ".csv", ".jsonl", ".safetensors", ".pt"),
    }
)


class OpenRecorder:
    """Records the data files that are opened outside the allowed folders."""

    def __init__(self, allowed: list[Path]) -> None:
        self._allowed = [str(path.resolve()) + "/" for path in allowed]
        self.violations: list[str] = []

    def on_audit_event(self, event: str, arguments: tuple[object, ...]) -> None:
        """An audit hook (PEP 578); it runs for every event, so it returns early."""
        if event != "open" or not isinstance(arguments[0], str | bytes):
            return
        name = arguments[0] if isinstance(arguments[0], str) else arguments[0].decode()
        if Path(name).suffix.lower() in DATA_SUFFIXES:
            path = str(Path(name).absolute())
            if not path.startswith(tuple(self._allowed)):
                self.violations.append(path)


RECORDER = pytest.StashKey[OpenRecorder]()


def pytest_configure(config: pytest.Config) -> None:
    """Install the audit hook; Python cannot remove one."""
    allowed = [
        config.rootpath,
        Path(sys.prefix),
        Path(sys.base_prefix),
        Path(tempfile.gettempdir()),
    ]
    recorder = OpenRecorder(allowed)
    config.stash[RECORDER] = recorder
    sys.addaudithook(recorder.on_audit_event)


@pytest.fixture(autouse=True)
def no_external_data(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test during which an external data file was opened."""
    violations = request.config.stash[RECORDER].violations
    violations.clear()
    yield
    assert violations == [], "data files outside the checkout and its dependencies were opened"
