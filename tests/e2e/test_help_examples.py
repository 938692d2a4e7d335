"""The examples in the help work one after another: they use what earlier ones have made."""

import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.local.stack import Stack
from ostinato import Client
from ostinato.cli.app import PANELS, app

NOT_RUN = {
    **dict.fromkeys(("up", "down", "doctor"), "other tests run these"),
    **dict.fromkeys(("train", "training", "pause", "resume", "promote"), "takes half an hour"),
    "evaluate": "parses a corpus for minutes",
    "evaluation": "needs an evaluation",
    "cancel": "needs a job that runs",
    "datasets": "a group; see DATASETS",
}
DATASETS = ("datasets upload tunes out", "datasets list", "datasets show DATASET_ID")


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
    examples = [
        command.example
        for commands in PANELS.values()
        for command in commands
        if command.name not in NOT_RUN
    ]
    for example in (*examples, *DATASETS):
        result = CliRunner().invoke(app, expand(with_ids(example, client)))
        assert result.exit_code == 0, f"{example}: {result.output}"
    assert len(list((tmp_path / "out").glob("*.mid"))) == 4
    assert len(list((tmp_path / "tunes").glob("*.mid"))) == 1


def test_the_examples_of_data_sets_are_those_of_the_help() -> None:
    for example in DATASETS:
        command = shlex.split(example)[:2]
        output = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*command, "-h"]).output
        assert f"Example: ostinato {example}" in output
