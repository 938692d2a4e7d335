"""What every network behind the seam promises, on torch and as native code: the same to the last
bit in any company, place and portion; and right, as far as its number format goes.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from shared.models.checkpoints import Network, load_weights
from shared.models.cuda_graph_decoder import Pass, ResidentOnGpu
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.inference_model import Model, State
from shared.models.lstm import Lstm, LstmConfig
from shared.models.native.decoder import NativeDecoder
from shared.models.native.lstm import NativeLstm
from shared.models.torch_decoder import Resident
from shared.models.torch_lstm import ResidentLstm
from tests.conftest import CHECKPOINTS, ROOT
from tests.unit.shared.models.toys import CONFIG, native_code, toy_decoder, toy_lstm

CPU = torch.device("cpu")
MINI = DecoderConfig(vocab_size=512, layers=4, heads=4, d_model=256, d_ff=1024, context=512)
WIDE = DecoderConfig(vocab_size=1000, layers=1, heads=8, d_model=512, d_ff=2048, context=512)
NUMBERS = LstmConfig(vocab_size=629, units=(256, 512, 256))
EMBEDDED = LstmConfig(vocab_size=64, units=(48, 48), embedding=16)
ROWS, LONGEST = 34, 150


def unrecorded(run: Pass) -> Pass:
    """Stands in for the recording of a CUDA graph, the one part that a CPU cannot run."""
    return run


MODELS: dict[str, Callable[[], Model]] = {
    "decoder on torch, toy": lambda: Resident(toy_decoder(CONFIG), CPU),
    "decoder on torch, mini": lambda: Resident(toy_decoder(MINI), CPU),
    "decoder on torch, wide": lambda: Resident(toy_decoder(WIDE), CPU),
    "decoder for a GPU, unrecorded, toy": lambda: ResidentOnGpu(
        toy_decoder(CONFIG), CPU, unrecorded
    ),
    "decoder for a GPU, unrecorded, mini": lambda: ResidentOnGpu(
        toy_decoder(MINI), CPU, unrecorded
    ),
    "native decoder, toy": lambda: NativeDecoder(toy_decoder(CONFIG), native_code()),
    "native decoder, mini": lambda: NativeDecoder(toy_decoder(MINI), native_code()),
    "native decoder, wide": lambda: NativeDecoder(toy_decoder(WIDE), native_code()),
    "LSTM on torch, numbers": lambda: ResidentLstm(toy_lstm(NUMBERS), CPU),
    "LSTM on torch, embedded": lambda: ResidentLstm(toy_lstm(EMBEDDED), CPU),
    "native LSTM, numbers": lambda: NativeLstm(toy_lstm(NUMBERS), native_code()),
    "native LSTM, embedded": lambda: NativeLstm(toy_lstm(EMBEDDED), native_code()),
}
if torch.cuda.is_available():
    MODELS["decoder on a GPU, mini"] = lambda: ResidentOnGpu(
        toy_decoder(MINI), torch.device("cuda")
    )


@pytest.fixture(scope="module", params=list(MODELS))
def model(request: pytest.FixtureRequest) -> Model:
    return MODELS[request.param]()


@pytest.fixture(scope="module")
def sequences(model: Model) -> list[Tensor]:
    """One for each row, from one token to a full context."""
    generator = torch.Generator().manual_seed(3)
    longest = min(model.context, LONGEST)
    lengths = torch.randint(1, longest, (ROWS,), generator=generator)
    lengths[:3] = torch.tensor([1, longest, longest // 2])
    if "lstm" in model.kernels:
        lengths = lengths.clamp(max=20)  # it takes in a token at a time
    return [
        torch.randint(0, model.vocab_size, (int(length),), generator=generator)
        for length in lengths
    ]


def look(state: State, *portions: tuple[int, Tensor], begin: int = 0) -> Tensor:
    """Logits after the last of each row's tokens, all taken in at once from position `begin` on."""
    rows = torch.cat([torch.full((len(tokens),), row) for row, tokens in portions])
    positions = torch.cat([torch.arange(begin, begin + len(tokens)) for _, tokens in portions])
    logits = state.extend(rows, torch.cat([tokens for _, tokens in portions]), positions)
    return logits[torch.tensor([len(tokens) for _, tokens in portions]).cumsum(0) - 1]


@pytest.fixture(scope="module")
def expected(model: Model, sequences: list[Tensor]) -> Tensor:
    """What is said after each sequence when it is alone, in the first row of a state of its own."""
    return torch.cat([look(model.init_state(1), (0, sequence)) for sequence in sequences])


def test_it_says_the_same_bits_beside_neighbours(
    model: Model, sequences: list[Tensor], expected: Tensor
) -> None:
    for rows in (2, 3, 7, 33):
        said = look(model.init_state(rows), *enumerate(sequences[:rows]))
        assert torch.equal(said, expected[:rows]), rows


def test_it_says_the_same_bits_a_token_at_a_time_in_another_row_among_other_neighbours(
    model: Model, sequences: list[Tensor], expected: Tensor
) -> None:
    state = model.init_state(ROWS)
    order = sorted(range(ROWS), key=lambda index: -len(sequences[index]))  # rows in use have no gap
    longest = min(len(sequences[order[0]]), 80)
    for position in range(longest):
        here = [index for index in order if len(sequences[index]) > position]
        rows = torch.arange(len(here))
        tokens = torch.stack([sequences[index][position] for index in here])
        logits = state.extend(rows, tokens, torch.full_like(rows, position))
        for row, index in enumerate(here):
            if len(sequences[index]) == position + 1:
                assert torch.equal(logits[row], expected[index]), (position, index)


def test_a_prompt_in_portions_beside_a_row_that_is_being_written_is_one_taken_in_at_once(
    model: Model, sequences: list[Tensor], expected: Tensor
) -> None:
    state, writer = model.init_state(2), sequences[2]
    reader = torch.cat((writer, writer.flip(0)))[: 2 * (len(writer) - 1)]
    whole = look(model.init_state(1), (0, reader))
    for position in range(len(writer) - 1):
        portion = reader[2 * position : 2 * position + 2]
        rows = torch.tensor([0, *[1] * len(portion)])
        positions = torch.tensor([position, *range(2 * position, 2 * position + len(portion))])
        said = state.extend(rows, torch.cat((writer[position : position + 1], portion)), positions)
    assert torch.equal(said[-1:], whole)
    last = look(state, (0, writer[-1:]), begin=len(writer) - 1)
    assert torch.equal(last[0], expected[2])


def test_it_says_the_same_bits_on_more_threads(
    model: Model, sequences: list[Tensor], expected: Tensor
) -> None:
    torch.set_num_threads(3)
    said = look(model.init_state(9), *enumerate(sequences[:9]))
    torch.set_num_threads(1)
    assert torch.equal(said, expected[:9])


def test_a_row_remembers_nothing_of_who_held_it_before(
    model: Model, sequences: list[Tensor], expected: Tensor
) -> None:
    state = model.init_state(2)
    look(state, (0, sequences[1]), (1, sequences[4]))
    assert torch.equal(look(state, (0, sequences[2]), (1, sequences[0]))[0], expected[2])


def test_a_sequence_goes_on_in_another_row(
    model: Model, sequences: list[Tensor], expected: Tensor
) -> None:
    state, begun = model.init_state(4), sequences[2]
    look(state, (3, begun[:-1]), (1, sequences[5]))
    state.move(3, 1)
    look(state, (3, sequences[6]))
    assert torch.equal(look(state, (1, begun[-1:]), begin=len(begun) - 1)[0], expected[2])


@pytest.mark.parametrize("config", [CONFIG, MINI, WIDE], ids=["toy", "mini", "wide"])
@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
def test_it_computes_what_the_decoder_computes(config: DecoderConfig, *, native: bool) -> None:
    decoder = toy_decoder(config)
    made = NativeDecoder(decoder, native_code()) if native else Resident(decoder, CPU)
    ids = torch.randint(0, config.vocab_size, (min(config.context, 200),))
    ours = made.init_state(1).extend(torch.zeros_like(ids), ids, torch.arange(len(ids)))
    exact = toy_decoder(config)(ids[None])[0]
    in_bf16 = toy_decoder(config).bfloat16()(ids[None])[0]
    assert ours.dtype == torch.float32
    bound = 4 if native else 1.5  # native code multiplies numbers of 8 bits
    assert (ours - exact).norm() < bound * (in_bf16 - exact).norm()


@torch.inference_mode()
def test_numbers_of_8_bits_cost_less_than_half_a_percent_of_foresight() -> None:
    """Tokens that a trained network draws surprise it, as it is resident, hardly more."""
    exact = load_weights(CHECKPOINTS / "mini")
    assert isinstance(exact, Decoder)
    torch.manual_seed(5)
    ids = torch.ones(8, 1, dtype=torch.int64)  # BOS
    while ids.shape[1] <= 96:
        ids = torch.cat((ids, exact(ids)[:, -1].softmax(dim=-1).multinomial(1)), dim=1)
    read, drawn = ids[:, :-1], ids[:, 1:].flatten()
    rows, positions = torch.meshgrid(*map(torch.arange, read.shape), indexing="ij")
    resident = NativeDecoder(exact, native_code()).init_state(len(ids))
    logits = resident.extend(rows.flatten(), read.flatten(), positions.flatten())
    nats = functional.cross_entropy(logits, drawn)
    assert nats < 1.005 * functional.cross_entropy(exact(read).flatten(0, 1), drawn)


@pytest.mark.parametrize("config", [NUMBERS, EMBEDDED], ids=["numbers", "embedded"])
@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
@torch.inference_mode()
def test_steps_differ_from_nn_lstm_over_the_whole_sequence_by_next_to_nothing(
    config: LstmConfig, *, native: bool
) -> None:
    lstm = toy_lstm(config)
    ids, said = stepped(lstm, native=native)
    assert (said - lstm(ids)).abs().max() <= 1e-5


@pytest.mark.parametrize("version", ["v2", "v3", "v4", "v5", "v6"])
@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
@torch.inference_mode()
def test_steps_of_a_trained_lstm_differ_by_as_little_of_its_largest_logit(
    version: str, *, native: bool
) -> None:
    lstm = trained(version)
    ids, said = stepped(lstm, native=native)
    whole = lstm(ids)
    assert (said - whole).abs().max() <= 1e-5 * whole.abs().max()


@pytest.mark.parametrize("version", ["v2", "v3", "v4", "v5", "v6"])
@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
def test_units_of_a_trained_lstm_differ_as_little(version: str, *, native: bool) -> None:
    assert error_of_units(version, native=native).abs().max() <= 1e-5


def test_the_native_code_of_a_trained_lstm_adds_nothing_to_what_float32_rounds() -> None:
    """1.4e-7; 2.1e-7 if what is heard of an id is rounded at once, 2.6e-7 without runs of sums."""
    assert error_of_units("v2", native=True).square().mean().sqrt() <= 1.8e-7


def trained(version: str) -> Lstm:
    network = load_weights(ROOT / "checkpoints" / version)
    assert isinstance(network, Lstm)
    return network


@torch.inference_mode()
def error_of_units(version: str, *, native: bool) -> Tensor:
    """What units of the last layer are off `nn.LSTM` in float64 [B, T, U or V].

    In float32 it is itself up to 3.4e-5 from that, more than ours may be.
    """
    lstm = trained(version)
    nn.init.eye_(lstm.head.weight)  # each logit is a unit
    nn.init.zeros_(lstm.head.bias)
    ids, said = stepped(lstm, native=native)
    units = lstm.read(ids).double()
    for layer in lstm.double().layers:
        units, _ = layer(units)
    heard = min(said.shape[-1], units.shape[-1])
    return said[..., :heard] - units[..., :heard]


def stepped(lstm: Lstm, *, native: bool) -> tuple[Tensor, Tensor]:
    """Sequences of ids [B, T], and the logits [B, T, V] of a resident that takes a step a token."""
    made = NativeLstm(lstm, native_code()) if native else ResidentLstm(lstm, CPU)
    assert all(isinstance(layer, nn.LSTM) for layer in lstm.layers)
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(0, lstm.config.vocab_size, (8, 120), generator=generator)
    state, rows = made.init_state(len(ids)), torch.arange(len(ids))
    said = [state.extend(rows, column, rows * 0 + at) for at, column in enumerate(ids.T)]
    return ids, torch.stack(said, dim=1)


@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
def test_a_network_that_is_made_resident_goes_on_learning_where_and_as_it_did(
    *, native: bool
) -> None:
    """On torch, the resident is on another device than the network."""
    elsewhere, lstm, decoder = torch.device("meta"), toy_lstm(NUMBERS).train(), toy_decoder(CONFIG)
    if native:
        NativeLstm(lstm, native_code())
        NativeDecoder(decoder, native_code())
    else:
        ResidentLstm(lstm, elsewhere)
        Resident(decoder, elsewhere)
    for network in (lstm, decoder):
        assert all(part.training for part in network.modules())
        assert {weight.device for weight in network.parameters()} == {CPU}
        assert all(weight.requires_grad for weight in network.parameters())


@pytest.mark.parametrize("native", [False, True], ids=["torch", "native"])
@pytest.mark.parametrize("toy", [lambda: toy_lstm(EMBEDDED), toy_decoder], ids=["LSTM", "decoder"])
def test_what_its_network_learns_later_changes_nothing_that_a_resident_says(
    toy: Callable[[], Network], *, native: bool
) -> None:
    network, ids = toy(), torch.arange(20)
    if isinstance(network, Lstm):
        made: Model = NativeLstm(network, native_code()) if native else ResidentLstm(network, CPU)
    else:
        made = NativeDecoder(network, native_code()) if native else Resident(network, CPU)
    said = look(made.init_state(1), (0, ids))
    for weight in network.parameters():
        weight.data.fill_(0.5)
    assert torch.equal(look(made.init_state(1), (0, ids)), said)


@pytest.mark.parametrize("name", ["native decoder, toy", "native LSTM, numbers"])
def test_native_code_reads_no_further_than_its_vocabulary(name: str) -> None:
    model = MODELS[name]()
    with pytest.raises(IndexError):
        look(model.init_state(1), (0, torch.tensor([model.vocab_size])))
