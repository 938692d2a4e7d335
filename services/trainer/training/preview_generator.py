"""Preview notes of a run: a few bars that the model generates at each validation.

The seed is always the same, so the preview notes of successive validations are comparable.
"""

import copy
from itertools import islice

import numpy as np
import torch

from ostinato.schemas.notes import Metre, Note
from shared.models.backends import build_inference_model
from shared.models.checkpoints import Network
from shared.models.generate import generate
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.tokenizer import Tokenizer

BARS = 4
MAX_TOKENS = 384
"""Limit on the tokens, since an untrained model may never end its bars."""
SEED = 7


class PreviewGenerator:
    """Generates preview notes with networks that use the same tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._grammar = tokenizer.grammar()
        mask = np.where(tokenizer.fits_metre(Metre.FOUR_FOUR), 0, -np.inf).astype(np.float32)
        self._spec = GenerationSpec(
            pinned_prefix=(tokenizer.bos,),
            bars=BARS,
            seed=SEED,
            logit_biases=(torch.from_numpy(mask),) * BARS,
        )

    def generate(self, network: Network) -> list[Note]:
        """Preview notes of at most `BARS` bars, in order of start and pitch."""
        if next(network.parameters()).device.type != "cpu":
            network = copy.deepcopy(network).cpu()
        model = build_inference_model(network, torch.device("cpu"))
        tokens = generate(model, self._grammar, self._spec)
        return self._tokenizer.incremental_decoder(BARS).feed(islice(tokens, MAX_TOKENS))
