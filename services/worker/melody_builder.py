"""One melody in progress: decodes tokens into notes and tracks publication."""

import time
from dataclasses import dataclass, field

from ostinato.schemas.notes import Note
from services.worker.engine.interface import EngineOutput, FinishReason
from services.worker.files.output_file import OutputFile
from services.worker.note_offs import NoteOffResolver
from shared.db.generation_shards import ShardItem
from shared.tokenizers.tokenizer import IncrementalDecoder


@dataclass(slots=True, kw_only=True)
class MelodyBuilder:
    """The notes of one melody so far; those that its file has from the beginning come first."""

    item: ShardItem
    track: int | None = None
    """The track of the primer that the model reads."""
    bars: int
    """Number of bars of the whole melody."""
    decoder: IncrementalDecoder
    file: OutputFile
    notes: list[Note] = field(init=False)
    """Notes in the order in which they became final."""
    note_offs: NoteOffResolver = field(init=False)
    num_tokens: int = 0
    """Number of generated tokens; the tokens of the primer are not counted."""
    generation_seconds: float = 0.0
    finish_reason: FinishReason | None = None
    finished_at: float = 0.0
    """When it finished, by the monotonic clock."""
    is_taken: bool = False
    """Whether the committer has taken it, after its end."""
    num_published_notes: int = 0
    """Number of notes in the event stream."""
    num_published_bars: int = 0
    """Number of complete bars in the event stream."""

    def __post_init__(self) -> None:
        self.notes = list(self.file.kept)
        self.note_offs = NoteOffResolver(self.file.kept)

    def apply(self, output: EngineOutput) -> None:
        """Decode and append the tokens that the engine generated."""
        self.num_tokens += len(output.tokens)
        self.notes.extend(self.note_offs.resolve(self.file.place(self.decoder.feed(output.tokens))))
        self.generation_seconds = output.elapsed_seconds
        self.finish_reason = output.finish_reason
        if output.finish_reason is not None:
            self.finished_at = time.monotonic()

    @property
    def index(self) -> int:
        """Index of the melody in the job."""
        return self.item.index

    @property
    def complete_bars(self) -> int:
        """Number of bars from the start to which no further note can be added."""
        if self.is_complete:
            return self.bars
        return max(self.decoder.complete_bars - self.file.hidden_bars, 0)

    @property
    def generated_notes(self) -> list[Note]:
        """The notes that the model generated, as the file has them."""
        return self.notes[len(self.file.kept) :]

    @property
    def is_complete(self) -> bool:
        """Whether all bars were generated."""
        return self.finish_reason is FinishReason.COMPLETE

    @property
    def is_partial(self) -> bool:
        """Whether it was cancelled after at least one of the bars to generate was complete."""
        request = self.item.request
        first = self.bars - request.bars if request.regenerate is None else request.regenerate[0]
        return self.finish_reason is FinishReason.CANCELLED and self.complete_bars > first

    @property
    def has_unpublished(self) -> bool:
        """Whether there are notes or complete bars that the event stream lacks."""
        return (
            len(self.notes) > self.num_published_notes
            or self.complete_bars > self.num_published_bars
        )
