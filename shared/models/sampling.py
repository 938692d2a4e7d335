"""Sampling the next token of every row of a batch.

Pure functions of logits, parameters, seed and position. The noise of a token is a hash of (seed,
position, token) and there is no generator state, so a row samples the same token in every batch, in
every order, and after a crash. Shapes: B rows, V tokens.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from shared.models.native import sampling as native
from shared.models.native.build import load_library
from shared.models.sampling_params import BatchSamplingParams

_GAMMA = 0x9E3779B97F4A7C15 - 2**64
_MIX = ((30, 0xBF58476D1CE4E5B9 - 2**64), (27, 0x94D049BB133111EB - 2**64))
_UNIFORM_BITS = 52
"""With 52 bits, k + 1/2 is exact in float64 for each k below 2**52: a uniform is never 1."""


def sample(logits: Tensor, params: BatchSamplingParams, positions: Tensor) -> Tensor:
    """The next token of each row, int64 [B], from logits [B, V] and int64 positions [B].

    Filters in the order of Hugging Face: temperature, top-k, top-p, min-p. Takes the maximum of
    logit plus Gumbel noise (Gumbel 1954), which is an exact sample from the softmax of the tokens
    kept. On the CPU the native code does this, if it was compiled.
    """
    library = load_library() if logits.device.type == "cpu" else None
    if library is not None:
        return native.sample(library, logits, params, positions)
    return _sample_on_torch(logits, params, positions)


def _sample_on_torch(logits: Tensor, params: BatchSamplingParams, positions: Tensor) -> Tensor:
    greedy = params.temperature == 0
    scores = logits.double() / torch.where(greedy, 1.0, params.temperature)[:, None]
    scores = filter_top_k_top_p(scores, params.top_k, params.top_p)
    scores = filter_min_p(scores, params.log_min_p)
    noise = gumbel_noise(params.seed, positions, logits.shape[1])
    return torch.where(greedy[:, None], scores, scores + noise).argmax(-1)


def add_logit_bias(logits: Tensor, biases: Sequence[Tensor | None]) -> Tensor:
    """Add each row's bias [V] to logits [B, V]; the bits of a row without one do not change."""
    if all(bias is None for bias in biases):
        return logits
    zero = torch.zeros(logits.shape[1])
    rows = [zero if bias is None else bias for bias in biases]
    return logits + torch.stack(rows).to(logits.device)


def filter_top_k_top_p(scores: Tensor, top_k: Tensor, top_p: Tensor) -> Tensor:
    """Keep the `top_k` most likely tokens, then the fewest of these that together reach `top_p`.

    Nucleus sampling: Holtzman et al. 2020. Tokens that tie with the last one kept are kept.
    """
    if not bool(((top_k > 0) | (top_p < 1)).any()):
        return scores
    ranked = scores.sort(dim=-1, descending=True).values
    rank = torch.arange(scores.shape[1], device=scores.device)
    dropped = (rank >= top_k[:, None]) & (top_k > 0)[:, None]
    ranked = ranked.masked_fill(dropped, -torch.inf)
    probabilities = ranked.softmax(-1)
    before = probabilities.cumsum(-1) - probabilities
    dropped |= (before >= top_p[:, None]) & (top_p < 1)[:, None]
    least = ranked.masked_fill(dropped, torch.inf).amin(-1, keepdim=True)
    return scores.masked_fill(scores < least, -torch.inf)


def filter_min_p(scores: Tensor, log_min_p: Tensor) -> Tensor:
    """Drop tokens that are less likely than `min_p` times the likeliest (Nguyen et al. 2024).

    Compares logarithms, which saves the exponential.
    """
    least = scores.amax(-1, keepdim=True) + log_min_p[:, None]
    return scores.masked_fill(scores < least, -torch.inf)


def gumbel_noise(seed: Tensor, positions: Tensor, vocab_size: int) -> Tensor:
    """Standard Gumbel noise, float64 [B, V], for int64 seeds and positions [B]."""
    stream = _splitmix64(_splitmix64(seed, 0), positions)
    tokens = torch.arange(vocab_size, device=seed.device)
    bits = _shift_right(_splitmix64(stream[:, None], tokens), 64 - _UNIFORM_BITS)
    uniform = (bits.double() + 0.5) * 2.0**-_UNIFORM_BITS
    return -torch.log(-torch.log(uniform))


def _splitmix64(state: Tensor, index: Tensor | int) -> Tensor:
    """Output number `index` of SplitMix64 (Steele, Lea and Flood 2014) seeded with `state`.

    Computed in int64, whose products and sums wrap around as in the original's uint64.
    """
    mixed = state + (index + 1) * _GAMMA
    for shift, factor in _MIX:
        mixed = (mixed ^ _shift_right(mixed, shift)) * factor
    return mixed ^ _shift_right(mixed, 31)


def _shift_right(value: Tensor, bits: int) -> Tensor:
    """Logical shift: zeros enter from the left."""
    return (value >> bits) & ((1 << (64 - bits)) - 1)
