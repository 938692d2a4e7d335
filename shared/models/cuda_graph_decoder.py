"""The decoder for inference on a GPU, as CUDA graphs of one static shape.

Launching the operations one by one would take longer than running them. Because all passes have one
shape, the same kernels always run, which also makes the model batch-invariant. Only `capture_graph`
needs CUDA.

Shapes: S slots, which is also the number of tokens in a pass; V vocabulary.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from shared.models.decoder import Decoder
from shared.models.inference_model import InferenceState
from shared.models.torch_decoder import ROW_MULTIPLE, TorchDecoder

ForwardPass = Callable[[], Tensor]
"""A function that reads its input from one static buffer and returns logits [S, V] in another."""
GraphCapture = Callable[[ForwardPass], ForwardPass]
WARM_UP_PASSES = 3
"""Passes before the capture, in which libraries allocate their workspaces."""


def capture_graph(run: ForwardPass) -> ForwardPass:
    """Capture a pass as a CUDA graph; returns a function that replays it."""
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


class CudaGraphDecoder(TorchDecoder):
    """A decoder loaded for inference; implements `InferenceModel`."""

    def __init__(
        self, decoder: Decoder, device: torch.device, capture: GraphCapture = capture_graph
    ) -> None:
        """`capture` makes a CUDA graph of a pass; tests pass a function that needs no GPU."""
        super().__init__(decoder, device)
        self._capture = capture

    def init_state(self, num_slots: int) -> InferenceState:
        """Empty slots; all memory is allocated here."""
        return CudaGraphState(self, num_slots, self._capture)


class CudaGraphState:
    """The slots of a `CudaGraphDecoder`; implements `InferenceState`."""

    def __init__(self, model: TorchDecoder, num_slots: int, capture: GraphCapture) -> None:
        self._model = model
        size = num_slots + -num_slots % ROW_MULTIPLE
        self._cache = model.new_cache()
        self._cache.reserve(size, model.context + 1)
        self._input = torch.zeros(3, size, dtype=torch.int64, device=model.device)
        self._run_contiguous = capture(self._forward_contiguous)
        self._run_indexed = capture(self._forward_indexed)

    @torch.inference_mode()
    def forward(self, slots: Tensor, tokens: Tensor, positions: Tensor) -> Tensor:
        """Process tokens; returns the logits float32 [T, V] after each."""
        size = self._input.shape[1]
        columns = torch.stack((slots, tokens, positions))
        return torch.cat([self._run(part) for part in torch.split(columns, size, dim=1)])

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Move a sequence to another slot."""
        self._cache.move(source, target)

    def _run(self, columns: Tensor) -> Tensor:
        """One pass over at most S tokens; padding writes to a position that no sequence uses."""
        count, size = columns.shape[1], self._input.shape[1]
        padded = functional.pad(columns, (0, size - count))
        padded[2, count:] = self._cache.length - 1
        self._input.copy_(padded)
        contiguous = torch.equal(columns[0], torch.arange(count))
        logits = self._run_contiguous() if contiguous else self._run_indexed()
        return logits[:count].clone()

    def _forward_contiguous(self) -> Tensor:
        return self._forward(None)

    def _forward_indexed(self) -> Tensor:
        return self._forward(self._input[0])

    def _forward(self, slots: Tensor | None) -> Tensor:
        _, tokens, positions = self._input
        metadata = self._cache.metadata(slots, positions)
        return self._model.logits(self._model.hidden_states(tokens, self._cache, metadata))
