"""The machine's arithmetic: which number format it is quick in, and what its name is.

Equal bytes from equal seeds are promised under an equal name. Refuses to know networks.
"""

import torch

from shared.models.inference_model import Model

BF16_UNITS = ("amx_bf16", "avx512_bf16")
"""Without one of these a processor takes hundreds of times as long for a product in bf16."""


def number_format(device: torch.device) -> torch.dtype:
    """What matrices are kept in: bf16 where the device has units for it, else float32."""
    if device.type == "cuda" or _bf16_units():
        return torch.bfloat16
    return torch.float32


def numerics_id(model: Model) -> str:
    """Number format, kernels, torch version, instruction set and kind of device, in one line."""
    device = model.device
    return f"{model.kernels} torch-{torch.__version__} {_instructions(device)} {device.type}"


def _instructions(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device).replace(" ", "-")
    return "+".join([torch.backends.cpu.get_cpu_capability(), *_bf16_units()])


def _bf16_units() -> list[str]:
    has = torch.cpu.get_capabilities()
    return [name for name in BF16_UNITS if has.get(name)]
