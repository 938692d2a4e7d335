"""A model whose bits depend on its company is found out."""

import pytest
import torch
from torch import Tensor

from shared.models.checkpoints import make_resident
from shared.models.inference_model import State
from shared.models.lstm import LstmConfig
from shared.models.self_check import is_row_invariant
from tests.unit.shared.models.toys import toy_lstm, toy_model


def test_ours_keep_the_promise() -> None:
    assert is_row_invariant(toy_model())
    lstm = toy_lstm(LstmConfig(vocab_size=64, units=(32, 32)))
    assert is_row_invariant(make_resident(lstm, torch.device("cpu")))


def test_one_bit_of_one_row_in_company_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    model = toy_model()
    sound = type(model.init_state(1)).extend

    def extend(state: State, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        logits = sound(state, rows, tokens, positions)
        if len(rows) > 1:
            logits[3, 5] = torch.nextafter(logits[3, 5], torch.tensor(torch.inf))
        return logits

    monkeypatch.setattr(type(model.init_state(1)), "extend", extend)
    assert not is_row_invariant(model)
