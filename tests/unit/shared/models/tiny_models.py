"""Networks and a grammar small enough to generate many sequences in a test.

In every bar, each word A is followed by a word B. Token ids: PAD, BOS, EOS, a bar line, four tokens
that are a bar line with a pair of words, then the words.
"""

import ctypes

import numpy as np
import torch

from shared.models.backends import build_inference_model
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.inference_model import InferenceModel
from shared.models.lstm import Lstm, LstmConfig
from shared.models.native.build import load_library
from shared.tokenizers.grammar import GrammarTable

BOS, EOS, BAR = 1, 2, 3
BARS = range(BAR, 8)
WORDS_A, WORDS_B = range(8, 36), range(36, 64)
CONTEXT = 64

CONFIG = DecoderConfig(vocab_size=64, layers=2, heads=2, d_model=64, d_ff=128, context=CONTEXT)


def tiny_grammar() -> GrammarTable:
    start, after_bos, in_bar, after_a, ended = range(5)
    next_state = np.full((5, CONFIG.vocab_size), -1, dtype=np.int16)
    next_state[start, BOS] = after_bos
    next_state[[after_bos, in_bar], BAR : BARS.stop] = in_bar
    next_state[in_bar, WORDS_A.start : WORDS_A.stop] = after_a
    next_state[after_a, WORDS_B.start : WORDS_B.stop] = in_bar
    next_state[in_bar, EOS] = ended
    return GrammarTable(
        next_state=next_state,
        opens_bar=np.isin(np.arange(CONFIG.vocab_size), BARS),
        at_bar_line=np.zeros(5, dtype=np.bool_),
        bos=BOS,
        eos=EOS,
    )


def tiny_decoder(config: DecoderConfig = CONFIG) -> Decoder:
    """Random weights, large enough that the logits depend on the input."""
    torch.manual_seed(7)
    decoder = Decoder(config)
    for name, weight in decoder.named_parameters():
        if not name.endswith("norm.weight"):
            weight.data *= 8
    return decoder


def tiny_lstm(config: LstmConfig) -> Lstm:
    """Random weights, large enough that the logits depend on the input."""
    torch.manual_seed(7)
    lstm = Lstm(config)
    for weight in lstm.parameters():
        weight.data *= 3
    return lstm.eval()


def tiny_model(config: DecoderConfig = CONFIG) -> InferenceModel:
    """A tiny decoder on the backend that a worker uses on this machine."""
    return build_inference_model(tiny_decoder(config), torch.device("cpu"))


def native_library() -> ctypes.CDLL:
    """The compiled native code; the test fails without a compiler."""
    library = load_library()
    assert library is not None, "no C++ compiler: install g++"
    return library
