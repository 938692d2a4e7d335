"""Attention for training gives what torch's own gives, and its gradients."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from services.trainer.training.attention import BLOCK, QuickAttention, causal_attention


def inputs(length: int) -> list[Tensor]:
    """Query, key and value as a decoder lays them out, with a gradient for what comes of them."""
    torch.manual_seed(length)
    return [torch.randn(2, length, 3, 16).transpose(1, 2).requires_grad_() for _ in range(4)]


@pytest.mark.parametrize("length", [1, BLOCK - 1, BLOCK, 2 * BLOCK + 5])
def test_it_is_torchs_attention_both_ways(length: int) -> None:
    query, key, value, gradient = inputs(length)
    attended = causal_attention(query, key, value)
    expected = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(attended, expected)
    ours, theirs = (
        torch.autograd.grad(result, (query, key, value), gradient)
        for result in (attended, expected)
    )
    torch.testing.assert_close(ours, theirs)


def test_inside_the_context_it_takes_the_place_of_torchs() -> None:
    query, key, value, _ = inputs(8)
    with QuickAttention():
        quick = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        other = functional.scaled_dot_product_attention(query, key, value)
    assert "CausalAttention" in type(quick.grad_fn).__name__
    assert "CausalAttention" not in type(other.grad_fn).__name__
