"""Tests of the decoder for training."""

from dataclasses import replace

import pytest
import torch

from shared.models.decoder import Decoder, DecoderConfig
from tests.unit.shared.models.tiny_models import CONFIG, tiny_decoder


def test_a_logit_does_not_depend_on_later_tokens() -> None:
    decoder = tiny_decoder()
    ids = torch.randint(0, CONFIG.vocab_size, (2, 30))
    other = ids.clone()
    other[:, 20:] = (other[:, 20:] + 1) % CONFIG.vocab_size
    before, after = decoder(ids), decoder(other)
    torch.testing.assert_close(before[:, :20], after[:, :20])
    assert not torch.allclose(before[:, 20:], after[:, 20:])


def test_it_overfits_one_batch() -> None:
    torch.manual_seed(0)
    decoder = Decoder(CONFIG)
    ids = torch.randint(0, CONFIG.vocab_size, (4, 16))
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=1e-2)
    losses = []
    for _ in range(40):
        with torch.autocast("cpu", torch.bfloat16):
            logits = decoder(ids[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 4
    assert losses[-1] < 0.5


def test_its_parameters_are_named_as_in_hugging_face() -> None:
    names = set(tiny_decoder(replace(CONFIG, layers=1)).state_dict())
    layer = "model.layers.0."
    assert names == {
        "model.embed_tokens.weight",
        "model.norm.weight",
        f"{layer}input_layernorm.weight",
        f"{layer}post_attention_layernorm.weight",
        *(f"{layer}self_attn.{matrix}_proj.weight" for matrix in "qkvo"),
        *(f"{layer}mlp.{matrix}_proj.weight" for matrix in ("gate", "up", "down")),
    }


def test_a_config_round_trips_through_json() -> None:
    assert DecoderConfig.from_json(CONFIG.to_json()) == CONFIG


@pytest.mark.parametrize(
    ("key", "value"),
    [("num_key_value_heads", 1), ("hidden_act", "gelu"), ("tie_word_embeddings", False)],
)
def test_the_config_of_another_architecture_is_rejected(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key):
        DecoderConfig.from_json(CONFIG.to_json() | {key: value})


def test_the_width_must_be_divisible_by_the_heads() -> None:
    with pytest.raises(ValueError, match="d_model"):
        replace(CONFIG, heads=5)
