"""Tests of the compute dtype and the numerics id."""

import pytest
import torch

from shared.models.lstm import Lstm, LstmConfig
from shared.models.numerics import compute_dtype, numerics_id
from shared.models.torch_lstm import TorchLstm
from tests.unit.shared.models.tiny_models import tiny_model


def test_the_id_names_kernels_version_instructions_and_device() -> None:
    model = tiny_model()
    numerics = numerics_id(model)
    assert numerics.startswith(model.kernels)
    assert f"torch-{torch.__version__}" in numerics
    assert torch.backends.cpu.get_cpu_capability() in numerics
    assert numerics.endswith(" cpu")


def test_another_kind_of_network_has_another_id() -> None:
    lstm = Lstm(LstmConfig(vocab_size=8, units=(16,)))
    assert numerics_id(TorchLstm(lstm, torch.device("cpu"))) != numerics_id(tiny_model())


@pytest.mark.parametrize(
    ("units", "expected"), [([], torch.float32), (["avx512_bf16"], torch.bfloat16)]
)
def test_bf16_is_used_only_where_the_processor_has_units_for_it(
    monkeypatch: pytest.MonkeyPatch, units: list[str], expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(units, True))
    assert compute_dtype(torch.device("cpu")) is expected
    assert compute_dtype(torch.device("cuda")) is torch.bfloat16
