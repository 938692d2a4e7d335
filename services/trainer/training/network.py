"""The network of a recipe."""

from services.trainer.recipes.recipe import DecoderShape, Recipe
from shared.models.checkpoints import Network
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.lstm import Lstm, LstmConfig


def build_network(recipe: Recipe, vocab_size: int) -> Network:
    """The recipe's network with random weights."""
    shape = recipe.network
    if not isinstance(shape, DecoderShape):
        config = LstmConfig(vocab_size=vocab_size, units=shape.units, embedding=shape.embedding)
        return Lstm(config, shape.dropout)
    return Decoder(
        DecoderConfig(
            vocab_size=vocab_size,
            layers=shape.layers,
            heads=shape.heads,
            d_model=shape.d_model,
            d_ff=shape.d_ff,
            context=recipe.examples.context,
        ),
        shape.residual_dropout,
    )
