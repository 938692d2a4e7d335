"""A network and a vocabulary small enough to write many pieces with in a test.

In a bar of this language every word A is followed by a word B. Token ids: PAD, BOS, EOS, a bar
line, four bar lines that bring a pair of words along, then the words.
"""

import ctypes

import numpy as np
import torch

from shared.models.checkpoints import make_resident
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.inference_model import Model
from shared.models.lstm import Lstm, LstmConfig
from shared.models.native.build import library
from shared.tokenizers.grammar import GrammarTable

BOS, EOS, BAR = 1, 2, 3
BARS = range(BAR, 8)
WORDS_A, WORDS_B = range(8, 36), range(36, 64)
CONTEXT = 64

CONFIG = DecoderConfig(vocab_size=64, layers=2, heads=2, d_model=64, d_ff=128, context=CONTEXT)


def toy_grammar() -> GrammarTable:
    start, begun, in_bar, after_a, ended = range(5)
    next_state = np.full((5, CONFIG.vocab_size), -1, dtype=np.int16)
    next_state[start, BOS] = begun
    next_state[[begun, in_bar], BAR : BARS.stop] = in_bar
    next_state[in_bar, WORDS_A.start : WORDS_A.stop] = after_a
    next_state[after_a, WORDS_B.start : WORDS_B.stop] = in_bar
    next_state[in_bar, EOS] = ended
    bars = np.isin(np.arange(CONFIG.vocab_size), BARS).astype(np.int16)
    lines = np.zeros(5, dtype=np.bool_)
    return GrammarTable(next_state=next_state, bars=bars, lines=lines, bos=BOS, eos=EOS)


def toy_decoder(config: DecoderConfig = CONFIG) -> Decoder:
    """Random weights, large enough that what it says depends on what it saw."""
    torch.manual_seed(7)
    decoder = Decoder(config)
    for name, weight in decoder.named_parameters():
        if not name.endswith("norm.weight"):
            weight.data *= 8
    return decoder


def toy_lstm(config: LstmConfig) -> Lstm:
    """Random weights, large enough that what it says depends on what it saw."""
    torch.manual_seed(7)
    lstm = Lstm(config)
    for weight in lstm.parameters():
        weight.data *= 3
    return lstm.eval()


def toy_model(config: DecoderConfig = CONFIG) -> Model:
    """As a worker would have it on this machine."""
    return make_resident(toy_decoder(config), torch.device("cpu"))


def native_code() -> ctypes.CDLL:
    """The native code; a machine that tests it has a compiler."""
    code = library()
    assert code is not None, "no C++ compiler: install g++"
    return code
