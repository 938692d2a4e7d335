"""Hugging Face transformers as a peer: `generate` and `Trainer` with their defaults."""

import tempfile
import time
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from shared.models.decoder import Decoder
from tests.benchmarks.engine import BOS, LENGTH, TOP_K


def llama(network: Decoder, dtype: torch.dtype) -> LlamaForCausalLM:
    """The same weights in their class."""
    model = LlamaForCausalLM(LlamaConfig(**network.config.to_json()))
    model.load_state_dict(
        network.state_dict(), strict=False
    )  # our state has no weight for the tied head
    model.generation_config.eos_token_id = None
    nn.Module.to(nn.Module.eval(model), dtype)
    return model


@torch.inference_mode()
def generate(model: LlamaForCausalLM, rows: int, length: int = LENGTH) -> None:
    """Generate `rows` sequences at once, none of which ends early."""
    ids = torch.full((rows, 1), BOS)
    written = model.generate(  # type: ignore[misc]  # its mixin is not typed
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=True,
        temperature=1.0,
        top_k=TOP_K,
        top_p=1.0,
        max_new_tokens=length,
        min_new_tokens=length,
        pad_token_id=0,
    )
    assert isinstance(written, Tensor)
    assert written.shape == (rows, 1 + length)


class TrainerBenchmark:
    """Times `Trainer` on rows of token ids [N, T] without padding."""

    def __init__(self, model: nn.Module, rows: Sequence[Tensor], batch: int, *, bf16: bool) -> None:
        self._model = model.train()
        self._rows = _Rows(rows)
        self._batch = batch
        self._bf16 = bf16
        self._tokens = batch * len(rows[0])

    def tokens_per_second(self, steps: int) -> float:
        """The rate over `steps` steps after a first one."""
        clock = _Clock()
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                output_dir=folder,
                per_device_train_batch_size=self._batch,
                max_steps=1 + steps,
                bf16=self._bf16,
                use_cpu=True,
                report_to=[],
                save_strategy="no",
                logging_strategy="no",
                disable_tqdm=True,
            )
            Trainer(
                model=self._model, args=arguments, train_dataset=self._rows, callbacks=[clock]
            ).train()
        return steps * self._tokens / (clock.ends[-1] - clock.ends[0])


class _Rows(Dataset[dict[str, Tensor]]):
    def __init__(self, rows: Sequence[Tensor]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: int) -> dict[str, Tensor]:
        if at >= len(self):
            raise IndexError(at)
        return {"input_ids": self._rows[at], "labels": self._rows[at]}

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        return (self[at] for at in range(len(self)))


class _Clock(TrainerCallback):
    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: object, **__: object) -> None:
        self.ends.append(time.perf_counter())
