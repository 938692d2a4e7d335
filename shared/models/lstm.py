"""The stacked LSTM (Hochreiter and Schmidhuber 1997) as it is trained: whole sequences at once.

Without an embedding its input is one number a step, the id as a share of the vocabulary. Refuses to
know losses, optimisers and sampling; `resident_lstm` steps it.

Shapes: B sequences, T tokens, E width of the input, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

MODEL_TYPE = "lstm"
SHARPNESS = 30.0
"""How steeply a gate of a network without embedding turns as the id passes its threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmConfig:
    """The shape of an LSTM."""

    vocab_size: int
    units: tuple[int, ...]
    """Of each layer, from the input on."""
    embedding: int = 0
    """Width of the learned embedding; 0: the input is a number."""

    @property
    def widths(self) -> tuple[int, ...]:
        """What each layer reads."""
        return (self.embedding or 1, *self.units[:-1])

    def to_json(self) -> dict[str, Any]:
        """The content of config.json."""
        return {
            "model_type": MODEL_TYPE,
            "vocab_size": self.vocab_size,
            "units": list(self.units),
            "embedding": self.embedding,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "LstmConfig":
        """Read back what `to_json` wrote."""
        return cls(
            vocab_size=content["vocab_size"],
            units=tuple(content["units"]),
            embedding=content["embedding"],
        )


class Lstm(nn.Module):
    """Ids to logits; `dropout` is the share of each layer's output that training leaves out."""

    def __init__(self, config: LstmConfig, dropout: float = 0.0) -> None:
        """Fresh weights are drawn from torch's global generator."""
        super().__init__()
        self.config = config
        self.dropout = dropout
        self.embed = nn.Embedding(config.vocab_size, config.embedding) if config.embedding else None
        self.layers = nn.ModuleList(
            nn.LSTM(width, units, batch_first=True)
            for width, units in zip(config.widths, config.units, strict=True)
        )
        self.head = nn.Linear(config.units[-1], config.vocab_size)
        if self.embed is None:
            self._spread_thresholds()

    def forward(self, ids: Tensor) -> Tensor:
        """Logits [B, T, V] of the token after each of ids [B, T], from a state of zeros."""
        x = self.read(ids)
        for layer in self.layers:
            x, _ = layer(x)
            x = functional.dropout(x, self.dropout, self.training)
        logits: Tensor = self.head(x)
        return logits

    @torch.no_grad()
    def _spread_thresholds(self) -> None:
        """Let each gate of the first layer begin as a threshold somewhere among the ids.

        As torch draws them, weights are too small for two ids to differ by anything.
        """
        first: Any = self.layers[0]  # torch declares no parameters of its own modules
        first.weight_ih_l0.normal_(std=SHARPNESS)
        first.bias_ih_l0.copy_(-first.weight_ih_l0[:, 0] * torch.rand_like(first.bias_ih_l0))

    def read(self, ids: Tensor) -> Tensor:
        """What the first layer reads, float32 [..., E]."""
        if self.embed is None:
            return ids[..., None].to(torch.float32) / self.config.vocab_size
        x: Tensor = self.embed(ids)
        return x
