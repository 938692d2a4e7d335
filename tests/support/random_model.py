"""A model version with random weights, every capability and every metre.

If its output is valid and obeys the request, that is due to the engine, not the weights.
"""

from pathlib import Path

import torch

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.models import Capabilities, ModelCard
from ostinato.schemas.notes import Metre
from shared.models.checkpoints import save_weights
from shared.models.decoder import Decoder, DecoderConfig
from shared.tokenizers.remi import RemiTokenizer

RANDOM = "random"
CONTEXT = 256


def write_random_model(folder: Path, version: str = RANDOM) -> ModelCard:
    """Write its checkpoint folder; the weights are the same each time."""
    torch.manual_seed(3)
    tokenizer = RemiTokenizer.without_bpe(tuple(Metre))
    network = Decoder(
        DecoderConfig(
            vocab_size=tokenizer.vocab_size,
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
        description="Random weights.",
        capabilities=Capabilities(
            max_bars=64,
            primer=True,
            velocity=True,
            infill=True,
            key_conditioning=True,
            time_signatures=tuple(Metre),
        ),
        license="none",
        data=DataRecord(),
        training=TrainingRecord(),
        evaluation=EvaluationRecord(),
    )
    tokenizer.save(folder)
    (folder / "card.json").write_text(card.model_dump_json())
    return card
