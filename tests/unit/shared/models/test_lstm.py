"""Tests of the LSTM for training, and of its checkpoint folder."""

from pathlib import Path

import pytest
import torch

from shared.models.backends import build_inference_model
from shared.models.checkpoints import InvalidCheckpoint, load_weights, save_weights
from shared.models.generate import generate
from shared.models.lstm import Lstm, LstmConfig
from shared.models.sampling_params import GenerationSpec
from tests.unit.shared.models.tiny_models import BOS, tiny_grammar, tiny_lstm

VOCAB = 64
CONFIGS = [
    LstmConfig(vocab_size=VOCAB, units=(32, 64, 32)),
    LstmConfig(vocab_size=VOCAB, units=(48, 48), embedding=16),
]


def test_without_embedding_the_input_is_the_id_divided_by_the_vocabulary_size() -> None:
    x = tiny_lstm(CONFIGS[0]).encode_input(torch.tensor([[0, 16, 63]]))
    assert x.shape == (1, 3, 1)
    assert x.flatten().tolist() == [0, 0.25, 63 / 64]


def test_without_embedding_the_initial_weights_distinguish_adjacent_ids() -> None:
    """With 1,000 ids the inputs of adjacent ids differ by a thousandth."""
    torch.manual_seed(0)
    lstm = Lstm(LstmConfig(vocab_size=1000, units=(64, 64)))
    with torch.inference_mode():
        first, _ = lstm.layers[0](lstm.encode_input(torch.tensor([[500], [501]])))
        plain = torch.nn.LSTM(1, 64, batch_first=True)
        second, _ = plain(lstm.encode_input(torch.tensor([[500], [501]])))
    difference, plain_difference = ((x[0] - x[1]).norm() for x in (first, second))
    assert difference > 10 * plain_difference


def test_dropout_applies_in_training_only() -> None:
    torch.manual_seed(0)
    lstm = Lstm(CONFIGS[0], dropout=0.5)
    ids = torch.randint(0, VOCAB, (1, 8))
    lstm.train()
    assert not torch.equal(lstm(ids), lstm(ids))
    lstm.eval()
    assert torch.equal(lstm(ids), lstm(ids))


def test_the_reference_loop_generates_with_an_lstm() -> None:
    model = build_inference_model(tiny_lstm(CONFIGS[1]), torch.device("cpu"))
    spec = GenerationSpec(pinned_prefix=(BOS,), bars=3, seed=5)
    tokens = list(generate(model, tiny_grammar(), spec))
    assert tokens == list(generate(model, tiny_grammar(), spec))
    assert sum(int(tiny_grammar().opens_bar[token]) for token in tokens) == 3


@pytest.mark.parametrize("config", CONFIGS)
def test_a_folder_round_trips_the_network(config: LstmConfig, tmp_path: Path) -> None:
    """Weights are rounded to bf16."""
    lstm = tiny_lstm(config)
    save_weights(lstm, tmp_path)
    loaded = load_weights(tmp_path)
    assert isinstance(loaded, Lstm)
    assert loaded.config == config
    for name, weight in lstm.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight.bfloat16().float())


def test_weights_of_another_shape_are_rejected(tmp_path: Path) -> None:
    save_weights(tiny_lstm(CONFIGS[0]), tmp_path)
    config = (tmp_path / "config.json").read_text().replace("32,", "16,", 1)
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(InvalidCheckpoint):
        load_weights(tmp_path)
