"""The LSTM, trained in whole sequences and stepped in rows, says the same, in whatever company."""

from pathlib import Path

import pytest
import torch

from shared.models.generate import generate
from shared.models.lstm import Lstm, LstmConfig
from shared.models.request import SampleRequest
from shared.models.resident_lstm import ResidentLstm
from shared.models.weights import InvalidCheckpoint, load_weights, make_resident, save_weights
from tests.unit.shared.models.toys import BOS, toy_grammar

VOCAB = 64
CONFIGS = [
    LstmConfig(vocab_size=VOCAB, units=(32, 64, 32)),
    LstmConfig(vocab_size=VOCAB, units=(48, 48), embedding=16),
]
FULL_SIZE = LstmConfig(vocab_size=629, units=(256, 512, 256))


def lstm(config: LstmConfig) -> Lstm:
    """Random weights, large enough that what it says depends on what it saw."""
    torch.manual_seed(7)
    made = Lstm(config)
    for weight in made.parameters():
        weight.data *= 3
    return made.eval()


def resident(config: LstmConfig) -> ResidentLstm:
    return ResidentLstm(lstm(config), torch.device("cpu"))


def step_through(model: ResidentLstm, ids: torch.Tensor) -> torch.Tensor:
    """Logits [B, T, V], a step at a time."""
    state = model.init_state(len(ids))
    places = torch.zeros(len(ids), dtype=torch.int64)
    return torch.stack([state.step(column, places) for column in ids.T], dim=1)


@pytest.mark.parametrize("config", [*CONFIGS, FULL_SIZE])
def test_steps_differ_from_the_whole_sequence_by_next_to_nothing(config: LstmConfig) -> None:
    """1e-5 of what `torch.nn.LSTM` says of the sequence at once."""
    ids = torch.randint(0, config.vocab_size, (3, 60))
    with torch.inference_mode():
        whole = lstm(config)(ids)
    assert (whole - step_through(resident(config), ids)).abs().max() <= 1e-5


@pytest.mark.parametrize("config", [*CONFIGS, FULL_SIZE])
def test_a_row_says_the_same_bits_in_whatever_company(config: LstmConfig) -> None:
    model = resident(config)
    ids = torch.randint(0, config.vocab_size, (64, 12))
    together = step_through(model, ids)
    for rows in (1, 2, 3, 5, 7, 11, 12, 13, 33, 63):
        some = torch.randperm(64)[:rows]
        assert torch.equal(step_through(model, ids[some]), together[some]), rows


def test_a_prompt_taken_in_at_once_is_one_taken_in_by_steps() -> None:
    model = resident(CONFIGS[1])
    ids = torch.randint(0, VOCAB, (6, 20))
    together = step_through(model, ids)
    state = model.init_state(6)
    for row in range(6):
        state.prefill(row, ids[row, :-1].tolist())
    state.prefill(2, [1, 2, 3])
    state.move(5, 2)
    last = ids[:, -1].clone()
    last[2] = ids[5, -1]
    logits = state.step(last, torch.zeros(6, dtype=torch.int64))
    expected = together[:, -1].clone()
    expected[2] = together[5, -1]
    assert torch.equal(logits, expected)


def test_a_row_that_is_filled_again_forgets() -> None:
    model = resident(CONFIGS[0])
    state = model.init_state(1)
    place = torch.zeros(1, dtype=torch.int64)
    fresh = state.step(torch.tensor([5]), place)
    state.step(torch.tensor([9]), place)
    state.prefill(0, [])
    assert torch.equal(state.step(torch.tensor([5]), place), fresh)


def test_without_embedding_the_input_is_the_share_of_the_id() -> None:
    read = lstm(CONFIGS[0]).read(torch.tensor([[0, 16, 63]]))
    assert read.shape == (1, 3, 1)
    assert read.flatten().tolist() == [0, 0.25, 63 / 64]


def test_without_embedding_two_neighbours_are_told_apart_from_the_start() -> None:
    """With 1,000 ids they differ by a thousandth as numbers."""
    torch.manual_seed(0)
    made = Lstm(LstmConfig(vocab_size=1000, units=(64, 64)))
    with torch.inference_mode():
        first, _ = made.layers[0](made.read(torch.tensor([[500], [501]])))
        plain = torch.nn.LSTM(1, 64, batch_first=True)
        theirs, _ = plain(made.read(torch.tensor([[500], [501]])))
    ours, others = ((each[0] - each[1]).norm() for each in (first, theirs))
    assert ours > 10 * others


def test_dropout_is_for_training_only() -> None:
    torch.manual_seed(0)
    made = Lstm(CONFIGS[0], dropout=0.5)
    ids = torch.randint(0, VOCAB, (1, 8))
    made.train()
    assert not torch.equal(made(ids), made(ids))
    made.eval()
    assert torch.equal(made(ids), made(ids))


def test_a_piece_is_written_by_the_same_loop_as_a_decoder_s() -> None:
    model = resident(CONFIGS[1])
    request = SampleRequest(head=(BOS,), bars=3, seed=5)
    tokens = list(generate(model, toy_grammar(), request))
    assert tokens == list(generate(model, toy_grammar(), request))
    assert sum(int(toy_grammar().bars[token]) for token in tokens) == 3


@pytest.mark.parametrize("config", CONFIGS)
def test_a_folder_gives_the_network_back(config: LstmConfig, tmp_path: Path) -> None:
    """Rounded to bf16, as it was written."""
    made = lstm(config)
    save_weights(made, tmp_path)
    loaded = load_weights(tmp_path)
    assert isinstance(loaded, Lstm)
    assert loaded.config == config
    for name, weight in made.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight.bfloat16().float())
    assert isinstance(make_resident(loaded, torch.device("cpu")), ResidentLstm)


def test_a_folder_of_another_shape_is_refused(tmp_path: Path) -> None:
    save_weights(lstm(CONFIGS[0]), tmp_path)
    config = (tmp_path / "config.json").read_text().replace("32,", "16,", 1)
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(InvalidCheckpoint):
        load_weights(tmp_path)
