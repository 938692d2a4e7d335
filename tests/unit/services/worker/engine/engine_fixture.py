"""A tiny model, requests, reference tokens, a faulty model and an output collector."""

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from services.worker.engine.interface import EngineOutput, EngineRequest, FinishReason
from services.worker.engine.model_runner import ModelRunner
from shared.models.generate import generate
from shared.models.inference_model import InferenceModel, InferenceState
from shared.models.sampling_params import GenerationSpec
from tests.unit.shared.models.tiny_models import (
    BAR,
    BOS,
    WORDS_A,
    WORDS_B,
    tiny_grammar,
    tiny_model,
)

GRAMMAR = tiny_grammar()
MODEL = tiny_model()
FAULTY_PROMPT = (BAR, WORDS_A[-1], WORDS_B[-1], BAR)
"""A prompt whose prefill fails on `FaultyModel`."""


class FaultyModel:
    """Fails when it prefills `FAULTY_PROMPT`, and at every step while `fails` is set."""

    vocab_size, context = MODEL.vocab_size, MODEL.context
    kernels, device = MODEL.kernels, MODEL.device

    def __init__(self) -> None:
        self.fails = False

    def init_state(self, num_slots: int) -> "FaultyState":
        return FaultyState(self, MODEL.init_state(num_slots))


class FaultyState:
    """The state of a faulty model."""

    def __init__(self, model: FaultyModel, state: InferenceState) -> None:
        self._model = model
        self._state = state
        self.move = state.move

    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        if self._model.fails:  # after a partial forward pass, so that the cache is corrupted
            self._state.forward(slots, tokens.flip(0), positions * 0)
            raise RuntimeError("the device failed")
        for slot in set(slots.tolist()):
            if tokens[slots == slot].tolist() == [BOS, *FAULTY_PROMPT]:
                raise RuntimeError("the prompt is faulty")
        return self._state.forward(slots, tokens, positions)


def make_runner(max_num_seqs: int = 8, model: InferenceModel = MODEL) -> ModelRunner:
    return ModelRunner(model, GRAMMAR, max_num_seqs)


RUNNER = make_runner()
"""The default runner of requests."""


class DependentGap:
    """A gap whose prompt depends on all tokens that were generated for earlier gaps."""

    def __init__(self, bars: int) -> None:
        self.bars = bars

    def prompt(self, generated: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A bar with the number of the generated tokens and their sum, after a pinned one."""
        first = WORDS_A[len(generated) % len(WORDS_A)]
        second = WORDS_B[sum(generated) % len(WORDS_B)]
        return (BOS, BAR, WORDS_A[0], WORDS_B[0]), (BAR, first, second)


def make_spec(seed: int, bars: int = 2, prompt: tuple[int, ...] = ()) -> GenerationSpec:
    """A spec whose sampling parameters vary with the seed."""
    return GenerationSpec(
        pinned_prefix=(BOS,),
        prompt=prompt,
        bars=bars,
        seed=seed,
        temperature=(1.0, 0.0, 1.4, 0.8)[seed % 4],
        top_k=(0, 0, 12)[seed % 3],
        top_p=(1.0, 0.9)[seed % 2],
        min_p=(0.0, 0.03, 0.1)[seed // 3 % 3],
    )


def make_request(
    sequence_id: Hashable,
    spec: GenerationSpec | None = None,
    *,
    interactive: bool = True,
    owner: Hashable = "owner",
    job: Hashable = "job",
    runner: ModelRunner = RUNNER,
) -> EngineRequest:
    return EngineRequest(
        id=sequence_id,
        runner=runner,
        spec=spec or make_spec(0),
        is_interactive=interactive,
        owner=owner,
        job=job,
    )


def reference_tokens(spec: GenerationSpec) -> list[int]:
    """The tokens of the unbatched reference loop."""
    return list(generate(MODEL, GRAMMAR, spec))


@dataclass
class OutputCollector:
    """Collects the engine's outputs, and lets a test wait for them."""

    tokens: dict[Hashable, list[int]] = field(default_factory=dict)
    last: dict[Hashable, EngineOutput] = field(default_factory=dict)
    order: list[Hashable] = field(default_factory=list)
    """Sequence ids in the order in which they finished."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, outputs: Sequence[EngineOutput]) -> None:
        with self.changed:
            for output in outputs:
                assert output.id not in self.order, "a finished sequence has no further output"
                self.tokens.setdefault(output.id, []).extend(output.tokens)
                self.last[output.id] = output
                if output.finish_reason is not None:
                    self.order.append(output.id)
            self.changed.notify_all()

    def wait_until_finished(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.order) >= count, timeout=60)

    def wait_for_tokens(self, sequence_id: Hashable, count: int = 1) -> None:
        with self.changed:
            enough = lambda: len(self.tokens.get(sequence_id, ())) >= count  # noqa: E731 - used once
            assert self.changed.wait_for(enough, timeout=60)

    def finish_reason(self, sequence_id: Hashable) -> FinishReason | None:
        return self.last[sequence_id].finish_reason
