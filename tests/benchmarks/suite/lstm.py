"""Decoding rates of an LSTM, compared with torch's `nn.LSTM`, one token per step."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from shared.models.lstm import Lstm, LstmConfig
from tests.benchmarks import engine
from tests.benchmarks.measure import interleave, rate
from tests.benchmarks.result import Row

CONFIG = LstmConfig(vocab_size=629, units=(256, 512, 256), embedding=256)
STEPS = 512
GOALS = {1: 10.0, 128: 2.5}
"""Goals by batch size."""
OSTINATO, BASELINE = "Ostinato", "nn.LSTM"


def rows() -> Iterator[Row]:
    """Measure a row for each batch size."""
    for count, goal in GOALS.items():
        network = engine.lstm(CONFIG).eval()
        rates = interleave(
            {
                OSTINATO: rate(count * STEPS, _stepping(engine.lstm_step(network, count), count)),
                BASELINE: rate(count * STEPS, _stepping(_nn_lstm(network, count), count)),
            }
        )
        name = f"LSTM step, {count} {'row' if count == 1 else 'rows'}, tokens/s"
        yield Row.of_rates(name, rates[OSTINATO], BASELINE, rates[BASELINE], goal)


def _stepping(step: Callable[[Tensor], object], count: int) -> Callable[[], None]:
    """Decode steps with fixed tokens: neither contender samples."""
    tokens = torch.arange(count) % CONFIG.vocab_size

    def run() -> None:
        for _ in range(STEPS):
            step(tokens)

    run()
    return run


def _nn_lstm(network: Lstm, count: int) -> Callable[[Tensor], object]:
    states = [
        (torch.zeros(1, count, units), torch.zeros(1, count, units))
        for units in network.config.units
    ]

    @torch.inference_mode()
    def step(tokens: Tensor) -> Tensor:
        x = network.encode_input(tokens[:, None])
        for index, layer in enumerate(network.layers):
            x, states[index] = layer(x, states[index])
        logits: Tensor = network.head(x[:, 0])
        return logits

    return step
