"""Contract tests of every `InferenceModel`: batch invariance and accuracy.

Here the networks are tiny; tests/integration/models runs the same tests at the shapes of versions.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from shared.models.checkpoints import Network
from shared.models.cuda_graph_decoder import CudaGraphDecoder, ForwardPass
from shared.models.decoder import DecoderConfig
from shared.models.inference_model import InferenceModel, InferenceState
from shared.models.lstm import Lstm, LstmConfig
from shared.models.native.decoder import NativeDecoder
from shared.models.native.lstm import NativeLstm
from shared.models.torch_decoder import TorchDecoder
from shared.models.torch_lstm import TorchLstm
from tests.unit.shared.models.tiny_models import CONFIG, native_library, tiny_decoder, tiny_lstm

CPU = torch.device("cpu")
NUMBERS = LstmConfig(vocab_size=61, units=(32, 48, 32))
EMBEDDED = LstmConfig(vocab_size=64, units=(48, 48), embedding=16)
SLOTS, MAX_LENGTH = 34, 100
LONG = 5  # sequences of up to the maximum length; the others are short


def no_capture(run: ForwardPass) -> ForwardPass:
    """Replaces the capture of a CUDA graph, the only part that a CPU cannot run."""
    return run


MODELS: dict[str, Callable[[], InferenceModel]] = {
    "torch decoder": lambda: TorchDecoder(tiny_decoder(), CPU),
    "uncaptured decoder": lambda: CudaGraphDecoder(tiny_decoder(), CPU, no_capture),
    "native decoder": lambda: NativeDecoder(tiny_decoder(), native_library()),
    "torch LSTM, numbers": lambda: TorchLstm(tiny_lstm(NUMBERS), CPU),
    "torch LSTM, embedded": lambda: TorchLstm(tiny_lstm(EMBEDDED), CPU),
    "native LSTM, numbers": lambda: NativeLstm(tiny_lstm(NUMBERS), native_library()),
    "native LSTM, embedded": lambda: NativeLstm(tiny_lstm(EMBEDDED), native_library()),
}


@pytest.fixture(scope="module", params=list(MODELS))
def model(request: pytest.FixtureRequest) -> InferenceModel:
    return MODELS[request.param]()


@pytest.fixture
def config() -> DecoderConfig:
    return CONFIG


@pytest.fixture(scope="module")
def sequences(model: InferenceModel) -> list[Tensor]:
    """One for each slot, from one token to a full context."""
    generator = torch.Generator().manual_seed(3)
    max_length = min(model.context, MAX_LENGTH)
    lengths = torch.randint(1, max_length, (SLOTS,), generator=generator)
    lengths[:3] = torch.tensor([1, max_length, max_length // 2])
    lengths[LONG:].clamp_(max=20)
    if "lstm" in model.kernels:
        lengths = lengths.clamp(max=12)  # an LSTM processes one token at a time
    return [
        torch.randint(0, model.vocab_size, (int(length),), generator=generator)
        for length in lengths
    ]


def last_logits(state: InferenceState, *parts: tuple[int, Tensor], start: int = 0) -> Tensor:
    """The logits after the last token of each (slot, tokens), processed from position `start`."""
    slots = torch.cat([torch.full((len(tokens),), slot) for slot, tokens in parts])
    positions = torch.cat([torch.arange(start, start + len(tokens)) for _, tokens in parts])
    logits = state.forward(slots, torch.cat([tokens for _, tokens in parts]), positions)
    return logits[torch.tensor([len(tokens) for _, tokens in parts]).cumsum(0) - 1]


@pytest.fixture(scope="module")
def expected(model: InferenceModel, sequences: list[Tensor]) -> Tensor:
    """The logits after each sequence alone, in the first slot of a new state."""
    return torch.cat([last_logits(model.init_state(1), (0, sequence)) for sequence in sequences])


def test_bits_do_not_depend_on_other_sequences(
    model: InferenceModel, sequences: list[Tensor], expected: Tensor
) -> None:
    for count in (2, 3, 7, 33):
        logits = last_logits(model.init_state(count), *enumerate(sequences[:count]))
        assert torch.equal(logits, expected[:count]), count


def test_bits_are_equal_token_by_token_in_another_slot_beside_other_sequences(
    model: InferenceModel, sequences: list[Tensor], expected: Tensor
) -> None:
    state = model.init_state(SLOTS)
    # sorted, so that the slots in use are contiguous
    order = sorted(range(SLOTS), key=lambda index: -len(sequences[index]))
    for position in range(min(len(sequences[order[0]]), 80)):
        active = [index for index in order if len(sequences[index]) > position]
        slots = torch.arange(len(active))
        tokens = torch.stack([sequences[index][position] for index in active])
        logits = state.forward(slots, tokens, torch.full_like(slots, position))
        for slot, index in enumerate(active):
            if len(sequences[index]) == position + 1:
                assert torch.equal(logits[slot], expected[index]), (position, index)


def test_a_prefill_in_chunks_beside_a_decoding_sequence_equals_one_in_one_step(
    model: InferenceModel, sequences: list[Tensor], expected: Tensor
) -> None:
    state, decoding = model.init_state(2), sequences[2]
    prompt = torch.cat((decoding, decoding.flip(0)))[: 2 * (len(decoding) - 1)]
    in_one_step = last_logits(model.init_state(1), (0, prompt))
    logits = torch.empty(0)
    for position in range(len(decoding) - 1):
        chunk = prompt[2 * position : 2 * position + 2]
        slots = torch.tensor([0, *[1] * len(chunk)])
        positions = torch.tensor([position, *range(2 * position, 2 * position + len(chunk))])
        tokens = torch.cat((decoding[position : position + 1], chunk))
        logits = state.forward(slots, tokens, positions)
    assert torch.equal(logits[-1:], in_one_step)
    last = last_logits(state, (0, decoding[-1:]), start=len(decoding) - 1)
    assert torch.equal(last[0], expected[2])


def test_bits_do_not_depend_on_the_number_of_threads(
    model: InferenceModel, sequences: list[Tensor], expected: Tensor
) -> None:
    torch.set_num_threads(3)
    logits = last_logits(model.init_state(9), *enumerate(sequences[:9]))
    torch.set_num_threads(1)
    assert torch.equal(logits, expected[:9])


def test_a_slot_keeps_nothing_of_its_previous_sequence(
    model: InferenceModel, sequences: list[Tensor], expected: Tensor
) -> None:
    state = model.init_state(2)
    last_logits(state, (0, sequences[1]), (1, sequences[4]))
    assert torch.equal(last_logits(state, (0, sequences[2]), (1, sequences[0]))[0], expected[2])


def test_a_sequence_continues_in_another_slot(
    model: InferenceModel, sequences: list[Tensor], expected: Tensor
) -> None:
    state, moved = model.init_state(4), sequences[2]
    last_logits(state, (3, moved[:-1]), (1, sequences[5]))
    state.move(3, 1)
    last_logits(state, (3, sequences[6]))
    logits = last_logits(state, (1, moved[-1:]), start=len(moved) - 1)
    assert torch.equal(logits[0], expected[2])


@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
def test_logits_are_close_to_the_decoder(config: DecoderConfig, *, native: bool) -> None:
    decoder = tiny_decoder(config)
    model = NativeDecoder(decoder, native_library()) if native else TorchDecoder(decoder, CPU)
    ids = torch.randint(0, config.vocab_size, (min(config.context, 200),))
    logits = model.init_state(1).forward(torch.zeros_like(ids), ids, torch.arange(len(ids)))
    exact = tiny_decoder(config)(ids[None])[0]
    in_bf16 = tiny_decoder(config).bfloat16()(ids[None])[0]
    assert logits.dtype == torch.float32
    bound = 4 if native else 1.5  # native code multiplies 8-bit numbers
    assert (logits - exact).norm() < bound * (in_bf16 - exact).norm()


@pytest.mark.parametrize("config", [NUMBERS, EMBEDDED], ids=["numbers", "embedded"])
@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
@torch.inference_mode()
def test_lstm_steps_are_close_to_nn_lstm_over_the_whole_sequence(
    config: LstmConfig, *, native: bool
) -> None:
    lstm = tiny_lstm(config)
    ids, logits = run_steps(lstm, native=native)
    assert (logits - lstm(ids)).abs().max() <= 1e-5


def run_steps(lstm: Lstm, *, native: bool) -> tuple[Tensor, Tensor]:
    """Random ids [B, T], and their logits [B, T, V] computed one token at a time."""
    model = NativeLstm(lstm, native_library()) if native else TorchLstm(lstm, CPU)
    assert all(isinstance(layer, nn.LSTM) for layer in lstm.layers)
    ids = random_ids(lstm.config)
    state, slots = model.init_state(len(ids)), torch.arange(len(ids))
    steps = [state.forward(slots, ids[:, i], slots * 0 + i) for i in range(ids.shape[1])]
    return ids, torch.stack(steps, dim=1)


def random_ids(config: LstmConfig) -> Tensor:
    """Four sequences of 60 tokens, [B, T]."""
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, config.vocab_size, (4, 60), generator=generator)


@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
def test_loading_for_inference_does_not_change_the_network(*, native: bool) -> None:
    """On torch, the inference model is on another device than the network."""
    other_device = torch.device("meta")
    lstm, decoder = tiny_lstm(NUMBERS).train(), tiny_decoder(CONFIG)
    if native:
        NativeLstm(lstm, native_library())
        NativeDecoder(decoder, native_library())
    else:
        TorchLstm(lstm, other_device)
        TorchDecoder(decoder, other_device)
    for network in (lstm, decoder):
        assert all(part.training for part in network.modules())
        assert {weight.device for weight in network.parameters()} == {CPU}
        assert all(weight.requires_grad for weight in network.parameters())


@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
@pytest.mark.parametrize(
    "build", [lambda: tiny_lstm(EMBEDDED), tiny_decoder], ids=["LSTM", "decoder"]
)
def test_later_changes_of_the_network_do_not_change_the_inference_model(
    build: Callable[[], Network], *, native: bool
) -> None:
    network, ids = build(), torch.arange(20)
    model: InferenceModel
    if isinstance(network, Lstm):
        model = NativeLstm(network, native_library()) if native else TorchLstm(network, CPU)
    else:
        model = NativeDecoder(network, native_library()) if native else TorchDecoder(network, CPU)
    before = last_logits(model.init_state(1), (0, ids))
    for weight in network.parameters():
        weight.data.fill_(0.5)
    assert torch.equal(last_logits(model.init_state(1), (0, ids)), before)


@pytest.mark.parametrize("name", ["native decoder", "native LSTM, numbers"])
def test_native_code_rejects_a_token_outside_the_vocabulary(name: str) -> None:
    model = MODELS[name]()
    with pytest.raises(IndexError):
        last_logits(model.init_state(1), (0, torch.tensor([model.vocab_size])))
