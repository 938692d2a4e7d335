"""The machine's number format, and the name of the arithmetic."""

import pytest
import torch

from shared.models.lstm import Lstm, LstmConfig
from shared.models.numerics import number_format, numerics_id
from shared.models.torch_lstm import ResidentLstm
from tests.unit.shared.models.toys import toy_model


def test_it_names_format_version_instructions_and_device() -> None:
    model = toy_model()
    name = numerics_id(model)
    assert name.startswith(model.kernels)
    assert f"torch-{torch.__version__}" in name
    assert torch.backends.cpu.get_cpu_capability() in name
    assert name.endswith(" cpu")


def test_another_kind_of_network_has_another_name() -> None:
    lstm = Lstm(LstmConfig(vocab_size=8, units=(16,)))
    assert numerics_id(ResidentLstm(lstm, torch.device("cpu"))) != numerics_id(toy_model())


@pytest.mark.parametrize(
    ("units", "expected"), [([], torch.float32), (["avx512_bf16"], torch.bfloat16)]
)
def test_bf16_is_for_machines_that_have_units_for_it(
    monkeypatch: pytest.MonkeyPatch, units: list[str], expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(units, True))
    assert number_format(torch.device("cpu")) is expected
    assert number_format(torch.device("cuda")) is torch.bfloat16
