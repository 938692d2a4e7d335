"""What this worker can play: for each version the model and the vocabulary of one checkpoint.

A checkpoint is tried before it is taken on: it has to write a bar. Refuses to know which weights
are to be served, and weights that are not the ones that their card names.
"""

import logging
from collections.abc import KeysView
from dataclasses import dataclass
from pathlib import Path

import torch

from ostinato.schemas.models import ModelCard
from services.worker.engine.model_runner import Runner
from shared.models.checkpoints import InvalidCheckpoint, find_checkpoint, load_checkpoint
from shared.models.generate import generate
from shared.models.numerics import numerics_id
from shared.models.sampling_params import SampleRequest
from shared.models.self_check import is_row_invariant
from shared.tokenizers.midi_file import write_midi
from shared.tokenizers.vocabulary import Vocabulary, load_vocabulary

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One checkpoint, ready to play."""

    card: ModelCard
    vocabulary: Vocabulary
    runner: Runner
    numerics: str


class Repertoire:
    """The versions that are resident; whoever began with one keeps it, whatever replaces it."""

    def __init__(self, checkpoints: Path, *, device: torch.device, slots: int) -> None:
        self._checkpoints = checkpoints
        self._device = device
        self._slots = slots
        self._versions: dict[str, Version] = {}

    def __getitem__(self, name: str) -> Version:
        return self._versions[name]

    @property
    def names(self) -> KeysView[str]:
        """Versions that can be played; a view."""
        return self._versions.keys()

    @property
    def weights(self) -> dict[str, str]:
        """The SHA-256 of each version's weights."""
        return {name: version.card.sha256 for name, version in self._versions.items()}

    @property
    def numerics(self) -> dict[str, str]:
        """The arithmetic of each version."""
        return {name: version.numerics for name, version in self._versions.items()}

    def load(self, name: str, sha256: str) -> Version:
        """Read and try the checkpoint of a version with these weights; takes seconds.

        Raises:
            InvalidCheckpoint: there is none, it is not what its card says, or it writes no bar.
        """
        folder = find_checkpoint(self._checkpoints, name, sha256)
        checkpoint = load_checkpoint(folder, self._device)
        vocabulary = load_vocabulary(folder)
        version = Version(
            card=checkpoint.card,
            vocabulary=vocabulary,
            runner=Runner(checkpoint.model, vocabulary.grammar(), slots=self._slots),
            numerics=numerics_id(checkpoint.model),
        )
        _try(version, folder)
        return version

    def install(self, version: Version) -> None:
        """Let it play from now on, in the place of other weights of its version."""
        card = version.card
        self._versions[card.version] = version
        log.info("Resident: %s (%s), in %s.", card.version, card.sha256[:12], version.numerics)


def _try(version: Version, folder: Path) -> None:
    """Write a bar by the naive loop, as far as a file, from logits that are numbers."""
    vocabulary, model = version.vocabulary, version.runner.model
    request = SampleRequest(head=(vocabulary.bos,), bars=1, seed=0, min_p=0.03)
    begin = torch.zeros(1, dtype=torch.int64)
    first = model.init_state(1).extend(begin, torch.tensor([vocabulary.bos]), begin)
    if not bool(first.isfinite().all()):
        raise InvalidCheckpoint(f"{folder}: its logits are no numbers; train it again.")
    if not is_row_invariant(model):
        raise InvalidCheckpoint(
            f"{folder}: on this machine its bits depend on the batch ({numerics_id(model)}), so no "
            "seed could be promised anything; tell us the processor, and use another machine."
        )
    try:
        tokens = list(generate(model, vocabulary.grammar(), request))
        notes = vocabulary.stream(1).feed(tokens)
        write_midi(notes, tempo=120, instrument=0, bars=1)
    except Exception as error:
        raise InvalidCheckpoint(f"{folder}: it writes no bar: {error}") from error
