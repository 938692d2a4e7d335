"""The models that this worker has loaded.

A checkpoint is loaded beside the old weights of its version and replaces them after a self-test;
shards that started with the old weights finish with them.
"""

import logging
from collections.abc import Collection, KeysView
from dataclasses import dataclass
from pathlib import Path

import torch

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.models import ModelCard
from services.worker.engine.model_runner import ModelRunner
from shared.broker.stream_entries import note_origin
from shared.midi.receipt import melody_numerics
from shared.midi.writer import write_midi
from shared.models.backends import load_checkpoint
from shared.models.checkpoints import InvalidCheckpoint, find_checkpoint
from shared.models.generate import generate
from shared.models.numerics import numerics_id
from shared.models.sampling_params import GenerationSpec
from shared.models.self_check import is_batch_invariant
from shared.tokenizers.tokenizer import Tokenizer, load_tokenizer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """One checkpoint, ready to generate."""

    card: ModelCard
    tokenizer: Tokenizer
    runner: ModelRunner
    numerics: str
    """The numerics id: number format, kernels, torch version and processor."""

    def numerics_of(self, request: GenerationRequest) -> str:
        """The numerics id of the melodies of a request."""
        return melody_numerics(self.numerics, regenerates=request.regenerate is not None)

    def origin(self, request: GenerationRequest) -> str:
        """What determines the notes of a request and a seed."""
        return note_origin(self.card.sha256, self.numerics_of(request))


class ModelRegistry:
    """The loaded models by version; a shard keeps the model that it started with."""

    def __init__(self, checkpoints_dir: Path, *, device: torch.device, max_num_seqs: int) -> None:
        self._checkpoints_dir = checkpoints_dir
        self._device = device
        self._max_num_seqs = max_num_seqs
        self._loaded: dict[str, LoadedModel] = {}
        self._withdrawn: dict[str, LoadedModel] = {}
        """For shards that were claimed just before their model was withdrawn."""

    def __getitem__(self, version: str) -> LoadedModel:
        return self._loaded.get(version) or self._withdrawn[version]

    @property
    def versions(self) -> KeysView[str]:
        """The loaded versions; a view that follows later loads."""
        return self._loaded.keys()

    @property
    def held_versions(self) -> set[str]:
        """The versions in memory: the loaded ones, and those that were withdrawn."""
        return self._loaded.keys() | self._withdrawn.keys()

    @property
    def sha256_by_version(self) -> dict[str, str]:
        """The SHA-256 of each version's weights."""
        return {version: model.card.sha256 for version, model in self._loaded.items()}

    @property
    def numerics_by_version(self) -> dict[str, str]:
        """The numerics id of each version."""
        return {version: model.numerics for version, model in self._loaded.items()}

    def load(self, version: str, sha256: str) -> LoadedModel:
        """Load and test the checkpoint of a version with these weights; this takes seconds.

        Raises:
            InvalidCheckpoint: the checkpoint is missing, contradicts its card, or fails the test.
        """
        folder = find_checkpoint(self._checkpoints_dir, version, sha256)
        checkpoint = load_checkpoint(folder, self._device)
        tokenizer = load_tokenizer(folder)
        model = LoadedModel(
            card=checkpoint.card,
            tokenizer=tokenizer,
            runner=ModelRunner(
                checkpoint.model, tokenizer.grammar(), max_num_seqs=self._max_num_seqs
            ),
            numerics=numerics_id(checkpoint.model),
        )
        _self_test(model, folder)
        return model

    def activate(self, model: LoadedModel) -> None:
        """Use this model for shards that start from now on."""
        card = model.card
        self._loaded[card.version] = model
        self._withdrawn.pop(card.version, None)
        log.info("Loaded %s (%s), numerics %s.", card.version, card.sha256[:12], model.numerics)

    def withdraw(self, version: str) -> None:
        """Claim no more shards for the loaded model of this version."""
        self._withdrawn[version] = self._loaded.pop(version)

    def keep_only(self, versions: Collection[str]) -> None:
        """Unload all other versions; shards that run keep their models."""
        for version in self.held_versions - {*versions}:
            self._loaded.pop(version, None)
            self._withdrawn.pop(version, None)
            log.info("Unloaded %s.", version)


def _self_test(model: LoadedModel, folder: Path) -> None:
    """Check that logits are finite and batch-invariant, and that a bar can be generated."""
    tokenizer, network = model.tokenizer, model.runner.model
    spec = GenerationSpec(pinned_prefix=(tokenizer.bos,), bars=1, seed=0, min_p=0.03)
    zero = torch.zeros(1, dtype=torch.int64)
    logits = network.init_state(1).forward(zero, torch.tensor([tokenizer.bos]), zero)
    if not bool(logits.isfinite().all()):
        raise InvalidCheckpoint(f"{folder}: its logits are not finite; train the model again.")
    if not is_batch_invariant(network):
        raise InvalidCheckpoint(
            f"{folder}: on this machine its logits depend on the batch ({numerics_id(network)}), "
            "so a seed would not be reproducible; use another machine, and report this processor."
        )
    try:
        tokens = list(generate(network, tokenizer.grammar(), spec))
        notes = tokenizer.incremental_decoder(1).feed(tokens)
        write_midi(notes, tempo=120, instrument=0, bars=1)
    except Exception as error:
        raise InvalidCheckpoint(f"{folder}: it cannot generate one bar: {error}") from error
