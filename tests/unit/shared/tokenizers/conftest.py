"""Fixtures for the tests of this folder."""

import pytest

from shared.tokenizers.grammar import GrammarTable
from shared.tokenizers.remi import RemiTokenizer
from tests.support.music.random_pieces import random_piece


@pytest.fixture(scope="session")
def remi() -> RemiTokenizer:
    return RemiTokenizer.train([random_piece(seed) for seed in range(60)], vocab_size=512)


@pytest.fixture(scope="session")
def grammar(remi: RemiTokenizer) -> GrammarTable:
    return remi.grammar()
