"""Available memory: the smaller of what the machine and the container have."""

from pathlib import Path

import pytest

from deploy.local.machine import memory


@pytest.mark.parametrize(
    ("limit", "current", "expected"),
    [
        ("max", "1000", 2_000_000 * 1024),
        ("1073741824", "73741824", 1_000_000_000),
        (None, None, 2_000_000 * 1024),
    ],
)
def test_the_limit_of_a_container_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str | None,
    current: str | None,
    expected: int,
) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9000000 kB\nMemAvailable:    2000000 kB\nBuffers: 1 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", meminfo)
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    if limit is not None and current is not None:
        (tmp_path / "memory.max").write_text(limit)
        (tmp_path / "memory.current").write_text(current)
    assert memory.available_bytes() == expected


def test_this_machine_has_memory() -> None:
    assert 0 < memory.available_bytes() < 2**50
