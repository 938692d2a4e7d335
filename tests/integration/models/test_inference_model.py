"""The contract of every `InferenceModel` at the shapes of versions: the unit tests' functions.

The kernels that torch and the native code choose depend on the shapes.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from shared.models.cuda_graph_decoder import CudaGraphDecoder
from shared.models.decoder import DecoderConfig
from shared.models.inference_model import InferenceModel
from shared.models.lstm import LstmConfig
from shared.models.native.decoder import NativeDecoder
from shared.models.native.lstm import NativeLstm
from shared.models.torch_decoder import TorchDecoder
from shared.models.torch_lstm import TorchLstm
from tests.unit.shared.models.test_inference_model import (
    CPU,
    expected,
    no_capture,
    sequences,
    test_a_prefill_in_chunks_beside_a_decoding_sequence_equals_one_in_one_step,
    test_a_sequence_continues_in_another_slot,
    test_a_slot_keeps_nothing_of_its_previous_sequence,
    test_bits_are_equal_token_by_token_in_another_slot_beside_other_sequences,
    test_bits_do_not_depend_on_other_sequences,
    test_bits_do_not_depend_on_the_number_of_threads,
    test_logits_are_close_to_the_decoder,
)
from tests.unit.shared.models.tiny_models import native_library, tiny_decoder, tiny_lstm

__all__ = [
    "expected",
    "sequences",
    "test_a_prefill_in_chunks_beside_a_decoding_sequence_equals_one_in_one_step",
    "test_a_sequence_continues_in_another_slot",
    "test_a_slot_keeps_nothing_of_its_previous_sequence",
    "test_bits_are_equal_token_by_token_in_another_slot_beside_other_sequences",
    "test_bits_do_not_depend_on_other_sequences",
    "test_bits_do_not_depend_on_the_number_of_threads",
    "test_logits_are_close_to_the_decoder",
]

MINI = DecoderConfig(vocab_size=512, layers=2, heads=4, d_model=256, d_ff=1024, context=512)
WIDE = DecoderConfig(vocab_size=1000, layers=1, heads=8, d_model=512, d_ff=2048, context=512)
SHORT = replace(MINI, context=120)
"""Every pass of the CUDA graph decoder attends over its whole context."""
NUMBERS = LstmConfig(vocab_size=629, units=(256, 512, 256))
MODELS: dict[str, Callable[[], InferenceModel]] = {
    "torch decoder, mini": lambda: TorchDecoder(tiny_decoder(MINI), CPU),
    "torch decoder, wide": lambda: TorchDecoder(tiny_decoder(WIDE), CPU),
    "uncaptured decoder": lambda: CudaGraphDecoder(tiny_decoder(SHORT), CPU, no_capture),
    "native decoder, mini": lambda: NativeDecoder(tiny_decoder(MINI), native_library()),
    "native decoder, wide": lambda: NativeDecoder(tiny_decoder(WIDE), native_library()),
    "torch LSTM": lambda: TorchLstm(tiny_lstm(NUMBERS), CPU),
    "native LSTM": lambda: NativeLstm(tiny_lstm(NUMBERS), native_library()),
}
if torch.cuda.is_available():
    MODELS["CUDA graph decoder"] = lambda: CudaGraphDecoder(
        tiny_decoder(MINI), torch.device("cuda")
    )


@pytest.fixture(scope="module", params=list(MODELS))
def model(request: pytest.FixtureRequest) -> InferenceModel:
    return MODELS[request.param]()


@pytest.fixture(params=[MINI, WIDE], ids=["mini", "wide"])
def config(request: pytest.FixtureRequest) -> DecoderConfig:
    shape: DecoderConfig = request.param
    return shape
