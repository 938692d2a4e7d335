"""Fused steps teach what others teach, and only who gains by them waits for a compiler."""

import logging
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from services.trainer.training.attention import QuickAttention
from services.trainer.training.compile import LONG_MINUTES, LONG_STEPS, Forward, fused, quickest
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.lstm import Lstm, LstmConfig

# Torch's own, as it compiles: as errors they would keep it from compiling
pytestmark = pytest.mark.filterwarnings("ignore")
LENGTH = 80
IDS = torch.arange(2 * LENGTH).view(2, LENGTH) * 7 % 32


def decoder(**shape: int) -> Decoder:
    torch.manual_seed(0)
    asked = {"vocab_size": 32, "layers": 1, "heads": 2, "d_model": 32, "d_ff": 64} | shape
    return Decoder(DecoderConfig(**asked, context=LENGTH))


@pytest.fixture(scope="module")
def large() -> Decoder:
    return decoder(d_model=512, d_ff=2048, layers=3)


def logits_of(forward: Forward) -> Tensor:
    with QuickAttention():
        return forward(IDS)


def gradients(network: Decoder, forward: Forward) -> list[Tensor]:
    logits = logits_of(forward)
    loss = functional.cross_entropy(logits.flatten(0, 1), IDS.roll(-1, dims=1).flatten())
    return list(torch.autograd.grad(loss, list(network.parameters())))


def test_what_is_fused_has_the_same_gradients_in_the_same_weights() -> None:
    network = decoder()
    forward = fused(network)
    for _ in range(2):  # the second time with weights that have moved
        plain = gradients(network, network)
        torch.testing.assert_close(gradients(network, forward), plain)
        with torch.no_grad():
            for weight, gradient in zip(network.parameters(), plain, strict=True):
                weight.sub_(gradient)
    assert "Compiled" in type(logits_of(forward).grad_fn).__name__
    assert "Compiled" not in type(logits_of(network).grad_fn).__name__


def test_a_long_run_of_a_large_decoder_is_fused(large: Decoder) -> None:
    assert quickest(large, LONG_STEPS, None) is not large
    assert quickest(large, 1, LONG_MINUTES) is not large


@pytest.mark.parametrize(("steps", "minutes"), [(LONG_STEPS - 1, None), (10**6, 5.0)])
def test_a_short_run_is_not(large: Decoder, steps: int, minutes: float | None) -> None:
    assert quickest(large, steps, minutes) is large


def test_a_small_network_is_not() -> None:
    small, lstm = decoder(), Lstm(LstmConfig(vocab_size=8, units=(2048,), embedding=0), 0.0)
    assert sum(weight.numel() for weight in lstm.parameters()) > 10_000_000
    assert quickest(small, 10**6, None) is small
    assert quickest(lstm, 10**6, None) is lstm


def test_without_a_compiler_it_is_said_and_goes_on(
    large: Decoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with caplog.at_level(logging.WARNING):
        assert quickest(large, LONG_STEPS, None) is large
    assert "no g++" in caplog.text
