"""Causal attention for training on a CPU, more than twice as fast as torch's.

In the context of `FastCausalAttention` it replaces causal calls of `scaled_dot_product_attention`,
so networks need no change. Queries are processed in blocks. The scores of each block are computed
only for the keys that it may attend to, in the data type of the inputs.

Shapes: B sequences, H heads, T tokens, K width of a head.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

QUERIES_PER_BLOCK = 64


def fast_attention(device: torch.device) -> AbstractContextManager[object]:
    """The context in which causal attention is fastest: on a GPU torch's own, as it is."""
    return FastCausalAttention() if device.type == "cpu" else nullcontext()


class FastCausalAttention(TorchFunctionMode):
    """Context manager in which causal attention uses this implementation."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - the result of any torch function
        """The hook that torch calls instead of each torch function in the context."""
        if func is functional.scaled_dot_product_attention and kwargs == {"is_causal": True}:
            return causal_attention(*args)
        return func(*args, **(kwargs or {}))


def causal_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Softmax attention, [B, H, T, K] each, of every token to itself and earlier tokens."""
    output: Tensor = _CausalAttention.apply(query, key, value)  # type: ignore[no-untyped-call]
    return output


class _CausalAttention(torch.autograd.Function):
    """Saves the attention weights of each block for the backward pass; B and H are merged."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:  # noqa: ANN401 - torch's interface
        shape = query.shape
        query = query / math.sqrt(shape[-1])
        query, key, value = (x.reshape(-1, *shape[2:]) for x in (query, key, value))
        outputs, weights = [], []
        for begin, end in _blocks(shape[2]):
            scores = torch.bmm(query[:, begin:end], key[:, :end].mT)
            scores[..., begin:] += _causal_mask(end - begin, scores)
            weights.append(scores.softmax(-1))
            outputs.append(torch.bmm(weights[-1], value[:, :end]))
        ctx.save_for_backward(query, key, value, *weights)
        return torch.cat(outputs, 1).view(shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # noqa: ANN401 - torch's interface
        query, key, value, *weights = ctx.saved_tensors
        shape = gradients[0].shape
        gradient = gradients[0].reshape(query.shape)
        grad_key, grad_value = torch.zeros_like(key), torch.zeros_like(value)
        grad_queries = []
        for (begin, end), weight in zip(_blocks(shape[2]), weights, strict=True):
            block = gradient[:, begin:end]
            grad_value[:, :end].baddbmm_(weight.mT, block)
            grad_weight = torch.bmm(block, value[:, :end].mT)
            grad_scores = torch._softmax_backward_data(  # noqa: SLF001 - one pass, as in torch's own backward
                grad_weight, weight, -1, weight.dtype
            )
            grad_queries.append(torch.bmm(grad_scores, key[:, :end]))
            grad_key[:, :end].baddbmm_(grad_scores.mT, query[:, begin:end])
        grad_query = torch.cat(grad_queries, 1) / math.sqrt(shape[-1])
        return grad_query.view(shape), grad_key.view(shape), grad_value.view(shape)


def _blocks(length: int) -> Iterator[tuple[int, int]]:
    """The range of queries of each block."""
    return (
        (begin, min(begin + QUERIES_PER_BLOCK, length))
        for begin in range(0, length, QUERIES_PER_BLOCK)
    )


def _causal_mask(length: int, like: Tensor) -> Tensor:
    """[length, length]: minus infinity where a key comes after the query, else 0."""
    return torch.full((length, length), -torch.inf, dtype=like.dtype).triu(1)
