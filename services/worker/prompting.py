"""Builds the model input that all melodies with the same request share.

There are three kinds of request: a new melody, the continuation of a primer, and the regeneration
of some bars of a primer (infilling).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ostinato.schemas.generations import DEFAULT_TEMPO, GenerationRequest
from ostinato.schemas.harmony import Mode, Scale, pitch_class
from ostinato.schemas.notes import Metre, Note
from services.worker.files.new_file import NewFile
from services.worker.files.output_file import OutputFile
from services.worker.files.primer_file import EditedFile, PrimerFile, continued_file, read_primer
from services.worker.model_registry import LoadedModel
from shared.db.primers import StoredPrimer
from shared.models.sampling_params import Gap
from shared.tokenizers import infill
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import IncrementalDecoder

MAX_PROMPT_FRACTION = 0.5
"""Largest fraction of the context that an infill prompt may use; the rest is for new tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The model input, and the state in which the generated tokens are decoded."""

    pinned_prefix: tuple[int, ...]
    """Never truncated: BOS, the key, and for infilling the bars after the first gap."""
    primer_tokens: tuple[int, ...]
    """Tokens of the primer to continue; the oldest leave the context when it is full."""
    later_gaps: Sequence[Gap] = ()
    """For infilling: the gaps after the first one."""
    bars: int
    """Number of bars that are decoded, primer included."""
    target_bars: Mapping[int, Metre]
    """The bars to generate, by their indices in the chord progression, with their metres."""
    track: int | None = None
    """The track of the primer that the model reads."""
    decoder: IncrementalDecoder
    file: OutputFile


def build_prompt(
    request: GenerationRequest, primer: StoredPrimer | None, model: LoadedModel
) -> Prompt:
    """The prompt of a request; ValueError if the primer is gone, or the model cannot encode it."""
    if request.primer_id is None:
        return _new_prompt(request, model)
    if primer is None:
        raise ValueError("it was deleted; upload it again")
    tokenizer = model.tokenizer
    if not isinstance(tokenizer, RemiTokenizer):  # possible if the version got new weights
        raise ValueError("this model does not read files")  # noqa: TRY004 - not a type error
    file = read_primer(primer, request)
    if request.regenerate is not None:
        return _infill_prompt(request, file, model, tokenizer)
    metre = request.time_signature or file.metres[-1]
    metres = [*file.metres, *[metre] * request.bars]
    bars = infill.encode_bars(tokenizer, file.model_notes, file.metres)
    if bars == [[tokenizer.empty_bar(metre)] for metre in file.metres]:
        raise ValueError("the model's vocabulary has none of the primer's pitches")
    tokens = [token for bar in bars for token in bar]
    decoder = tokenizer.incremental_decoder(len(metres), metres=metres)
    decoder.feed(tokens)
    return Prompt(
        pinned_prefix=_pinned_prefix(model, request.scale),
        primer_tokens=tuple(tokens),
        bars=len(metres),
        target_bars=dict.fromkeys(range(request.bars), metre),
        track=file.index,
        decoder=decoder,
        file=continued_file(file, metre, include_primer=request.include_primer),
    )


def _new_prompt(request: GenerationRequest, model: LoadedModel) -> Prompt:
    tempo = DEFAULT_TEMPO if request.tempo is None else request.tempo
    metre = request.time_signature or Metre.FOUR_FOUR
    return Prompt(
        pinned_prefix=_pinned_prefix(model, request.scale),
        primer_tokens=(),
        bars=request.bars,
        target_bars=dict.fromkeys(range(request.bars), metre),
        decoder=model.tokenizer.incremental_decoder(request.bars, metres=[metre] * request.bars),
        file=NewFile(tempo=tempo, program=request.instrument, metre=metre),
    )


def _infill_prompt(
    request: GenerationRequest, file: PrimerFile, model: LoadedModel, tokenizer: RemiTokenizer
) -> Prompt:
    masked_bars, metres = request.regenerate or (), file.metres
    if masked_bars[-1] >= len(metres):
        raise ValueError(f"there is no bar {masked_bars[-1]} in a primer of {len(metres)} bars")
    first, *later = infill.encode_gaps(
        tokenizer,
        [Note(*note) for note in file.model_notes.tolist()],
        metres,
        masked_bars,
        prefix=_pinned_prefix(model, request.scale),
        max_tokens=int(model.runner.model.context * MAX_PROMPT_FRACTION),
    )
    pinned_prefix, primer_tokens = first.prompt()
    return Prompt(
        pinned_prefix=pinned_prefix,
        primer_tokens=primer_tokens,
        later_gaps=later,
        bars=len(metres),
        target_bars={bar: metres[bar] for bar in masked_bars},
        track=file.index,
        decoder=tokenizer.incremental_decoder(len(metres), masked_bars, metres),
        file=EditedFile(file, masked_bars),
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
