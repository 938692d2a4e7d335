"""A version that has learnt nothing and may be asked for everything: whatever is valid and as asked
in its pieces is the engine's doing."""

from pathlib import Path

import torch

from ostinato.schemas.models import Capabilities, ModelCard
from shared.models.checkpoints import save_weights
from shared.models.decoder import Decoder, DecoderConfig
from shared.tokenizers.remi import Remi

CONTEXT = 256


def make_blank(folder: Path, version: str = "blank") -> ModelCard:
    """Write its checkpoint folder; random weights, the same each time."""
    torch.manual_seed(3)
    vocabulary = Remi.without_pairs()
    network = Decoder(
        DecoderConfig(
            vocab_size=vocabulary.vocab_size,
            layers=1,
            heads=2,
            d_model=64,
            d_ff=64,
            context=CONTEXT,
        )
    )
    card = ModelCard(
        version=version,
        sha256=save_weights(network, folder),
        description="It has learnt nothing.",
        capabilities=Capabilities(
            max_bars=64, primer=True, velocity=True, infill=True, steering=True
        ),
        licence="none",
        data={},
        training={},
        evaluation={},
    )
    vocabulary.save(folder)
    (folder / "card.json").write_text(card.model_dump_json())
    return card
