"""Tests of the check for batch invariance."""

import pytest
import torch
from torch import Tensor

from shared.models.backends import build_inference_model
from shared.models.inference_model import InferenceState
from shared.models.lstm import LstmConfig
from shared.models.self_check import is_batch_invariant
from tests.unit.shared.models.tiny_models import tiny_lstm, tiny_model


def test_the_decoder_and_the_lstm_are_batch_invariant() -> None:
    assert is_batch_invariant(tiny_model())
    lstm = tiny_lstm(LstmConfig(vocab_size=64, units=(32, 32)))
    assert is_batch_invariant(build_inference_model(lstm, torch.device("cpu")))


def test_one_different_bit_in_a_batch_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    correct = type(model.init_state(1)).forward

    def faulty(state: InferenceState, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        logits = correct(state, slots, tokens, positions)
        if len(slots) > 1:
            logits[3, 5] = torch.nextafter(logits[3, 5], torch.tensor(torch.inf))
        return logits

    monkeypatch.setattr(type(model.init_state(1)), "forward", faulty)
    assert not is_batch_invariant(model)
