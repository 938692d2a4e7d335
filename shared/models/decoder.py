"""The Llama-style decoder for training: whole sequences, no KV cache.

Touvron et al. 2023: RoPE, RMSNorm, SwiGLU, tied embeddings, no biases. Its parameters have the
names and layouts of `transformers.LlamaForCausalLM`, so a folder with its weights and
`DecoderConfig.to_json` loads in Hugging Face. For inference see `torch_decoder`,
`cuda_graph_decoder` and `native.decoder`.

Shapes: B sequences, T tokens, D d_model, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from shared.models.rotary import rotary_table, rotate

NORM_EPS = 1e-5
EMBEDDING = "model.embed_tokens.weight"
"""The name of the embedding, which is also the output projection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig:
    """The shape of a decoder."""

    vocab_size: int
    layers: int
    heads: int
    d_model: int
    d_ff: int
    context: int
    """Length of the longest training sequence, in tokens."""
    rope_theta: float = 10_000.0

    def __post_init__(self) -> None:
        if self.d_model % (2 * self.heads):
            raise ValueError(f"d_model: {self.d_model} is not a multiple of 2 x {self.heads} heads")

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.heads

    def to_json(self) -> dict[str, Any]:
        """The content of config.json, in Hugging Face's format."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": self.vocab_size,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.heads,
            "hidden_size": self.d_model,
            "intermediate_size": self.d_ff,
            "max_position_embeddings": self.context,
            "rope_theta": self.rope_theta,
            "rms_norm_eps": NORM_EPS,
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            "tie_word_embeddings": True,
            "torch_dtype": "bfloat16",
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "DecoderConfig":
        """Parse what `to_json` wrote; ValueError if it describes another architecture."""
        config = cls(
            vocab_size=content["vocab_size"],
            layers=content["num_hidden_layers"],
            heads=content["num_attention_heads"],
            d_model=content["hidden_size"],
            d_ff=content["intermediate_size"],
            context=content["max_position_embeddings"],
            rope_theta=content["rope_theta"],
        )
        for key, expected in config.to_json().items():
            if content.get(key) != expected:
                raise ValueError(f"{key}: {content.get(key)!r}, but this decoder has {expected!r}")
        return config


class Attention(nn.Module):
    """Causal self-attention with rotary positions."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.q_proj = nn.Linear(config.d_model, config.d_model, bias=False)
        self.k_proj = nn.Linear(config.d_model, config.d_model, bias=False)
        self.v_proj = nn.Linear(config.d_model, config.d_model, bias=False)
        self.o_proj = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x: Tensor, table: Tensor) -> Tensor:
        """[B, T, D] to [B, T, D]; `table` is `rotary_table` of T positions."""
        q, k, v = (self._split(proj(x)) for proj in (self.q_proj, self.k_proj, self.v_proj))
        y = functional.scaled_dot_product_attention(
            rotate(q, table), rotate(k, table), v, is_causal=True
        )
        out: Tensor = self.o_proj(y.transpose(1, 2).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class FeedForward(nn.Module):
    """SwiGLU (Shazeer 2020)."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.up_proj = nn.Linear(config.d_model, config.d_ff, bias=False)
        self.down_proj = nn.Linear(config.d_ff, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, D] to [B, T, D]."""
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class DecoderLayer(nn.Module):
    """One layer, with RMSNorm before attention and before the feed-forward network."""

    def __init__(self, config: DecoderConfig, residual_dropout: float) -> None:
        super().__init__()
        self.residual_dropout = residual_dropout
        self.input_layernorm = nn.RMSNorm(config.d_model, eps=NORM_EPS)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = nn.RMSNorm(config.d_model, eps=NORM_EPS)
        self.mlp = FeedForward(config)

    def forward(self, x: Tensor, table: Tensor) -> Tensor:
        """[B, T, D] to [B, T, D]."""
        x = x + self._dropout(self.self_attn(self.input_layernorm(x), table))
        return x + self._dropout(self.mlp(self.post_attention_layernorm(x)))

    def _dropout(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.residual_dropout, self.training)


class LlamaModel(nn.Module):
    """Embedding, layers and final norm, named as in Hugging Face's `LlamaModel`."""

    rotary: Tensor

    def __init__(self, config: DecoderConfig, residual_dropout: float) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(
            DecoderLayer(config, residual_dropout) for _ in range(config.layers)
        )
        self.norm = nn.RMSNorm(config.d_model, eps=NORM_EPS)
        table = rotary_table(config.context, config.head_dim, config.rope_theta)
        self.register_buffer("rotary", table, persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """[B, T] to [B, T, D]."""
        x: Tensor = self.embed_tokens(ids)
        for layer in self.layers:
            x = layer(x, self.rotary[:, : ids.shape[1]])
        out: Tensor = self.norm(x)
        return out


class Decoder(nn.Module):
    """Token ids to logits; initial weights come from torch's global generator.

    In training, dropout applies to the output of each sublayer (GPT-2's `resid_pdrop`).
    """

    def __init__(self, config: DecoderConfig, residual_dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.model = LlamaModel(config, residual_dropout)
        self._init_weights()

    def forward(self, ids: Tensor) -> Tensor:
        """Logits [B, T, V] of the token after each of ids [B, T]; T is at most the context."""
        return functional.linear(self.model(ids), self.model.embed_tokens.weight)

    @torch.no_grad()
    def _init_weights(self) -> None:
        """Normal as in GPT-2, std 0.02; a smaller std for projections into the residual stream."""
        residual = 0.02 / (2 * self.config.layers) ** 0.5
        for name, weight in self.named_parameters():
            if not name.endswith("norm.weight"):
                is_residual = name.endswith(("o_proj.weight", "down_proj.weight"))
                weight.normal_(std=residual if is_residual else 0.02)
