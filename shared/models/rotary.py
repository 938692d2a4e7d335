"""Rotary position embedding (RoPE) in the half-split layout of Hugging Face.

Su et al. 2021, "RoFormer".
"""

import torch
from torch import Tensor


def rotary_table(positions: int, head_dim: int, theta: float) -> Tensor:
    """Cosines and sines as [2, positions, head_dim], in float32."""
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim
    frequencies = torch.pow(theta, -exponents)
    angles = torch.outer(torch.arange(positions, dtype=torch.float32), frequencies)
    angles = torch.cat((angles, angles), dim=-1)
    return torch.stack((angles.cos(), angles.sin()))


def rotate(x: Tensor, table: Tensor) -> Tensor:
    """Rotate x [..., head_dim] by the angles of its positions, `table` [2, ..., head_dim].

    Element i is paired with element i + head_dim / 2. Computed in float32, returned in x's dtype.
    """
    left, right = x.chunk(2, dim=-1)
    return (x * table[0] + torch.cat((-right, left), dim=-1) * table[1]).to(x.dtype)
