"""Fine-tuning: initial weights and tokenizer from an existing model version."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn, TypeAlias

import torch
from torch import Tensor

from ostinato.schemas.cards import BaseRecord
from services.trainer.recipes.recipe import Recipe, TokenizerKind
from services.trainer.training.network import build_network
from services.trainer.training.trainer import Trainer
from shared.card_migration import base_from_0_1_0
from shared.errors import UserError
from shared.models.checkpoints import find_version, load_weights, read_card
from shared.models.decoder import EMBEDDING, DecoderConfig
from shared.models.lstm import LstmConfig
from shared.tokenizers.extension import extend_vocabulary
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer
from shared.tokenizers.remi import CONTROL_TOKENS, FILE, RemiTokenizer
from shared.tokenizers.tokenizer import Tokenizer, load_tokenizer

NetworkConfig: TypeAlias = DecoderConfig | LstmConfig

BASE_FILE = "base.json"
"""The file in a run's folder that records what the run was initialized from."""


class BaseModelMismatch(UserError):
    """The tokenizer or network of the base model differs from the recipe's."""

    code = "base_model_mismatch"
    status = 422


class BaseModel:
    """A model version whose weights initialize a run."""

    def __init__(self, checkpoints_dir: Path, version: str) -> None:
        """Raises `InvalidCheckpoint` if the version does not exist or its files are damaged."""
        self._folder = find_version(checkpoints_dir, version)
        self.card = read_card(self._folder)

    def prepare(self, recipe: Recipe, run: Path) -> None:
        """Copy the base's tokenizer into the run's folder, and record the base there.

        Metres and control tokens of the recipe that it lacks are appended to the vocabulary.

        Raises:
            BaseModelMismatch: the recipe requires a different tokenizer.
        """
        tokenizer = load_tokenizer(self._folder)
        is_pitch_symbols = isinstance(tokenizer, PitchSymbolTokenizer)
        if is_pitch_symbols is not (recipe.tokenizer is TokenizerKind.PITCH_SYMBOLS):
            self._fail(f"does not use the tokenizer {recipe.tokenizer}")
        if trained_with := self.card.training.recipe:
            for name in ("tokenizer", "vocab_size"):
                actual, wanted = getattr(trained_with, name), getattr(recipe, name)
                if actual != wanted:
                    self._fail(f"was trained with {name} {actual}, not {wanted}")
        run.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._folder / FILE, run / FILE)
        if not is_pitch_symbols:
            control_tokens = CONTROL_TOKENS if recipe.examples.control_rate else ()
            extend_vocabulary(run, recipe.metres, control_tokens)
        write_base_record(self.record, run)

    def initialize(self, trainer: Trainer, _: Path) -> None:
        """Set the initial weights of a trainer; BaseModelMismatch if they have another shape."""
        trainer.load_initial_weights(self.weights_for(trainer.recipe, trainer.data.tokenizer))

    @property
    def record(self) -> BaseRecord:
        """The weights, cost and data of the base, for the card of the fine-tuned version."""
        training = self.card.training
        recipe = training.recipe
        return BaseRecord(
            version=self.card.version,
            sha256=self.card.sha256,
            steps=training.steps,
            tokens=training.tokens,
            seconds=training.seconds,
            base=training.base,
            nats_per_note=self.card.evaluation.nats_per_note,
            datasets=tuple(dataset.name for dataset in recipe.datasets) if recipe else (),
            requested_dataset=training.request.dataset if training.request else None,
        )

    def weights_for(self, recipe: Recipe, tokenizer: Tokenizer) -> Mapping[str, Tensor]:
        """The initial weights, in float32; `tokenizer` is that of the run.

        The embedding of each token that is appended to the vocabulary is the one of the line of a
        bar in 4/4 if it is the line of a bar, and the mean embedding of the base otherwise.

        Raises:
            BaseModelMismatch: the recipe's network has a different shape.
        """
        network = load_weights(self._folder)
        wanted = build_network(recipe, network.config.vocab_size).config
        if network.config != wanted:
            self._fail(f"has {_differences(network.config, wanted)}")
        weights = network.state_dict()
        if isinstance(tokenizer, RemiTokenizer) and isinstance(network.config, DecoderConfig):
            old = weights[EMBEDDING]
            line, mean = old[tokenizer.empty_bar()], old.mean(dim=0)
            appended = range(len(old), tokenizer.vocab_size)
            new = [line if tokenizer.opens_bar[token] else mean for token in appended]
            weights[EMBEDDING] = torch.cat((old, *(row[None] for row in new)))
        return weights

    def _fail(self, difference: str) -> NoReturn:
        raise BaseModelMismatch(
            f"{self.card.version} {difference}; use the recipe that it was trained with."
        )


def write_base_record(record: BaseRecord, run: Path) -> None:
    """Record in a run's folder what the run was initialized from."""
    (run / BASE_FILE).write_text(record.model_dump_json(), encoding="utf-8")


def clear_base(run: Path) -> None:
    """Remove the tokenizer and record of an earlier base, before a run starts without a base."""
    if (run / BASE_FILE).exists():
        (run / FILE).unlink(missing_ok=True)
        (run / BASE_FILE).unlink()


def read_base_record(run: Path) -> BaseRecord | None:
    """What a run was initialized from; None if its initial weights are random."""
    file = run / BASE_FILE
    if not file.exists():
        return None
    # Records of release 0.1.0 have other keys; later records are not changed.
    return BaseRecord.model_validate(base_from_0_1_0(json.loads(file.read_bytes())))


def _differences(config: NetworkConfig, wanted: NetworkConfig) -> str:
    if type(config) is not type(wanted):
        return f"a {type(config).__name__}, not a {type(wanted).__name__}"
    actual, expected = asdict(config), asdict(wanted)
    unequal = [name for name in actual if actual[name] != expected[name]]
    return ", ".join(f"{name} {actual[name]}, not {expected[name]}" for name in unequal)
