"""Errors that services report to clients, each with a stable code.

    OstinatoError
    +-- UserError            the request has to change; never retried
    |   +-- MalformedRequest     400 bad_request: no valid HTTP
    |   +-- InvalidRequest       422 invalid_request: a field is out of range
    |   +-- InvalidMidi          422 invalid_midi: the file, and what is invalid in it
    |   +-- InvalidArchive       422 invalid_archive: the zip, and what is wrong with it
    |   +-- Unauthenticated      401 unauthenticated
    |   +-- Forbidden            403 forbidden: the origin, or the owner, may not do this
    |   +-- InsufficientScope    403 insufficient_scope: the API key may not do this
    |   +-- NotFound             404 <noun>_not_found
    |   +-- Conflict             409 conflict: the state does not allow it
    |   |   +-- WeightsMismatch      409 weights_mismatch: a file was generated with other weights
    |   |   `-- NumericsMismatch     409 numerics_mismatch: it was generated with other arithmetic
    |   +-- IdempotencyMismatch  422 idempotency_mismatch: same key, another body
    |   +-- RequestTimeout       408 request_timeout: the request did not arrive in time
    |   +-- BodyTooLarge         413 body_too_large
    |   +-- StorageQuotaExceeded 413 storage_quota_exceeded: the owner stores too many bytes
    |   +-- UriTooLong           414 uri_too_long
    |   +-- HeadersTooLarge      431 headers_too_large
    |   `-- TooManyRequests      429 too_many_requests: a quota is used up
    |       +-- RateLimited          429 rate_limited: requests per second
    |       +-- TooManyWrongKeys     429 too_many_wrong_keys: wrong keys of the address
    |       +-- TooManyStreams       429 too_many_streams: open event streams of the owner
    |       `-- TooManyConnections   429 too_many_connections: open connections of the address
    +-- Unavailable          503 unavailable: `part` does not answer; try again later
    +-- DiskFull             503 unavailable: an upload cannot be stored; try again later
    `-- Overloaded           503 overloaded: the gateway has no connection left; try again later

The status codes are the only part of HTTP in this module.
"""

from typing import ClassVar


class OstinatoError(Exception):
    """An error that is raised on purpose; `detail` is one sentence for the user."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class UserError(OstinatoError):
    """The user can fix this; the same request would fail again."""

    code = "bad_request"
    status = 400


class MalformedRequest(UserError):
    """The request is not valid HTTP/1.1."""


class InvalidRequest(UserError):
    """A field is out of range; `field` names it."""

    code = "invalid_request"
    status = 422

    def __init__(self, detail: str, *, field: str, **extra: object) -> None:
        super().__init__(detail, field=field, **extra)


class InvalidMidi(UserError):
    """A MIDI file cannot be used; the detail says what is invalid in it."""

    code = "invalid_midi"
    status = 422


class InvalidArchive(UserError):
    """A zip cannot be used; the detail says why."""

    code = "invalid_archive"
    status = 422


class Unauthenticated(UserError):
    """The request has no API key, or an unknown one."""

    code = "unauthenticated"
    status = 401


class Forbidden(UserError):
    """The origin of the request, or the owner of the key, may not do this."""

    code = "forbidden"
    status = 403


class InsufficientScope(UserError):
    """The API key lacks a scope; `required_scopes` lists those of which one is enough."""

    code = "insufficient_scope"
    status = 403


class NotFound(UserError):
    """The resource does not exist, or has another owner."""

    code = "not_found"
    status = 404

    def __init__(self, noun: str, name: object, **extra: object) -> None:
        super().__init__(f"There is no {noun} {str(name)!r}.", noun=noun, **extra)


class Conflict(UserError):
    """The state of the resource does not allow this."""

    code = "conflict"
    status = 409


class WeightsMismatch(Conflict):
    """A file cannot be reproduced: its model version is now served with other weights."""

    code = "weights_mismatch"


class NumericsMismatch(Conflict):
    """A file cannot be reproduced: the arithmetic of the workers differs from the receipt's."""

    code = "numerics_mismatch"


class IdempotencyMismatch(UserError):
    """An idempotency key was used with another body before."""

    code = "idempotency_mismatch"
    status = 422


class RequestTimeout(UserError):
    """The request did not arrive in time."""

    code = "request_timeout"
    status = 408


class BodyTooLarge(UserError):
    """The body exceeds the limit of its route."""

    code = "body_too_large"
    status = 413


class StorageQuotaExceeded(UserError):
    """The owner would store more bytes than allowed: `used_bytes` of `max_bytes` are used."""

    code = "storage_quota_exceeded"
    status = 413


class UriTooLong(UserError):
    """The path and the query are longer than the limit."""

    code = "uri_too_long"
    status = 414


class HeadersTooLarge(UserError):
    """The headers are larger than the limit."""

    code = "headers_too_large"
    status = 431


class TooManyRequests(UserError):
    """The queue is full or the quota is used up; `retry_after` says how long to wait."""

    code = "too_many_requests"
    status = 429


class RateLimited(TooManyRequests):
    """The owner sends too many requests per second; `retry_after` says how long to wait."""

    code = "rate_limited"


class TooManyWrongKeys(TooManyRequests):
    """The address of the client sends too many unknown API keys per second."""

    code = "too_many_wrong_keys"


class TooManyStreams(TooManyRequests):
    """The owner has too many open event streams."""

    code = "too_many_streams"


class TooManyConnections(TooManyRequests):
    """The address of the client has too many open connections."""

    code = "too_many_connections"


class Unavailable(OstinatoError):
    """A dependency does not answer; a retry after `retry_after` seconds may succeed."""

    code = "unavailable"
    status = 503

    def __init__(self, part: str, *, retry_after: int = 2) -> None:
        super().__init__(
            f"{part} does not answer; try again in {retry_after} s.",
            part=part,
            retry_after=retry_after,
        )


class DiskFull(OstinatoError):
    """The disk of the gateway is full; a retry after `retry_after` seconds may succeed."""

    code = "unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "The disk of the gateway is full; tell its operator, and try again in 60 s.",
            part="disk",
            retry_after=60,
        )


class Overloaded(OstinatoError):
    """The gateway has no connection left; a retry after `retry_after` seconds may succeed."""

    code = "overloaded"
    status = 503


def code_of(error: OstinatoError) -> str:
    """The stable code of an error."""
    return f"{error.extra['noun']}_not_found" if isinstance(error, NotFound) else error.code
