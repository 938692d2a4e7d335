"""The name of the arithmetic: equal bytes from equal seeds are promised under an equal name."""

import torch

KERNELS = "matmul-attention.1"
"""The forms of the operations in `resident`; count up when a change of theirs can change bits."""


def numerics_id(device: torch.device) -> str:
    """Number format, kernels, torch version, instruction set and kind of device, in one line."""
    return f"bf16 {KERNELS} torch-{torch.__version__} {_instructions(device)} {device.type}"


def _instructions(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device).replace(" ", "-")
    has = torch.cpu.get_capabilities()
    bf16 = [name for name in ("amx_bf16", "avx512_bf16") if has.get(name)]
    return "+".join([torch.backends.cpu.get_cpu_capability(), *bf16])
