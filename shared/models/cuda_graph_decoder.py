"""The decoder on a GPU: every pass of the network has one shape, is recorded once, and replayed.

Launching operations one by one would take longer than the operations. That all passes have one
shape, whoever is in them, is also what makes them row-invariant: the same kernels run every time.
`record_graph` is the only part that needs CUDA. Refuses to sample.

Shapes: S token rows of a pass, V vocabulary.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from shared.models.decoder import Decoder
from shared.models.inference_model import State
from shared.models.torch_decoder import ROWS_STEP, Resident

Pass = Callable[[], Tensor]
"""Reads its input where it always lies; returns logits [S, V], where they always lie."""
Recorder = Callable[[Pass], Pass]
WARM_UP_PASSES = 3
"""Before recording, so that libraries have made their workspaces."""


def record_graph(run: Pass) -> Pass:
    """A pass as a CUDA graph."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch's own
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side), torch.inference_mode():
        for _ in range(WARM_UP_PASSES):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph), torch.inference_mode():
        logits = run()

    def replay() -> Tensor:
        graph.replay()
        return logits

    return replay


class ResidentOnGpu(Resident):
    """A decoder ready to be stepped; a `Model`."""

    def __init__(
        self, decoder: Decoder, device: torch.device, record: Recorder = record_graph
    ) -> None:
        """`record` makes of a pass one that is quicker."""
        super().__init__(decoder, device)
        self._record = record

    def init_state(self, rows: int) -> State:
        """Room for `rows` sequences; all memory is taken here."""
        return StaticState(self, rows, self._record)


class StaticState:
    """What a decoder remembers of its rows; a `State`."""

    def __init__(self, model: Resident, rows: int, record: Recorder) -> None:
        self._model = model
        size = rows + -rows % ROWS_STEP
        self._cache = model.empty_cache()
        self._cache.reserve(size, model.context + 1)
        self._input = torch.zeros(3, size, dtype=torch.int64, device=model.device)
        self._in_order = record(self._pass_in_order)
        self._anywhere = record(self._pass_anywhere)

    @torch.inference_mode()
    def extend(self, rows: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Take in tokens; logits float32 [T, V] of what follows each."""
        size = self._input.shape[1]
        columns = torch.stack((rows, tokens, positions))
        return torch.cat([self._run(portion) for portion in torch.split(columns, size, dim=1)])

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Let the sequence of one row go on in another."""
        self._cache.move(source, target)

    def _run(self, columns: Tensor) -> Tensor:
        """One pass over at most S tokens; what is missing goes to a place that nobody looks at."""
        count, size = columns.shape[1], self._input.shape[1]
        padded = functional.pad(columns, (0, size - count))
        padded[2, count:] = self._cache.length - 1
        self._input.copy_(padded)
        in_order = torch.equal(columns[0], torch.arange(count))
        logits = self._in_order() if in_order else self._anywhere()
        return logits[:count].clone()

    def _pass_in_order(self) -> Tensor:
        return self._pass(None)

    def _pass_anywhere(self) -> Tensor:
        return self._pass(self._input[0])

    def _pass(self, rows: Tensor | None) -> Tensor:
        _, tokens, positions = self._input
        span = self._cache.span(rows, positions)
        return self._model.logits(self._model.hidden(tokens, self._cache, span))
