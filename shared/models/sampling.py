"""Drawing the next token of every row at once: pure functions of logits, knobs, seed and place.

Randomness is counted, not kept: the noise of a token is a hash of (seed, position, token), so a row
draws the same in any company, in any order, after any crash. Refuses to know grammars and models.
Shapes: B rows, V tokens.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from shared.models.knobs import Knobs
from shared.models.native import sampling as native
from shared.models.native.build import library

_GAMMA = 0x9E3779B97F4A7C15 - 2**64
_MIX = ((30, 0xBF58476D1CE4E5B9 - 2**64), (27, 0x94D049BB133111EB - 2**64))
_UNIFORM_BITS = 52
"""So that k + 1/2, for k below 2**52, is exact in float64 and never rounds up to 1."""


def draw(logits: Tensor, knobs: Knobs, positions: Tensor) -> Tensor:
    """The next token of each row, int64 [B], from logits [B, V] and int64 positions [B].

    In the order of Hugging Face: temperature, top-k, top-p, min-p. Drawn as the largest of logit
    plus Gumbel noise (Gumbel 1954), which samples exactly from the softmax of what is kept. On the
    CPU by native code where there is any.
    """
    code = library() if logits.device.type == "cpu" else None
    return native.draw(code, logits, knobs, positions) if code else _draw(logits, knobs, positions)


def _draw(logits: Tensor, knobs: Knobs, positions: Tensor) -> Tensor:
    greedy = knobs.temperature == 0
    scores = logits.double() / torch.where(greedy, 1.0, knobs.temperature)[:, None]
    scores = keep_min_p(keep_top(scores, knobs.top_k, knobs.top_p), knobs.log_min_p)
    noise = gumbel(knobs.seed, positions, logits.shape[1])
    return torch.where(greedy[:, None], scores, scores + noise).argmax(-1)


def lean(logits: Tensor, leanings: Sequence[Tensor | None]) -> Tensor:
    """Logits [B, V] with each row's leaning [V] added; a row without one keeps its bits."""
    if all(leaning is None for leaning in leanings):
        return logits
    none = torch.zeros(logits.shape[1])
    rows = [none if leaning is None else leaning for leaning in leanings]
    return logits + torch.stack(rows).to(logits.device)


def keep_top(scores: Tensor, top_k: Tensor, top_p: Tensor) -> Tensor:
    """Drop all but the `top_k` likeliest, then all but the fewest that together reach `top_p`.

    Nucleus sampling: Holtzman et al. 2020. What ties with the last one kept stays.
    """
    if not bool(((top_k > 0) | (top_p < 1)).any()):
        return scores
    ranked = scores.sort(dim=-1, descending=True).values
    rank = torch.arange(scores.shape[1], device=scores.device)
    dropped = (rank >= top_k[:, None]) & (top_k > 0)[:, None]
    ranked = ranked.masked_fill(dropped, -torch.inf)
    shares = ranked.softmax(-1)
    dropped |= (shares.cumsum(-1) - shares >= top_p[:, None]) & (top_p < 1)[:, None]
    least = ranked.masked_fill(dropped, torch.inf).amin(-1, keepdim=True)
    return scores.masked_fill(scores < least, -torch.inf)


def keep_min_p(scores: Tensor, log_min_p: Tensor) -> Tensor:
    """Drop what is below `min_p` times the likeliest (Nguyen et al. 2024), compared as logarithms.

    So no exponential is needed.
    """
    least = scores.amax(-1, keepdim=True) + log_min_p[:, None]
    return scores.masked_fill(scores < least, -torch.inf)


def gumbel(seed: Tensor, positions: Tensor, vocab_size: int) -> Tensor:
    """Standard Gumbel noise, float64 [B, V], for int64 seeds and positions [B]."""
    stream = _splitmix64(_splitmix64(seed, 0), positions)
    tokens = torch.arange(vocab_size, device=seed.device)
    bits = _shift_right(_splitmix64(stream[:, None], tokens), 64 - _UNIFORM_BITS)
    uniform = (bits.double() + 0.5) * 2.0**-_UNIFORM_BITS
    return -torch.log(-torch.log(uniform))


def _splitmix64(state: Tensor, index: Tensor | int) -> Tensor:
    """Output number `index` of SplitMix64 (Steele, Lea and Flood 2014) begun at `state`.

    In int64, whose products and sums wrap around like those of the unsigned original.
    """
    mixed = state + (index + 1) * _GAMMA
    for shift, factor in _MIX:
        mixed = (mixed ^ _shift_right(mixed, shift)) * factor
    return mixed ^ _shift_right(mixed, 31)


def _shift_right(value: Tensor, bits: int) -> Tensor:
    """Shift in zeros from the left, as an unsigned integer does."""
    return (value >> bits) & ((1 << (64 - bits)) - 1)
