"""The version that a run begins from: its weights and its vocabulary, if the recipe's model fits.

Refuses to train.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from torch import Tensor

from services.trainer.recipes.recipes import Recipe, Tokens
from services.trainer.training.trainer import build_network
from shared.errors import UserError
from shared.models.checkpoints import find_version, load_weights, read_card
from shared.models.decoder import DecoderConfig
from shared.models.lstm import LstmConfig
from shared.tokenizers.pitch_symbols import PitchSymbols
from shared.tokenizers.remi import FILE
from shared.tokenizers.vocabulary import load_vocabulary

Config: TypeAlias = DecoderConfig | LstmConfig

BASE = "base.json"
"""The file in a run's folder that names what it began from."""
COSTS = ("steps", "tokens", "seconds", "base")
"""What a card says of the run that its weights came from."""


class BaseDoesNotFit(UserError):
    """A recipe's model is another than the base's; take the recipe that the base was made by."""

    code = "base_does_not_fit"
    status = 422


class Base:
    """A version to begin from."""

    def __init__(self, checkpoints: Path, version: str) -> None:
        """Raises `InvalidCheckpoint`: it is not there, or its weights are not its card's."""
        self._folder = find_version(checkpoints, version)
        self.card = read_card(self._folder)

    def lend_vocabulary(self, recipe: Recipe, run: Path) -> None:
        """Let the run spell music as the base does, and remember which base it was.

        Raises:
            BaseDoesNotFit: the recipe spells it in another way.
        """
        vocabulary = load_vocabulary(self._folder)
        knows_symbols = isinstance(vocabulary, PitchSymbols)
        if knows_symbols is not (recipe.tokens is Tokens.PITCH_SYMBOLS):
            self._refuse(f"does not spell music in {recipe.tokens}")
        made_by, plain = self.card.training.get("recipe", {}), recipe.to_json()
        for name in ("tokens", "vocabulary"):
            if name in made_by and made_by[name] != plain[name]:
                self._refuse(f"was made with {name} {made_by[name]}, not {plain[name]}")
        run.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._folder / FILE, run / FILE)
        (run / BASE).write_text(json.dumps(self.history), encoding="utf-8")

    @property
    def history(self) -> dict[str, Any]:
        """Which weights they are and what they cost, for the card of whatever begins with them."""
        told = {name: self.card.training.get(name) for name in COSTS}
        surprise = self.card.evaluation.get("nats_per_note")
        music = self.card.training.get("recipe", {}).get("ingredients", [])
        return {
            "version": self.card.version,
            "sha256": self.card.sha256,
            **told,
            "nats_per_note": surprise,
            "music": [part["name"] for part in music],
            "dataset": self.card.training.get("request", {}).get("dataset"),
        }

    def weights_for(self, recipe: Recipe) -> Mapping[str, Tensor]:
        """What to begin with, in float32.

        Raises:
            BaseDoesNotFit: the recipe's network has another shape.
        """
        network = load_weights(self._folder)
        wanted = build_network(recipe, network.config.vocab_size).config
        if network.config != wanted:
            self._refuse(f"has {_differences(network.config, wanted)}")
        return network.state_dict()

    def _refuse(self, what: str) -> NoReturn:
        raise BaseDoesNotFit(f"{self.card.version} {what}; take the recipe that it was made by.")


def forget_base(run: Path) -> None:
    """Leave nothing in a run's folder of a base that it never took a step from."""
    if (run / BASE).exists():
        (run / FILE).unlink(missing_ok=True)
        (run / BASE).unlink()


def read_base(run: Path) -> dict[str, Any] | None:
    """What a run began from; None if it began with nothing."""
    file = run / BASE
    return json.loads(file.read_bytes()) if file.exists() else None


def _differences(of_base: Config, wanted: Config) -> str:
    if type(of_base) is not type(wanted):
        return f"a {type(of_base).__name__}, not a {type(wanted).__name__}"
    theirs, ours = asdict(of_base), asdict(wanted)
    unlike = [name for name in theirs if theirs[name] != ours[name]]
    return ", ".join(f"{name} {theirs[name]}, not {ours[name]}" for name in unlike)
