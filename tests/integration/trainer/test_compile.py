"""Long runs of large decoders are compiled, with the same gradients.

Compilation takes half a minute of processor time.
"""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from services.trainer.training.attention import FastCausalAttention
from services.trainer.training.compile import (
    MIN_MINUTES,
    MIN_STEPS,
    Forward,
    compiled,
    maybe_compile,
)
from shared.models.decoder import Decoder, DecoderConfig
from tests.conftest import ROOT

LENGTH = 80
IDS = torch.arange(2 * LENGTH).view(2, LENGTH) * 7 % 32
CONFIG = DecoderConfig(vocab_size=32, layers=1, heads=2, d_model=32, d_ff=64, context=LENGTH)


def logits_of(forward: Forward) -> Tensor:
    with FastCausalAttention():
        return forward(IDS)


def gradients(network: Decoder, forward: Forward) -> list[Tensor]:
    logits = logits_of(forward)
    loss = functional.cross_entropy(logits.flatten(0, 1), IDS.roll(-1, dims=1).flatten())
    return list(torch.autograd.grad(loss, list(network.parameters())))


def check_gradients() -> None:
    torch.manual_seed(0)
    network = Decoder(CONFIG)
    forward = compiled(network)
    for _ in range(2):  # the second time with updated weights
        eager = gradients(network, network)
        torch.testing.assert_close(gradients(network, forward), eager)
        with torch.no_grad():
            for weight, gradient in zip(network.parameters(), eager, strict=True):
                weight.sub_(gradient)
    assert "Compiled" in type(logits_of(forward).grad_fn).__name__
    assert "Compiled" not in type(logits_of(network).grad_fn).__name__


def check_long_runs() -> None:
    large = Decoder(replace(CONFIG, layers=3, d_model=512, d_ff=2048))
    assert maybe_compile(large, MIN_STEPS, None) is not large
    assert maybe_compile(large, 1, MIN_MINUTES) is not large


@pytest.mark.skipif(
    " " in torch.__file__, reason="torch cannot compile in a folder whose path has a space"
)
def test_long_runs_are_compiled_and_have_the_same_weights_and_gradients() -> None:
    """In a process of its own: it is killed at its end if compiled code has damaged the heap."""
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}  # compiled code depends on it
    program = [sys.executable, "-m", "tests.integration.trainer.test_compile"]
    child = subprocess.run(
        program, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (child.returncode, child.stderr[-2000:] if child.returncode else "") == (0, "")


if __name__ == "__main__":
    check_long_runs()
    check_gradients()
