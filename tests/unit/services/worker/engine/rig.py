"""What the engine's tests run on: a toy model, requests for it, and somebody who listens."""

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from services.worker.engine.model_runner import Runner
from services.worker.engine.interface import FinishReason, Output, SequenceRequest
from shared.models.generate import generate
from shared.models.inference_model import Model, State
from shared.models.sampling_params import SampleRequest
from tests.unit.shared.models.toys import BAR, BOS, WORDS_A, WORDS_B, toy_grammar, toy_model

GRAMMAR = toy_grammar()
MODEL = toy_model()
POISON = (BAR, WORDS_A[-1], WORDS_B[-1], BAR)
"""A prompt that `Fragile` cannot take in."""


class Fragile:
    """A model that breaks when it takes in a certain prompt, and at a step when told to."""

    vocab_size, context = MODEL.vocab_size, MODEL.context
    kernels, device = MODEL.kernels, MODEL.device

    def __init__(self) -> None:
        self.breaks = False

    def init_state(self, rows: int) -> "FragileState":
        return FragileState(self, MODEL.init_state(rows))


class FragileState:
    """The rows of a fragile model."""

    def __init__(self, model: Fragile, sound: State) -> None:
        self._model = model
        self._sound = sound
        self.move = sound.move

    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        if self._model.breaks:  # half way, so that what the rows hold is spoilt
            self._sound.extend(rows, tokens.flip(0), positions * 0)
            raise RuntimeError("the device is gone")
        for row in set(rows.tolist()):
            if tokens[rows == row].tolist() == [BOS, *POISON]:
                raise RuntimeError("the prompt is poison")
        return self._sound.extend(rows, tokens, positions)


def runner(slots: int = 8, model: Model = MODEL) -> Runner:
    return Runner(model, GRAMMAR, slots)


RUNNER = runner()
"""What writes a request that names no other."""


def sample(seed: int, bars: int = 2, prompt: tuple[int, ...] = ()) -> SampleRequest:
    """Every seed has knobs of its own."""
    return SampleRequest(
        head=(BOS,),
        prompt=prompt,
        bars=bars,
        seed=seed,
        temperature=(1.0, 0.0, 1.4, 0.8)[seed % 4],
        top_k=(0, 0, 12)[seed % 3],
        top_p=(1.0, 0.9)[seed % 2],
        min_p=(0.0, 0.03, 0.1)[seed // 3 % 3],
    )


def request(
    ident: Hashable,
    sampled: SampleRequest | None = None,
    *,
    interactive: bool = True,
    owner: Hashable = "owner",
    job: Hashable = "job",
    played_by: Runner = RUNNER,
) -> SequenceRequest:
    return SequenceRequest(
        id=ident,
        runner=played_by,
        sample=sampled or sample(0),
        interactive=interactive,
        owner=owner,
        job=job,
    )


def oracle(sampled: SampleRequest) -> list[int]:
    """What the naive loop writes."""
    return list(generate(MODEL, GRAMMAR, sampled))


@dataclass
class Listener:
    """Collects what the engine says, and lets a test wait for it."""

    tokens: dict[Hashable, list[int]] = field(default_factory=dict)
    last: dict[Hashable, Output] = field(default_factory=dict)
    order: list[Hashable] = field(default_factory=list)
    """Ids as they finished."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, outputs: Sequence[Output]) -> None:
        with self.changed:
            for output in outputs:
                assert output.id not in self.order, "nothing comes after the end"
                self.tokens.setdefault(output.id, []).extend(output.tokens)
                self.last[output.id] = output
                if output.finish is not None:
                    self.order.append(output.id)
            self.changed.notify_all()

    def wait_until_finished(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.order) >= count, timeout=60)

    def wait_for_tokens(self, ident: Hashable, count: int = 1) -> None:
        with self.changed:
            enough = lambda: len(self.tokens.get(ident, ())) >= count  # noqa: E731 - used once
            assert self.changed.wait_for(enough, timeout=60)

    def finish(self, ident: Hashable) -> FinishReason | None:
        return self.last[ident].finish
