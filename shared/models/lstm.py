"""The stacked LSTM for training: whole sequences at once.

Hochreiter and Schmidhuber 1997. Without an embedding its input is one number for each token: the id
divided by the vocabulary size. For inference see `torch_lstm` and `native.lstm`.

Shapes: B sequences, T tokens, E width of the input, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

MODEL_TYPE = "lstm"
THRESHOLD_STEEPNESS = 30.0
"""Standard deviation of the initial weights of the input if it is a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmConfig:
    """The shape of an LSTM."""

    vocab_size: int
    units: tuple[int, ...]
    """Units of each layer, the first layer first."""
    embedding: int = 0
    """Width of the embedding; 0 if the input is a number."""

    @property
    def input_widths(self) -> tuple[int, ...]:
        """Width of each layer's input."""
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
        """Parse what `to_json` wrote."""
        return cls(
            vocab_size=content["vocab_size"],
            units=tuple(content["units"]),
            embedding=content["embedding"],
        )


class Lstm(nn.Module):
    """Token ids to logits; `dropout` applies to each layer's output in training."""

    def __init__(self, config: LstmConfig, dropout: float = 0.0) -> None:
        """Initial weights come from torch's global generator."""
        super().__init__()
        self.config = config
        self.dropout = dropout
        self.embed = nn.Embedding(config.vocab_size, config.embedding) if config.embedding else None
        self.layers = nn.ModuleList(
            nn.LSTM(width, units, batch_first=True)
            for width, units in zip(config.input_widths, config.units, strict=True)
        )
        self.head = nn.Linear(config.units[-1], config.vocab_size)
        if self.embed is None:
            self._spread_thresholds()

    def forward(self, ids: Tensor) -> Tensor:
        """Logits [B, T, V] of the token after each of ids [B, T]; the initial state is zero."""
        x = self.encode_input(ids)
        for layer in self.layers:
            x, _ = layer(x)
            x = functional.dropout(x, self.dropout, self.training)
        logits: Tensor = self.head(x)
        return logits

    @torch.no_grad()
    def _spread_thresholds(self) -> None:
        """Initialize each gate of the first layer as a threshold at a random id.

        With torch's initialization the weights are too small to distinguish adjacent ids.
        """
        first: Any = self.layers[0]  # torch declares no parameters of its own modules
        first.weight_ih_l0.normal_(std=THRESHOLD_STEEPNESS)
        first.bias_ih_l0.copy_(-first.weight_ih_l0[:, 0] * torch.rand_like(first.bias_ih_l0))

    def encode_input(self, ids: Tensor) -> Tensor:
        """The input of the first layer, float32 [..., E]."""
        if self.embed is None:
            return ids[..., None].to(torch.float32) / self.config.vocab_size
        x: Tensor = self.embed(ids)
        return x
