"""The numerics id, which names a machine's arithmetic, and the compute dtype.

Equal seeds give equal bytes on machines with equal numerics ids. The id names number format,
kernels, torch version and instruction set; it does not hash source files.
"""

import torch

from shared.models.inference_model import InferenceModel

BF16_UNITS = ("amx_bf16", "avx512_bf16")
"""Without any of these, a matrix product in bf16 takes hundreds of times as long."""


def compute_dtype(device: torch.device) -> torch.dtype:
    """The dtype of matrices: bf16 where the device has units for it, else float32."""
    if device.type == "cuda" or _bf16_units():
        return torch.bfloat16
    return torch.float32


def numerics_id(model: InferenceModel) -> str:
    """Number format, kernels, torch version, instruction set and kind of device, in one line."""
    device = model.device
    return f"{model.kernels} torch-{torch.__version__} {_instructions(device)} {device.type}"


def _instructions(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device).replace(" ", "-")
    return "+".join([torch.backends.cpu.get_cpu_capability(), *_bf16_units()])


def _bf16_units() -> list[str]:
    if torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2"):
        return []  # ATEN_CPU_CAPABILITY can select these on a machine that has the units
    has = torch.cpu.get_capabilities()
    return [name for name in BF16_UNITS if has.get(name)]
