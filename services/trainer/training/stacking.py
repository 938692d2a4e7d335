"""How a larger decoder begins with what a smaller one has learnt: more layers, other tokens.

A shallow decoder learns the commonest things at a fraction of the cost; its layers, stacked upon
themselves, go on from there (Du et al. 2024, arXiv:2405.15319). A token of another vocabulary
begins as the mean of the old tokens that spell it. Refuses to train.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from services.trainer.training.base_model import BASE, read_base
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer import BEST, LAST, Progress, Training
from shared.errors import UserError
from shared.models.decoder import Decoder
from shared.tokenizers.remi import SPECIALS, Remi
from shared.tokenizers.symbols import Symbol

EMBEDDING = "model.embed_tokens.weight"
LAYERS = "model.layers."


class NothingToBeginFrom(UserError):
    """A recipe begins with what another has learnt, and that has not been trained here."""

    code = "nothing_to_begin_from"
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The best that a run of a smaller decoder has come to."""

    recipe: str
    weights: Mapping[str, Tensor]
    vocabulary: Remi
    history: dict[str, Any]
    """What it cost, for the card of whatever grows from it."""

    @classmethod
    def of_run(cls, recipe: str, runs: Path) -> Self:
        """Read it from the folder of runs.

        Raises:
            NothingToBeginFrom: that recipe was never trained there.
        """
        folder = runs / recipe
        if not (folder / BEST).exists():
            command = f"python -m services.trainer.cli.train {recipe}"
            raise NothingToBeginFrom(
                f"{folder} holds no best state yet; run `{command}` first, or let --base name a "
                "version of the same shape to begin with."
            )
        last = load_state(folder / LAST)
        best = Progress.from_json(last["progress"]).best
        return cls(
            recipe=recipe,
            weights=load_state(folder / BEST)["model"],
            vocabulary=Remi.load(folder),
            history={
                "recipe": recipe,
                "steps": best.step,
                "tokens": best.tokens,
                "seconds": best.seconds,
                "nats_per_note": best.held_out_nats_per_note,
                "music": [part["name"] for part in last["recipe"]["ingredients"]],
                "base": read_base(folder),
            },
        )

    def grow(self, training: Training, run: Path) -> None:
        """Let a training of a decoder of this width begin from here, and its run remember that."""
        model, vocabulary = training.model, training.material.vocabulary
        assert isinstance(model, Decoder)  # noqa: S101 - our own recipes say so
        assert isinstance(vocabulary, Remi)  # noqa: S101 - and this
        weights = dict(stacked(self.weights, model.config.layers))
        old, new = self.weights[EMBEDDING], model.state_dict()[EMBEDDING]
        training.begin_from(
            weights | {EMBEDDING: translated(old, self.vocabulary, vocabulary, new)}
        )
        (run / BASE).write_text(json.dumps(self.history), encoding="utf-8")


def stacked(weights: Mapping[str, Tensor], layers: int) -> Iterator[tuple[str, Tensor]]:
    """The weights with as many layers as asked for: all in their order, then all again."""
    by_layer: dict[int, list[tuple[str, Tensor]]] = {}
    for name, weight in weights.items():
        if not name.startswith(LAYERS):
            yield name, weight
            continue
        number, _, rest = name.removeprefix(LAYERS).partition(".")
        by_layer.setdefault(int(number), []).append((rest, weight))
    for layer in range(layers):
        for rest, weight in by_layer[layer % len(by_layer)]:
            yield f"{LAYERS}{layer}.{rest}", weight


def translated(old: Tensor, of: Remi, into: Remi, fresh: Tensor) -> Tensor:
    """[V, D]: rows for another vocabulary; what the old one cannot spell keeps its fresh row."""
    rows = fresh.clone()
    known = {symbols: token for token, symbols in enumerate(of.expansions) if symbols}
    for token, symbols in enumerate(into.expansions):
        if of.expansions[token : token + 1] == (symbols,):
            rows[token] = old[token]
        elif spelling := _spelt(symbols, known):
            rows[token] = old[torch.tensor(spelling)].mean(dim=0)
    named = _named(of)
    for name, token in _named(into).items():
        rows[token] = old[named[name]] if name in named else fresh[token]
    return rows


def _spelt(symbols: Sequence[Symbol], known: Mapping[tuple[Symbol, ...], int]) -> list[int]:
    """The known tokens that stand for these symbols, the longest first each time."""
    spelling: list[int] = []
    rest = tuple(symbols)
    while rest:
        longest = next(n for n in range(len(rest), 0, -1) if rest[:n] in known)
        spelling.append(known[rest[:longest]])
        rest = rest[longest:]
    return spelling


def _named(vocabulary: Remi) -> dict[str, int]:
    """The tokens that stand for no music, by name."""
    ids = (vocabulary.pad, vocabulary.bos, vocabulary.eos, vocabulary.fill, vocabulary.sep)
    return dict(zip(SPECIALS, ids, strict=True)) | dict(vocabulary.controls)
