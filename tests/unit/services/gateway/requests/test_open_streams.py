"""Open event streams of an owner are counted, and no longer when they have ended."""

from contextlib import ExitStack

import pytest

from services.gateway.requests.open_streams import OpenStreams
from shared.errors import TooManyStreams


def test_each_owner_has_a_number_of_streams() -> None:
    streams = OpenStreams(2)
    with ExitStack() as opened:
        for owner in ("ann", "ann", "bob"):
            opened.enter_context(streams.hold(owner))
        with pytest.raises(TooManyStreams, match="You have 2 open event streams") as error:
            opened.enter_context(streams.hold("ann"))
        assert error.value.extra["retry_after"]
        opened.enter_context(streams.hold("bob"))
    with streams.hold("ann"), streams.hold("ann"):
        pass
    assert not streams._counts


def test_a_stream_that_fails_counts_no_longer() -> None:
    streams = OpenStreams(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"), streams.hold("ann"):
            raise ValueError("broken")
