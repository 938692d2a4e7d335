"""llama.cpp as a baseline: its batch loop in bf16, with the same decoder in a GGUF file.

The library is not a dependency of the project; `make bench` builds it.
"""

import ctypes
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.models.decoder import NORM_EPS, Decoder
from tests.benchmarks.engine import BOS, LENGTH, TOP_K

LLAMA_CPP_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
"""Names of the parameters of a layer, in the decoder and in llama.cpp."""


class BaselineMissing(Exception):
    """A baseline is not installed; the message says what to do."""


class LlamaCpp:
    """The decoder in llama.cpp, with a context for `rows` sequences, on all cores."""

    def __init__(self, network: Decoder, rows: int, threads: int, folder: Path) -> None:
        """Write the model to `folder` and load it; raises BaselineMissing without the library."""
        self._rows = rows
        self._vocab_size = network.config.vocab_size
        path = folder / "decoder.gguf"
        if not path.exists():
            write_gguf(network, path)
        library = self._library
        library.llama_log_set(_silence(library), ctypes.c_void_p(0))
        library.llama_backend_init()
        self._model = library.llama_model_load_from_file(
            str(path).encode(), library.llama_model_default_params()
        )
        self._context = library.llama_init_from_model(self._model, self._parameters(threads))
        assert self._context, "llama.cpp did not create a context"
        self._batch = library.llama_batch_init(rows, 0, 1)

    @cached_property
    def _library(self) -> Any:  # noqa: ANN401 - the library has no types
        try:
            return import_module("llama_cpp")
        except (ImportError, OSError, RuntimeError) as error:
            raise BaselineMissing(
                f"llama.cpp is not installed ({error}). `make bench` compiles it: put a C++ "
                "compiler on the PATH, run it again, and see the output of pip."
            ) from error

    def generate(self, length: int = LENGTH) -> None:
        """Generate `length` tokens in every row."""
        library, rows = self._library, self._rows
        library.llama_memory_clear(library.llama_get_memory(self._context), True)  # noqa: FBT003
        tokens = np.full(rows, BOS)
        random = np.random.default_rng(0)
        for position in range(length):
            self._fill(tokens, position)
            assert library.llama_decode(self._context, self._batch) == 0
            pointer = library.llama_get_logits(self._context)
            logits = np.ctypeslib.as_array(pointer, shape=(rows, self._vocab_size))
            tokens = sample(logits, random)

    def _fill(self, tokens: NDArray[np.int64], position: int) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for row, token in enumerate(tokens.tolist()):
            batch.token[row] = token
            batch.pos[row] = position
            batch.n_seq_id[row] = 1
            batch.seq_id[row][0] = row
            batch.logits[row] = 1

    def _parameters(self, threads: int) -> Any:  # noqa: ANN401 - the library has no types
        parameters = self._library.llama_context_default_params()
        parameters.n_ctx = self._rows * LENGTH
        parameters.n_batch = parameters.n_ubatch = max(self._rows, 32)
        parameters.n_seq_max = self._rows
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.no_perf = True
        return parameters


def sample(logits: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.int64]:
    """Sample from the most likely tokens of each row [B, V] at temperature 1."""
    candidates = np.argpartition(logits, -TOP_K, axis=1)[:, -TOP_K:]
    scores = np.take_along_axis(logits, candidates, 1) + random.gumbel(size=candidates.shape)
    best = scores.argmax(1)[:, None]
    tokens: NDArray[np.int64] = np.take_along_axis(candidates, best, 1)[:, 0]
    return tokens


def write_gguf(network: Decoder, path: Path) -> None:
    """Write the decoder's weights, with the matrices in bf16.

    llama.cpp needs the rows of queries and keys in another order to compute the same function. They
    are not reordered, because the speed does not depend on the weights.
    """
    gguf = _gguf()
    writer = gguf.GGUFWriter(path, "llama")
    config = network.config
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.d_model)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.d_ff)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.heads)
    writer.add_layer_norm_rms_eps(NORM_EPS)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_vocab_size(config.vocab_size)
    writer.add_tokenizer_model("no_vocab")
    kind = gguf.GGMLQuantizationType.BF16
    for name, values in _tensors(network):
        if values.ndim == 1:
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(network: Decoder) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Every weight with its llama.cpp name."""
    outside_layers = {"model.embed_tokens": "token_embd", "model.norm": "output_norm"}
    for name, weight in network.state_dict().items():
        part = name.removesuffix(".weight")
        if part in outside_layers:
            llama_cpp_name = outside_layers[part]
        else:
            _, _, layer, rest = part.split(".", 3)
            llama_cpp_name = f"blk.{layer}.{LLAMA_CPP_NAMES[rest]}"
        yield f"{llama_cpp_name}.weight", weight.numpy()


def _gguf() -> Any:  # noqa: ANN401 - the library has no types
    try:
        return import_module("gguf")
    except ImportError as error:
        raise BaselineMissing(f"{error}: `make bench` installs it.") from error


_callbacks: list[object] = []
"""References to the callbacks, because the library holds none."""


def _silence(library: Any) -> object:  # noqa: ANN401 - the library has no types
    callback = library.llama_log_callback(lambda *_: None)
    _callbacks.append(callback)
    return callback
