"""The LSTM as it is trained, and as its folder keeps it."""

from pathlib import Path

import pytest
import torch

from shared.models.checkpoints import InvalidCheckpoint, load_weights, make_resident, save_weights
from shared.models.generate import generate
from shared.models.lstm import Lstm, LstmConfig
from shared.models.sampling_params import SampleRequest
from tests.unit.shared.models.toys import BOS, toy_grammar, toy_lstm

VOCAB = 64
CONFIGS = [
    LstmConfig(vocab_size=VOCAB, units=(32, 64, 32)),
    LstmConfig(vocab_size=VOCAB, units=(48, 48), embedding=16),
]


def test_without_embedding_the_input_is_the_share_of_the_id() -> None:
    read = toy_lstm(CONFIGS[0]).read(torch.tensor([[0, 16, 63]]))
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
    model = make_resident(toy_lstm(CONFIGS[1]), torch.device("cpu"))
    request = SampleRequest(head=(BOS,), bars=3, seed=5)
    tokens = list(generate(model, toy_grammar(), request))
    assert tokens == list(generate(model, toy_grammar(), request))
    assert sum(int(toy_grammar().bars[token]) for token in tokens) == 3


@pytest.mark.parametrize("config", CONFIGS)
def test_a_folder_gives_the_network_back(config: LstmConfig, tmp_path: Path) -> None:
    """Rounded to bf16, as it was written."""
    made = toy_lstm(config)
    save_weights(made, tmp_path)
    loaded = load_weights(tmp_path)
    assert isinstance(loaded, Lstm)
    assert loaded.config == config
    for name, weight in made.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight.bfloat16().float())


def test_a_folder_of_another_shape_is_refused(tmp_path: Path) -> None:
    save_weights(toy_lstm(CONFIGS[0]), tmp_path)
    config = (tmp_path / "config.json").read_text().replace("32,", "16,", 1)
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(InvalidCheckpoint):
        load_weights(tmp_path)
