"""The errors that cross a boundary, each with the stable code that clients may rely on.

    OstinatoError
    +-- UserError            the caller can mend it; never retried
    |   +-- InvalidRequest       422 invalid_request: a field is out of its range
    |   +-- InvalidMidi          422 invalid_midi: the file, and what is broken in it
    |   +-- InvalidArchive       422 invalid_archive: the zip, and what is wrong with it
    |   +-- Unauthenticated      401 unauthenticated
    |   +-- Forbidden            403 forbidden: from where it was asked
    |   +-- NotFound             404 <noun>_not_found
    |   +-- Conflict             409 conflict: the state does not allow it
    |   |   +-- WeightsMismatch      409 weights_mismatch: a file was made by others
    |   |   `-- NumericsMismatch     409 numerics_mismatch: it was made by another arithmetic
    |   +-- IdempotencyMismatch  422 idempotency_mismatch: same key, another body
    |   +-- BodyTooLarge         413 body_too_large
    |   `-- TooManyRequests      429 too_many_requests
    `-- Unavailable          503 <part>_unavailable: try again later

It knows nothing of HTTP beyond the number that the gateway answers with.
"""

from typing import ClassVar


class OstinatoError(Exception):
    """Anything that we raise on purpose; `detail` is one sentence for a person."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class UserError(OstinatoError):
    """The caller can mend this; trying again unchanged cannot help."""

    code = "bad_request"
    status = 400


class InvalidRequest(UserError):
    """A field is out of its range; `field` names it."""

    code = "invalid_request"
    status = 422

    def __init__(self, detail: str, *, field: str, **extra: object) -> None:
        super().__init__(detail, field=field, **extra)


class InvalidMidi(UserError):
    """A MIDI file cannot be used; the detail says what is broken."""

    code = "invalid_midi"
    status = 422


class InvalidArchive(UserError):
    """A zip cannot be used; the detail says why."""

    code = "invalid_archive"
    status = 422


class Unauthenticated(UserError):
    """No key, or one that nobody has."""

    code = "unauthenticated"
    status = 401


class Forbidden(UserError):
    """This may not be asked from there."""

    code = "forbidden"
    status = 403


class NotFound(UserError):
    """There is no such thing, or it is somebody else's."""

    code = "not_found"
    status = 404

    def __init__(self, noun: str, ident: object, **extra: object) -> None:
        super().__init__(f"There is no {noun} {str(ident)!r}.", noun=noun, **extra)


class Conflict(UserError):
    """The state of the thing does not allow this."""

    code = "conflict"
    status = 409


class WeightsMismatch(Conflict):
    """A file cannot be made again: its version is played with other weights."""

    code = "weights_mismatch"


class NumericsMismatch(Conflict):
    """A file cannot be made again here: the workers' arithmetic is another."""

    code = "numerics_mismatch"


class IdempotencyMismatch(UserError):
    """The same idempotency key came with another body."""

    code = "idempotency_mismatch"
    status = 422


class BodyTooLarge(UserError):
    """The body is over the cap of its route."""

    code = "body_too_large"
    status = 413


class TooManyRequests(UserError):
    """The queue is full or the quota is used up; `retry_after` says how long to wait."""

    code = "too_many_requests"
    status = 429


class Unavailable(OstinatoError):
    """A part that we need does not answer; `retry_after` seconds later it may."""

    code = "unavailable"
    status = 503

    def __init__(self, part: str, *, retry_after: int = 2) -> None:
        super().__init__(
            f"{part} does not answer; try again in {retry_after} s.",
            part=part,
            retry_after=retry_after,
        )
