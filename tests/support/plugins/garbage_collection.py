"""A pytest plug-in: the garbage collector passes over the modules that the tests import.

They stay until the process ends, but each collection would look at all of their objects: that took
two fifths of the time in which pytest collects the tests.
"""

import gc
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while the modules are imported, and ignore their objects afterwards."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
