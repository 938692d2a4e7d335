"""Limits of child processes, from the settings to the sentence that names an exceeded one."""

from pathlib import Path

import pytest

from ostinato.schemas.jobs import JobKind
from ostinato.schemas.trainings import TrainingRequest
from services.trainer.jobs import child_limits
from services.trainer.jobs.child_limits import ChildLimits, limits_of, machine_memory_bytes
from services.trainer.jobs.process_usage import Usage
from services.trainer.jobs.training import max_seconds
from services.trainer.settings import TrainerSettings
from tests.unit.services.trainer.test_settings import SERVERS

GIB = 1 << 30
KINDS = [kind for kind in JobKind if kind not in (JobKind.GENERATION, JobKind.BATCH)]


@pytest.mark.parametrize(
    ("usage", "seconds", "exceeded"),
    [
        (Usage(GIB + GIB // 2, 90.0), 60.0, None),
        (Usage(GIB + GIB // 2 + 1, 0), 0, "needs more than 1.5 GiB of memory"),
        (Usage(0, 91.0), 0, "needs more than 90 s of processor time"),
        (Usage(0, 0), 61.0, "takes longer than 60 s"),
    ],
)
def test_the_exceeded_limit_is_named(usage: Usage, seconds: float, exceeded: str | None) -> None:
    limits = ChildLimits(memory_bytes=GIB + GIB // 2, cpu_seconds=90.0, wall_seconds=60.0)
    assert limits.exceeded(usage, seconds) == exceeded
    assert ChildLimits().exceeded(usage, seconds) is None


def test_each_kind_of_job_has_its_own_limits() -> None:
    fields = {
        f"max_{kind}_{name}": 1 + number + 10 * offset
        for number, kind in enumerate(KINDS)
        for offset, name in enumerate(("memory_gib", "cpu_seconds", "seconds"))
    }
    settings = TrainerSettings.model_validate({**SERVERS, **fields})
    for number, kind in enumerate(KINDS):
        assert limits_of(kind, settings) == ChildLimits(
            memory_bytes=(1 + number) * GIB, cpu_seconds=11 + number, wall_seconds=21 + number
        )


def test_without_a_setting_a_training_may_use_80_percent_of_the_memory() -> None:
    limits = limits_of(JobKind.TRAINING, TrainerSettings.model_validate(SERVERS))
    assert limits == ChildLimits(memory_bytes=int(0.8 * machine_memory_bytes()))


def test_the_memory_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "memory.max"
    monkeypatch.setattr(child_limits, "CGROUP_LIMIT", file)
    machine = machine_memory_bytes()
    file.write_text("max\n")
    assert machine_memory_bytes() == machine
    file.write_text(f"{machine // 2}\n")
    assert machine_memory_bytes() == machine // 2


@pytest.mark.parametrize(
    ("overrides", "seconds"), [({"minutes": 30}, 3600 + 150 * 60), ({"steps": 9}, None), ({}, None)]
)
def test_only_a_budget_in_minutes_limits_the_time_of_a_training(
    overrides: dict[str, int], seconds: float | None
) -> None:
    request = {"recipe": "mini", "version": "mine", "overrides": overrides}
    assert max_seconds(TrainingRequest.model_validate(request)) == seconds
