"""The training code chooses by device only: precision, attention, backend, place of tensors."""

import warnings
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch.nn import functional

from services.trainer.evaluation.precision import autocast
from services.trainer.settings import TrainingSettings
from services.trainer.training.attention import FastCausalAttention, fast_attention
from services.trainer.training.checkpoint import load_state, save_state
from services.trainer.training.distributed import ProcessGroup
from shared.models.numerics import compute_dtype

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_a_gpu_computes_in_bf16() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there may be no GPU here
        on_gpu = autocast(CUDA)
    assert isinstance(on_gpu, torch.autocast)
    assert (on_gpu.device, on_gpu.fast_dtype) == ("cuda", torch.bfloat16)
    with autocast(CPU):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype is compute_dtype(CPU)


def test_a_gpu_uses_the_attention_of_torch() -> None:
    assert isinstance(fast_attention(CPU), FastCausalAttention)
    x = torch.randn(1, 1, 4, 8)
    with fast_attention(CUDA):
        attended = functional.scaled_dot_product_attention(x, x, x, is_causal=True)
    assert torch.equal(attended, functional.scaled_dot_product_attention(x, x, x, is_causal=True))


@pytest.mark.parametrize(("device", "backend"), [("cpu", "gloo"), ("cuda", "cpu:gloo,cuda:nccl")])
def test_gpus_exchange_gradients_by_nccl(
    device: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backends = []
    monkeypatch.setattr(dist, "is_torchelastic_launched", lambda: True)
    monkeypatch.setattr(dist, "init_process_group", lambda name, **_: backends.append(name))
    monkeypatch.setattr(dist, "get_rank", lambda: 1)
    monkeypatch.setattr(dist, "get_world_size", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "1")
    group = ProcessGroup.join(device)
    assert backends == [backend]
    assert str(group.device) == ("cuda:1" if device == "cuda" else "cpu")


def test_a_state_is_loaded_into_the_memory_of_the_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = []
    load = torch.load

    def spy(*args: object, **kwargs: object) -> object:
        places.append(kwargs["map_location"])
        return load(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(torch, "load", spy)
    save_state(tmp_path / "state", {"weight": torch.ones(2)})
    assert torch.equal(load_state(tmp_path / "state")["weight"], torch.ones(2))
    assert places == ["cpu"]


def test_the_device_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TrainingSettings.load().device == "cpu"
    monkeypatch.setenv("OSTINATO_DEVICE", "cuda")
    assert TrainingSettings.load().device == "cuda"
    monkeypatch.setenv("OSTINATO_DEVICE", "tpu")
    with pytest.raises(SystemExit, match="OSTINATO_DEVICE"):
        TrainingSettings.load()
