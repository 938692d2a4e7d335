"""Only long runs of large decoders are compiled; tests/integration compiles one."""

import logging
from pathlib import Path

import pytest
import torch

from services.trainer.training.compile import MIN_STEPS, maybe_compile
from shared.models.decoder import Decoder, DecoderConfig
from shared.models.lstm import Lstm, LstmConfig

# Torch warns while it compiles; if warnings were errors, compilation would fail.
pytestmark = pytest.mark.filterwarnings("ignore")


def decoder(**shape: int) -> Decoder:
    torch.manual_seed(0)
    config = {"vocab_size": 32, "layers": 1, "heads": 2, "d_model": 32, "d_ff": 64} | shape
    return Decoder(DecoderConfig(**config, context=80))


@pytest.fixture(scope="module")
def large() -> Decoder:
    return decoder(d_model=512, d_ff=2048, layers=3)


@pytest.mark.parametrize(("steps", "minutes"), [(MIN_STEPS - 1, None), (10**6, 5.0)])
def test_a_short_run_is_not_compiled(large: Decoder, steps: int, minutes: float | None) -> None:
    assert maybe_compile(large, steps, minutes) is large


def test_small_decoders_and_lstms_are_not_compiled() -> None:
    small, lstm = decoder(), Lstm(LstmConfig(vocab_size=8, units=(2048,), embedding=0), 0.0)
    assert sum(weight.numel() for weight in lstm.parameters()) > 10_000_000
    assert maybe_compile(small, 10**6, None) is small
    assert maybe_compile(lstm, 10**6, None) is lstm


def test_without_a_compiler_a_warning_is_logged_and_nothing_is_compiled(
    large: Decoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with caplog.at_level(logging.WARNING):
        assert maybe_compile(large, MIN_STEPS, None) is large
    assert "g++ is not installed" in caplog.text


def test_in_a_folder_with_a_space_a_warning_is_logged_and_nothing_is_compiled(
    large: Decoder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch, "__file__", "/srv/my music/torch/__init__.py")
    with caplog.at_level(logging.WARNING):
        assert maybe_compile(large, MIN_STEPS, None) is large
    assert "a folder whose path has a space (/srv/my music/torch" in caplog.text
