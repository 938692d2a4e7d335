"""Hugging Face transformers as a baseline: `generate` and `Trainer` with their defaults."""

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
    """The decoder in the class of transformers, with the same weights."""
    model = LlamaForCausalLM(LlamaConfig(**network.config.to_json()))
    model.load_state_dict(
        network.state_dict(), strict=False
    )  # the decoder has no separate weight for its tied head
    model.generation_config.eos_token_id = None
    nn.Module.to(nn.Module.eval(model), dtype)
    return model


@torch.inference_mode()
def generate(model: LlamaForCausalLM, rows: int, length: int = LENGTH) -> None:
    """Generate `rows` sequences at once, none of which ends early."""
    ids = torch.full((rows, 1), BOS)
    output = model.generate(  # type: ignore[misc]  # its mixin is not typed
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
    assert isinstance(output, Tensor)
    assert output.shape == (rows, 1 + length)


class TrainerBenchmark:
    """Times `Trainer` on rows of token ids [N, T] without padding."""

    def __init__(self, model: nn.Module, rows: Sequence[Tensor], batch: int, *, bf16: bool) -> None:
        self._model = model.train()
        self._rows = _RowDataset(rows)
        self._batch = batch
        self._bf16 = bf16
        self._tokens = batch * len(rows[0])

    def tokens_per_second(self, steps: int) -> float:
        """The rate over `steps` steps that follow an untimed first step."""
        clock = _StepClock()
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


class _RowDataset(Dataset[dict[str, Tensor]]):
    def __init__(self, rows: Sequence[Tensor]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if index >= len(self):
            raise IndexError(index)
        return {"input_ids": self._rows[index], "labels": self._rows[index]}

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        return (self[index] for index in range(len(self)))


class _StepClock(TrainerCallback):
    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: object, **__: object) -> None:
        self.ends.append(time.perf_counter())
