"""A canary: one bar that is generated to prove that this process works.

It passes through what every melody does: the engine, the decoder, and the MIDI writer.
"""

import asyncio
from typing import NamedTuple
from uuid import UUID

from services.worker.engine.interface import EngineOutput, EngineRequest, FinishReason
from services.worker.model_registry import LoadedModel
from shared.ids import new_id
from shared.midi.writer import write_midi
from shared.models.sampling_params import GenerationSpec

TIMEOUT_SECONDS = 60.0
"""A process that has not generated one bar by then does not work."""


class CanaryFailed(RuntimeError):
    """This process cannot generate one bar."""


class CanaryId(NamedTuple):
    """Identifies a canary in the engine."""

    id: UUID


class Canary:
    """One canary, from its request to its end; used on the worker's event loop."""

    def __init__(self, model: LoadedModel) -> None:
        self.id = CanaryId(new_id())
        self._model = model
        self._tokens: list[int] = []
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def request(self) -> EngineRequest:
        """What the engine has to generate."""
        spec = GenerationSpec(
            pinned_prefix=(self._model.tokenizer.bos,), bars=1, seed=0, min_p=0.03
        )
        return EngineRequest(
            id=self.id,
            runner=self._model.runner,
            spec=spec,
            is_interactive=True,
            owner=self.id,
            job=self.id,
        )

    def apply(self, output: EngineOutput) -> None:
        """Apply an output of the engine."""
        self._tokens += output.tokens
        if output.finish_reason is None or self._end.done():
            return
        if output.finish_reason is not FinishReason.COMPLETE:
            self._end.set_exception(CanaryFailed(output.error or output.finish_reason))
            return
        try:
            notes = self._model.tokenizer.incremental_decoder(1).feed(self._tokens)
            write_midi(notes, tempo=120, instrument=0, bars=1)
        except Exception as error:  # noqa: BLE001 - any error shows that the process does not work
            self._end.set_exception(CanaryFailed(f"{type(error).__name__}: {error}"))
        else:
            self._end.set_result(None)

    async def wait(self) -> None:
        """Wait for its end.

        Raises:
            CanaryFailed: it failed, or did not end in time.
        """
        try:
            await asyncio.wait_for(self._end, TIMEOUT_SECONDS)
        except TimeoutError as error:
            raise CanaryFailed(f"no bar in {TIMEOUT_SECONDS:.0f} s") from error
