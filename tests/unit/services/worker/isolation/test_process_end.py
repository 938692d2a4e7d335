"""A process ends once, and names the shard for which a fresh one replaces it."""

import os
from uuid import uuid4

import pytest

from services.worker.isolation.process_end import (
    ProcessEnd,
    handed_over_shard,
    replace_process,
)


def test_a_process_is_replaced_for_the_first_shard_and_ends_once() -> None:
    ends: list[None] = []
    end = ProcessEnd(lambda: ends.append(None))
    first, second = uuid4(), uuid4()
    end.replace_for(first)
    end.replace_for(second)
    assert (end.replaced_for, len(ends), end.handed_over) == (first, 1, None)


def test_the_fresh_process_reads_the_shard_from_its_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    executed: list[list[str]] = []

    def execute(_: str, command: list[str]) -> None:
        executed.append(command)
        raise SystemExit  # the real function does not return

    monkeypatch.setattr(os, "execv", execute)
    shard_id = uuid4()
    with pytest.raises(SystemExit):
        replace_process(shard_id)
    [command] = executed
    assert command[1:3] == ["-m", "services.worker"]
    assert handed_over_shard(command[3:]) == shard_id
    assert handed_over_shard([]) is None
