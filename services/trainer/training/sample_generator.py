"""What a model writes while it still learns: a few bars, by the same chances each time.

So that one hears what has changed since. Refuses to judge.
"""

from itertools import islice

import torch

from ostinato.schemas.notes import Note
from shared.models.checkpoints import Network, make_resident
from shared.models.generate import generate
from shared.models.sampling_params import SampleRequest
from shared.tokenizers.vocabulary import Vocabulary

BARS = 4
MOST_TOKENS = 384
"""Whoever knows nothing yet writes without end."""
SEED = 7


class Audition:
    """Hears any number of models of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._grammar = vocabulary.grammar()
        self._request = SampleRequest(head=(vocabulary.bos,), bars=BARS, seed=SEED)

    def hear(self, network: Network) -> list[Note]:
        """The notes of the bars, in order of start and pitch."""
        model = make_resident(network, torch.device("cpu"))
        tokens = generate(model, self._grammar, self._request)
        return self._vocabulary.stream(BARS).feed(islice(tokens, MOST_TOKENS))
