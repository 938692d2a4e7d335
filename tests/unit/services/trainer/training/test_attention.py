"""The outputs and gradients of the fast causal attention equal torch's."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from services.trainer.training.attention import (
    QUERIES_PER_BLOCK,
    FastCausalAttention,
    causal_attention,
)


def inputs(length: int) -> list[Tensor]:
    """Query, key and value with the strides that a decoder gives them, and an output gradient."""
    torch.manual_seed(length)
    return [torch.randn(2, length, 3, 16).transpose(1, 2).requires_grad_() for _ in range(4)]


@pytest.mark.parametrize(
    "length", [1, QUERIES_PER_BLOCK - 1, QUERIES_PER_BLOCK, 2 * QUERIES_PER_BLOCK + 5]
)
def test_outputs_and_gradients_equal_those_of_torch(length: int) -> None:
    query, key, value, gradient = inputs(length)
    output = causal_attention(query, key, value)
    expected = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    torch.testing.assert_close(output, expected)
    gradients, expected_gradients = (
        torch.autograd.grad(result, (query, key, value), gradient) for result in (output, expected)
    )
    torch.testing.assert_close(gradients, expected_gradients)


def test_in_its_context_only_causal_attention_is_replaced() -> None:
    query, key, value, _ = inputs(8)
    with FastCausalAttention():
        causal = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        other = functional.scaled_dot_product_attention(query, key, value)
    assert "CausalAttention" in type(causal.grad_fn).__name__
    assert "CausalAttention" not in type(other.grad_fn).__name__
