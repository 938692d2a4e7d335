"""What one piece is asked to be; refuses to know who asks, or which network answers."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequest:
    """One piece: how it begins, how long it is, and how its tokens are drawn."""

    head: tuple[int, ...]
    """BOS, then whatever else the model is to see first and is no music of this piece."""
    prompt: tuple[int, ...] = ()
    """The tokens of the music to go on from, if any."""
    bars: int
    """Bars to write after the prompt."""
    seed: int
    """0 to 2**53 - 1; with the model and the fields here it decides every token."""
    temperature: float = 1.0
    """0 takes the likeliest token each time."""
    top_k: int = 0
    """0 keeps all."""
    top_p: float = 1.0
    """1 keeps all."""
    min_p: float = 0.0
    """0 keeps all."""
    leanings: tuple[Tensor, ...] = ()
    """float32 [V] for each bar: what is added to the logits of that bar's tokens; or none."""
