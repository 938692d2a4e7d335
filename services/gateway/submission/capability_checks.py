"""Checks generation requests against capabilities and primers."""

from collections.abc import Sequence
from typing import TypeVar

from ostinato.schemas.generations import GenerationRequest, PrimerTrack
from services.gateway.serving.owned_capabilities import Versions
from shared.db.primers import PrimerFacts
from shared.errors import Conflict, InvalidRequest, NotFound

RequestT = TypeVar("RequestT", bound=GenerationRequest)

OPTIONAL_CAPABILITIES = (
    ("regenerate", "infill", "regenerate bars of a MIDI file"),
    ("primer_id", "primer", "continue a MIDI file"),
    ("scale", "scale", "stay within a scale"),
    ("chords", "chords", "follow chords"),
)
"""Request field, the capability that it requires, and what the field asks for."""
MAX_PRIMER_BYTES = 1 << 30
"""Bytes of the copies of a primer in the files of one job."""


def check_capabilities(
    request: GenerationRequest, versions: Versions, *, is_default_model: bool
) -> None:
    """Check that a version can do what a request asks for.

    `is_default_model`: whether the settings of the gateway select it, and not the client.

    Raises:
        Conflict: the version is not promoted.
        NotFound: there is no such version.
        InvalidRequest: the version cannot do this.
    """
    if is_default_model:
        _check_default_model(request.resolved_model, versions)
    model = request.resolved_model
    capabilities = versions.get(model)
    if capabilities is None and model in versions:
        raise Conflict(
            f"model: {model} is not promoted: POST /v1/models/{model}/promote.", field="model"
        )
    if capabilities is None:
        raise NotFound("model", model, models=_promoted(versions))
    if request.bars_to_generate > capabilities.max_bars:
        raise InvalidRequest(
            f"bars: {model} generates 1 to {capabilities.max_bars} bars.",
            field="bars",
            minimum=1,
            maximum=capabilities.max_bars,
        )
    if request.time_signature is not None:
        _check_metres("time_signature", {request.time_signature}, model, versions)
    for field, capability, action in OPTIONAL_CAPABILITIES:
        if getattr(request, field) is not None and not getattr(capabilities, capability):
            capable = [name for name in _promoted(versions) if getattr(versions[name], capability)]
            others = f"these can: {', '.join(capable)}" if capable else "no promoted model can"
            raise InvalidRequest(
                f"{field}: {model} cannot {action}; {others}.", field=field, models=capable
            )


def with_sampling_defaults(request: RequestT, versions: Versions) -> RequestT:
    """The request with the version's sampling parameters where it has none of its own."""
    capabilities = versions[request.resolved_model]
    assert capabilities is not None  # noqa: S101 - `check_capabilities` was called
    return request.with_sampling(request.sampling.over(capabilities.sampling))


def check_primer(
    request: GenerationRequest, primer: PrimerFacts | None, versions: Versions
) -> PrimerFacts:
    """Check a request with a primer; `primer` is None if the owner has no such primer.

    Raises:
        NotFound: the owner has no such primer.
        InvalidRequest: the primer does not have the bars or the track, or the version does not know
            its time signatures.
    """
    if primer is None:
        raise NotFound("primer", request.primer_id)
    _check_metres("primer_id", set(primer.time_signatures), request.resolved_model, versions)
    if request.regenerate is not None and request.regenerate[-1] >= primer.bars:
        raise InvalidRequest(
            f"regenerate: the primer has {primer.bars} bars, numbered from 0.",
            field="regenerate",
            maximum=primer.bars - 1,
        )
    if request.track is not None:
        _check_track(request.track, primer.tracks)
    return primer


def _check_metres(field: str, metres: set[str], model: str, versions: Versions) -> None:
    """Check that a version knows these time signatures.

    Raises:
        InvalidRequest: it does not.
    """

    def unknown(name: str) -> set[str]:
        capabilities = versions.get(name)
        return metres - set(capabilities.time_signatures if capabilities else ())

    if missing := unknown(model):
        capable = [name for name in _promoted(versions) if not unknown(name)]
        others = f"these do: {', '.join(capable)}" if capable else "no promoted model does"
        raise InvalidRequest(
            f"{field}: {model} does not know bars in {', '.join(sorted(missing))}; {others}.",
            field=field,
            models=capable,
        )


def check_primer_bytes(num_bytes: int) -> None:
    """Check how many bytes of primers the files of a job contain.

    Raises:
        InvalidRequest: they are too many.
    """
    if num_bytes > MAX_PRIMER_BYTES:
        raise InvalidRequest(
            f"count: each melody contains its primer, together {num_bytes:,} bytes of at most "
            f"{MAX_PRIMER_BYTES:,}: request fewer at a time, or include_primer: false.",
            field="count",
        )


def _check_track(track: int, tracks: Sequence[PrimerTrack]) -> None:
    if track >= max(len(tracks), 1):
        raise InvalidRequest(
            f"track: the primer has {len(tracks)} tracks with notes, numbered from 0.",
            field="track",
            maximum=len(tracks) - 1,
        )
    if tracks and tracks[track].is_drum:
        raise InvalidRequest(
            f"track: track {track} plays drums, and models know pitches only.", field="track"
        )


def _check_default_model(name: str, versions: Versions) -> None:
    if versions.get(name) is None:
        raise Conflict(
            f"model: the default version {name} is not promoted; name a version, or set "
            "OSTINATO_DEFAULT_MODEL for the gateway.",
            field="model",
            models=_promoted(versions),
        )


def _promoted(versions: Versions) -> list[str]:
    return sorted(name for name, capabilities in versions.items() if capabilities is not None)
