"""The examples in the help work one after another: they use what earlier ones have made."""

import json
import shlex
import subprocess
from itertools import chain
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.local.stack import Stack
from ostinato import Client
from ostinato.cli.app import PANELS, app

NOT_RUN = {
    **dict.fromkeys(("up", "down", "doctor", "backup", "restore"), "other tests run these"),
    **dict.fromkeys(("train", "training", "pause", "resume", "promote"), "takes half an hour"),
    **dict.fromkeys(("publish", "demote"), "needs a version that was trained"),
    "evaluate": "parses a corpus for minutes",
    "evaluation": "needs an evaluation",
    "cancel": "needs a job that runs",
    **dict.fromkeys(("batch", "datasets", "keys"), "a group; see GROUPS"),
}
GROUPS = {
    "datasets": ("datasets upload tunes out", "datasets list", "datasets show DATASET_ID"),
    "batch": (
        "batch submit requests.jsonl --wait",
        "batch status BATCH_ID",
        "batch errors BATCH_ID --limit 5",
        "batch download BATCH_ID --out tunes",
        "batch submit paused.jsonl",
        "batch pause BATCH_ID",
        "batch resume BATCH_ID",
        "cancel BATCH_ID",
    ),
    "keys": (
        "keys create nightly --expires-in-days 30",
        "keys list",
        "keys rotate KEY_ID --grace-hours 1",
        "keys revoke KEY_ID",
    ),
}
"""The examples of groups, in an order in which they work."""
NOT_IN_THE_HELP = {"batch submit paused.jsonl", "cancel BATCH_ID"}
LINES = '{"custom_id": "a", "model": "mini", "bars": 1, "seed": 7}\n'
ENDLESS = '{"model": "mini", "bars": 64, "count": 5000}\n'


def expand(example: str) -> list[str]:
    """The arguments of an example as a shell passes them."""
    script = f'for argument in {example}; do echo "$argument"; done'
    completed = subprocess.run(
        ["/usr/bin/env", "bash", "-c", script], capture_output=True, text=True, check=True
    )
    return completed.stdout.splitlines()


def with_ids(example: str, client: Client) -> str:
    """The example with the newest objects instead of its placeholders."""
    newest = {
        "JOB_ID": next(client.jobs(), None),
        "MELODY_ID": next(client.melodies(), None),
        "DATASET_ID": next(client.datasets(), None),
        "BATCH_ID": next(client.batches(), None),
        "KEY_ID": next(client.keys(), None),
    }
    for placeholder, found in newest.items():
        if found is not None:
            example = example.replace(placeholder, str(found.id))
    return example


def test_the_examples_work_in_the_order_of_the_help(
    stack: Stack, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSTINATO_STATE_DIR", str(stack.state_dir.path))
    (tmp_path / "requests.jsonl").write_text(LINES)
    (tmp_path / "paused.jsonl").write_text(ENDLESS)
    examples = [
        command.example
        for commands in PANELS.values()
        for command in commands
        if command.name not in NOT_RUN
    ]
    for example in (*examples, *chain(*GROUPS.values())):
        result = CliRunner().invoke(app, expand(with_ids(example, client)))
        assert result.exit_code == 0, f"{example}: {result.output}"
    assert len(list((tmp_path / "out").glob("*.mid"))) == 4
    assert len(list((tmp_path / "tunes").glob("*.mid"))) == 2


def test_a_batch_without_failures_cannot_be_retried(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_STATE_DIR", str(stack.state_dir.path))
    lines = tmp_path / "requests.jsonl"
    lines.write_text(LINES)
    submitted = CliRunner().invoke(app, ["batch", "submit", str(lines), "--wait", "--json"])
    batch_id = json.loads(submitted.stdout)["id"]
    result = CliRunner().invoke(app, ["batch", "retry", batch_id])
    assert result.exit_code == 2
    assert "Nothing failed in this batch" in result.stderr


def test_the_examples_of_groups_are_those_of_the_help() -> None:
    for example in set(chain(*GROUPS.values())) - NOT_IN_THE_HELP:
        command = shlex.split(example)[:2]
        output = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*command, "-h"]).output
        assert f"Example: ostinato {example}" in output
