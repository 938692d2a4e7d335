"""Builds the model input that all melodies with the same request share.

There are three kinds of request: a new melody, the continuation of a primer, and the regeneration
of some bars of a primer (infilling).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Mode, Scale, pitch_class
from ostinato.schemas.notes import Note
from services.worker.model_registry import LoadedModel
from services.worker.note_offs import NoteOffResolver
from shared.tokenizers import infill
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import IncrementalDecoder

MAX_PREFIX_FRACTION = 0.5
"""Largest fraction of the context that an infill prompt may use; the rest is for new tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The model input, and the state in which the generated tokens are decoded."""

    pinned_prefix: tuple[int, ...]
    """Never truncated: BOS, the key, and for infilling the visible bars."""
    primer_tokens: tuple[int, ...]
    """Tokens of the primer to continue; the oldest leave the context when it is full."""
    bars: int
    """Number of bars of the whole melody, primer included."""
    target_bars: Sequence[int]
    """Indices, in the chord progression, of the bars to generate."""
    notes: Sequence[Note]
    """The notes of the primer that the melody keeps."""
    decoder: IncrementalDecoder
    note_offs: NoteOffResolver


def build_prompt(
    request: GenerationRequest, primer_notes: Sequence[Note], primer_bars: int, model: LoadedModel
) -> Prompt:
    """The prompt of a request; ValueError if the primer is gone, or the model cannot encode it.

    `primer_bars` counts the rests after the last note of the primer.
    """
    if request.primer_id is not None and not primer_notes:
        raise ValueError("it was deleted; upload it again")
    if request.regenerate is not None:
        return _infill_prompt(request, primer_notes, primer_bars, model)
    tokenizer = model.tokenizer
    tokens = tokenizer.encode(primer_notes)
    if primer_notes and not tokens:
        raise ValueError("the model's vocabulary has none of the primer's pitches")
    if isinstance(tokenizer, RemiTokenizer):
        tokens += [tokenizer.empty_bar] * (primer_bars - tokenizer.num_bars(tokens))
    bars = tokenizer.num_bars(tokens) + request.bars
    decoder, note_offs = tokenizer.incremental_decoder(bars), NoteOffResolver()
    return Prompt(
        pinned_prefix=_pinned_prefix(model, request.scale),
        primer_tokens=tuple(tokens),
        bars=bars,
        target_bars=range(request.bars),
        notes=list(note_offs.resolve(decoder.feed(tokens))),
        decoder=decoder,
        note_offs=note_offs,
    )


def _infill_prompt(
    request: GenerationRequest, primer_notes: Sequence[Note], bars: int, model: LoadedModel
) -> Prompt:
    tokenizer = model.tokenizer
    masked_bars = request.regenerate or ()
    if not isinstance(tokenizer, RemiTokenizer):  # possible if the version got new weights
        raise ValueError("this model does not support infilling")  # noqa: TRY004 - not a type error
    if masked_bars[-1] >= bars:
        raise ValueError(f"there is no bar {masked_bars[-1]} in a primer of {bars} bars")
    max_tokens = int(model.runner.model.context * MAX_PREFIX_FRACTION)
    prefix = _pinned_prefix(model, request.scale)
    return Prompt(
        pinned_prefix=infill.encode_prompt(
            tokenizer, primer_notes, bars, masked_bars, prefix, max_tokens
        ),
        primer_tokens=(),
        bars=bars,
        target_bars=masked_bars,
        notes=infill.keep_visible(primer_notes, masked_bars),
        decoder=tokenizer.incremental_decoder(bars, masked_bars),
        note_offs=NoteOffResolver(),
    )


def _pinned_prefix(model: LoadedModel, scale: Scale | None) -> tuple[int, ...]:
    """BOS, and the key token for a model that was trained with key conditioning."""
    tokenizer = model.tokenizer
    if (
        scale is None
        or not model.card.capabilities.key_conditioning
        or not isinstance(tokenizer, RemiTokenizer)
        or scale.mode not in (Mode.MAJOR, Mode.MINOR)
    ):
        return (tokenizer.bos,)
    key = pitch_class(scale.tonic) + (12 if scale.mode is Mode.MINOR else 0)
    return (tokenizer.bos, tokenizer.control_tokens[f"Key_{key}"])
