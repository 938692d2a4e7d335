"""The name of the arithmetic."""

import torch

from shared.models.numerics import numerics_id


def test_it_names_format_version_instructions_and_device() -> None:
    name = numerics_id(torch.device("cpu"))
    assert name.startswith("bf16 ")
    assert f"torch-{torch.__version__}" in name
    assert torch.backends.cpu.get_cpu_capability() in name
    assert name.endswith(" cpu")
