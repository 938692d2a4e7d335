"""`python -m ostinato`, as the demo of the embedded stack runs it."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.local.demo import GENERATE
from ostinato.schemas.generations import GenerationRequest
from tests.unit.ostinato.payloads import problem
from tests.unit.ostinato.scripted_server import ScriptedServer

ROOT = Path(__file__).parents[3]


def test_the_demo_requests_four_melodies_of_eight_bars(
    cli_server: ScriptedServer, tmp_path: Path
) -> None:
    cli_server.script("/v1/generations", problem(429, "too_many_requests", "The queue is full."))
    demo = subprocess.run(
        [sys.executable, "-m", "ostinato", *GENERATE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    request = GenerationRequest.model_validate_json(cli_server.bodies[-1])
    assert request == GenerationRequest(count=4, bars=8)
    assert (demo.returncode, demo.stderr) == (2, "The queue is full.\n")
