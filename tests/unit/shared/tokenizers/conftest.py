"""One vocabulary for all tests of this folder."""

import pytest

from shared.tokenizers.grammar import GrammarTable
from shared.tokenizers.remi import Remi
from tests.unit.shared.tokenizers.music import piece


@pytest.fixture(scope="session")
def remi() -> Remi:
    return Remi.train([piece(seed) for seed in range(60)], vocab_size=512)


@pytest.fixture(scope="session")
def grammar(remi: Remi) -> GrammarTable:
    return remi.grammar()
