"""Inference models of the shipped checkpoints are as accurate as their networks."""

from copy import deepcopy
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from shared.models.checkpoints import load_weights
from shared.models.decoder import Decoder
from shared.models.lstm import Lstm
from shared.models.native.decoder import NativeDecoder
from shared.models.torch_decoder import TorchDecoder
from tests.conftest import CHECKPOINTS, ROOT
from tests.unit.shared.models.test_inference_model import CPU, random_ids, run_steps
from tests.unit.shared.models.tiny_models import native_library


@torch.inference_mode()
def test_8_bits_increase_the_loss_by_less_than_half_a_percent() -> None:
    """Measured on tokens that a trained network sampled."""
    exact = load_weights(CHECKPOINTS / "mini")
    assert isinstance(exact, Decoder)
    ids = sampled(exact)
    inputs, targets = ids[:, :-1], ids[:, 1:].flatten()
    slots, positions = torch.meshgrid(*map(torch.arange, inputs.shape), indexing="ij")
    state = NativeDecoder(exact, native_library()).init_state(len(ids))
    logits = state.forward(slots.flatten(), inputs.flatten(), positions.flatten())
    loss = functional.cross_entropy(logits, targets)
    assert loss < 1.005 * functional.cross_entropy(exact(inputs).flatten(0, 1), targets)


def sampled(decoder: Decoder) -> Tensor:
    """Eight sequences of BOS and 48 tokens that the network sampled with bf16 weights."""
    torch.manual_seed(5)
    ids = torch.ones(8, 1, dtype=torch.int64)  # BOS
    state, slots = TorchDecoder(decoder, CPU).init_state(len(ids)), torch.arange(len(ids))
    for position in range(48):
        logits = state.forward(slots, ids[:, -1], slots * 0 + position)
        ids = torch.cat((ids, logits.softmax(dim=-1).multinomial(1)), dim=1)
    return ids


class Trained(NamedTuple):
    """A trained LSTM, and what `nn.LSTM` computes from its ids [B, T]."""

    lstm: Lstm
    logits: Tensor
    """float32 [B, T, V]."""
    units: Tensor
    """The last layer's units in float64 [B, T, U]: in float32 `nn.LSTM` has errors of up to 3.4e-5,
    more than the test allows."""


@pytest.fixture(scope="module", params=["v2", "v3", "v4", "v5", "v6"])
def trained(request: pytest.FixtureRequest) -> Trained:
    lstm = load_weights(ROOT / "checkpoints" / request.param)
    assert isinstance(lstm, Lstm)
    return reference(lstm)


@torch.inference_mode()
def reference(lstm: Lstm) -> Trained:
    ids = random_ids(lstm.config)
    units = lstm.encode_input(ids).double()
    for layer in deepcopy(lstm).double().layers:
        units, _ = layer(units)
    return Trained(lstm, lstm(ids), units)


@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
@torch.inference_mode()
def test_steps_of_a_trained_lstm_are_close_relative_to_its_largest_logit(
    trained: Trained, *, native: bool
) -> None:
    _, logits = run_steps(trained.lstm, native=native)
    assert (logits - trained.logits).abs().max() <= 1e-5 * trained.logits.abs().max()


@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
def test_hidden_units_of_a_trained_lstm_are_close(trained: Trained, *, native: bool) -> None:
    assert unit_errors(trained, native=native).abs().max() <= 1e-5


def test_the_error_of_the_native_lstm_is_only_float32_rounding() -> None:
    """It is 1.4e-7, but 2.1e-7 with a float32 input contribution, 2.6e-7 without partial sums."""
    lstm = load_weights(ROOT / "checkpoints" / "v2")
    assert isinstance(lstm, Lstm)
    assert unit_errors(reference(lstm), native=True).square().mean().sqrt() <= 1.8e-7


@torch.inference_mode()
def unit_errors(trained: Trained, *, native: bool) -> Tensor:
    """The errors of the last layer's units against float64, [B, T, U or V]."""
    lstm = deepcopy(trained.lstm)
    nn.init.eye_(lstm.head.weight)  # each logit is a unit
    nn.init.zeros_(lstm.head.bias)
    _, logits = run_steps(lstm, native=native)
    count = min(logits.shape[-1], trained.units.shape[-1])
    return logits[..., :count] - trained.units[..., :count]
