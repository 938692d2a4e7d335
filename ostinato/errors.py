"""The errors that the client raises.

    ClientError
    +-- ApiError        the gateway returned an error: its code, status, detail and extra members
    +-- Unreachable     nothing answers at the address
    `-- ConnectionLost  the connection broke before the response was complete

`is_transient` says whether the same request may succeed later.
"""

from typing import Self

import httpx
from pydantic import ValidationError

from ostinato.schemas.problems import Problem

TRANSIENT_STATUSES = frozenset({502, 503, 504})
RATE_LIMIT_CODES = frozenset({"rate_limited", "too_many_connections", "too_many_streams"})
"""Codes of requests that took no effect and succeed later; a used-up quota is not one of them."""


class ClientError(Exception):
    """Base class of the client's errors; `detail` is one sentence for a person."""

    is_transient = True
    retry_after: float | None = None
    """Seconds that the gateway asked the client to wait."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ApiError(ClientError):
    """The gateway returned problem details; `code` is stable, `extra` depends on it."""

    def __init__(self, problem: Problem, *, retry_after: float | None = None) -> None:
        super().__init__(problem.detail)
        self.code = problem.code
        self.status = problem.status
        self.extra = problem.model_extra or {}
        self.is_rate_limit = problem.code in RATE_LIMIT_CODES
        self.is_transient = self.is_rate_limit or problem.status in TRANSIENT_STATUSES
        self.retry_after = retry_after

    @classmethod
    def from_response(cls, response: httpx.Response) -> Self:
        """The error that a response describes; its body must have been read."""
        seconds = response.headers.get("Retry-After", "")
        return cls(_problem(response), retry_after=float(seconds) if seconds.isdigit() else None)


class Unreachable(ClientError):
    """Nothing answers at the address."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"Nothing answers at {url}: {reason}; is the gateway running?")


class ConnectionLost(ClientError):
    """The connection broke before the response was complete."""


def _problem(response: httpx.Response) -> Problem:
    """The problem details of a response; generic ones if another program sent it."""
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        status = response.status_code
        return Problem(
            title=response.reason_phrase,
            status=status,
            detail=f"{response.url} returned {status} without problem details, so it is probably "
            "not an Ostinato gateway; check the address.",
            code="unexpected_response",
        )
