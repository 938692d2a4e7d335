"""The demo is the command itself, asked for four melodies of eight bars."""

import os
import subprocess
import sys
from pathlib import Path

from ostinato.schemas.generations import GenerationRequest
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import a_model, page, problem

ROOT = Path(__file__).parents[3]


def test_the_demo_asks_for_four_melodies_of_eight_bars(at_peer: Peer, tmp_path: Path) -> None:
    at_peer.will_say("/v1/models", page(a_model()))
    at_peer.will_say("/v1/generations", problem(429, "too_many_requests", "The queue is full."))
    demo = subprocess.run(
        [sys.executable, "-m", "ostinato.demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    request = GenerationRequest.model_validate_json(at_peer.bodies[-1])
    assert request == GenerationRequest(model="mini", count=4, bars=8)
    assert (demo.returncode, demo.stderr) == (2, "The queue is full.\n")
