"""The health checks of the containers, on a running stack."""

import subprocess
import sys

import pytest

from deploy.health import CHECKS
from deploy.local.stack import Stack


@pytest.mark.parametrize("program", CHECKS)
def test_the_services_of_a_running_stack_are_healthy(program: str, stack: Stack) -> None:
    command = [sys.executable, "-m", "deploy.health", program]
    assert subprocess.run(command, env=stack.env(), check=False).returncode == 0
