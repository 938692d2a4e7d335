"""Initializes a larger decoder from a smaller one by stacking its layers.

A shallow decoder reaches a given loss at a fraction of the cost. Its layers, repeated in order,
initialize the deeper decoder (Du et al. 2024, arXiv:2405.15319). If the tokenizers differ, the
embedding of a new token is the mean embedding of the old tokens that encode the same symbols.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from ostinato.schemas.cards import BaseRecord
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.base_model import clear_base, read_base_record, write_base_record
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer import Trainer
from services.trainer.training.trainer_state import BEST_CHECKPOINT, LAST_CHECKPOINT, TrainerState
from shared.errors import UserError
from shared.models.decoder import EMBEDDING, Decoder
from shared.tokenizers.remi import SPECIAL_TOKENS, RemiTokenizer
from shared.tokenizers.symbols import Symbol

LAYERS = "model.layers."


class ParentRunMissing(UserError):
    """The run of the smaller decoder, which a recipe grows from, does not exist."""

    code = "parent_run_missing"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentRun:
    """The best checkpoint of the run of a smaller decoder."""

    recipe: str
    weights: Mapping[str, Tensor]
    tokenizer: RemiTokenizer
    record: BaseRecord
    """Cost and data of the run, for the card of the version that grows from it."""

    @classmethod
    def load(cls, recipe: str, runs: Path) -> Self:
        """Load the run of a recipe from the folder of runs.

        Raises:
            ParentRunMissing: the run does not exist, or has no validation yet.
        """
        folder = runs / recipe
        if not (folder / BEST_CHECKPOINT).exists():
            command = f"python -m services.trainer.cli.train {recipe}"
            raise ParentRunMissing(
                f"{folder} has no {BEST_CHECKPOINT}; run `{command}` first, or pass --base with a "
                "version of the same shape."
            )
        last = load_state(folder / LAST_CHECKPOINT)
        best = TrainerState.from_json(last["trainer_state"]).best
        return cls(
            recipe=recipe,
            weights=load_state(folder / BEST_CHECKPOINT)["model"],
            tokenizer=RemiTokenizer.load(folder),
            record=BaseRecord(
                recipe=recipe,
                steps=best.step,
                tokens=best.tokens,
                seconds=best.seconds,
                nats_per_note=best.best_nats_per_note,
                datasets=tuple(dataset["name"] for dataset in last["recipe"]["datasets"]),
                base=read_base_record(folder),
            ),
        )

    def prepare(self, _: Recipe, run: Path) -> None:
        """Remove what an earlier base left in the run's folder."""
        clear_base(run)

    def initialize(self, trainer: Trainer, run: Path) -> None:
        """Set the initial weights of a trainer, and record this run as the base in `run`."""
        model, tokenizer = trainer.model, trainer.data.tokenizer
        assert isinstance(model, Decoder)  # noqa: S101 - only recipes of decoders grow
        assert isinstance(tokenizer, RemiTokenizer)  # noqa: S101 - recipes of decoders use REMI
        weights = dict(stack_layers(self.weights, model.config.layers))
        old, new = self.weights[EMBEDDING], model.state_dict()[EMBEDDING]
        embedding = translate_embedding(old, self.tokenizer, tokenizer, new)
        trainer.load_initial_weights(weights | {EMBEDDING: embedding})
        write_base_record(self.record, run)


def stack_layers(weights: Mapping[str, Tensor], layers: int) -> Iterator[tuple[str, Tensor]]:
    """The weights of `layers` layers: the given layers, repeated in order."""
    by_layer: dict[int, list[tuple[str, Tensor]]] = {}
    for name, weight in weights.items():
        if not name.startswith(LAYERS):
            yield name, weight
            continue
        number, _, suffix = name.removeprefix(LAYERS).partition(".")
        by_layer.setdefault(int(number), []).append((suffix, weight))
    for layer in range(layers):
        for suffix, weight in by_layer[layer % len(by_layer)]:
            yield f"{LAYERS}{layer}.{suffix}", weight


def translate_embedding(
    old: Tensor, source: RemiTokenizer, target: RemiTokenizer, initial: Tensor
) -> Tensor:
    """[V, D]: the embedding for the target tokenizer.

    Tokens that the source tokenizer cannot encode keep their rows of `initial`.
    """
    rows = initial.clone()
    known = {symbols: token for token, symbols in enumerate(source.token_symbols) if symbols}
    for token, symbols in enumerate(target.token_symbols):
        if source.token_symbols[token : token + 1] == (symbols,):
            rows[token] = old[token]
        elif encoded := _encode_symbols(symbols, known):
            rows[token] = old[torch.tensor(encoded)].mean(dim=0)
    special_tokens = _special_tokens(source)
    for name, token in _special_tokens(target).items():
        rows[token] = old[special_tokens[name]] if name in special_tokens else initial[token]
    return rows


def _encode_symbols(
    symbols: Sequence[Symbol], known: Mapping[tuple[Symbol, ...], int]
) -> list[int]:
    """Tokens that together encode the symbols, chosen greedily by the longest match."""
    tokens: list[int] = []
    remaining = tuple(symbols)
    while remaining:
        length = next(n for n in range(len(remaining), 0, -1) if remaining[:n] in known)
        tokens.append(known[remaining[:length]])
        remaining = remaining[length:]
    return tokens


def _special_tokens(tokenizer: RemiTokenizer) -> dict[str, int]:
    """The tokens that encode no symbols, by name."""
    ids = (tokenizer.pad, tokenizer.bos, tokenizer.eos, tokenizer.fill, tokenizer.sep)
    return dict(zip(SPECIAL_TOKENS, ids, strict=True)) | dict(tokenizer.control_tokens)
