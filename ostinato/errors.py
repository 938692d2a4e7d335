"""What can go wrong between a client and the gateway.

    ClientError
    +-- ApiError        the gateway refused: its code, status, detail and extra members
    +-- Unreachable     nothing answers at the address
    `-- ConnectionLost  the line broke before the answer was whole

`passing` says whether the same question may get a better answer later. It refuses to know who asks.
"""

from typing import Self

import httpx
from pydantic import ValidationError

from ostinato.schemas.problems import Problem

PASSING_STATUSES = frozenset({502, 503, 504})


class ClientError(Exception):
    """Anything that the client raises on purpose; `detail` is one sentence for a person."""

    passing = True
    retry_after: float | None = None
    """Seconds that the gateway asked us to wait."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ApiError(ClientError):
    """The gateway answered with a problem; `code` is stable, `extra` depends on it."""

    def __init__(self, problem: Problem, *, retry_after: float | None = None) -> None:
        super().__init__(problem.detail)
        self.code = problem.code
        self.status = problem.status
        self.extra = problem.model_extra or {}
        self.passing = problem.status in PASSING_STATUSES
        self.retry_after = retry_after

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        """The error that an answer, already read, stands for."""
        seconds = response.headers.get("Retry-After", "")
        return cls(_problem(response), retry_after=float(seconds) if seconds.isdigit() else None)


class Unreachable(ClientError):
    """Nothing answers at the address."""

    def __init__(self, url: str) -> None:
        super().__init__(f"Nothing answers at {url}; is `make up` running?")


class ConnectionLost(ClientError):
    """The line broke before the answer was whole."""


def _problem(response: httpx.Response) -> Problem:
    """A proxy, or a stranger on the port, does not speak problem+json."""
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        status, url = response.status_code, response.url
        detail = f"{url} answered {status}, and not as our gateway would; is it the right address?"
        return Problem(title=response.reason_phrase, status=status, detail=detail, code="foreign")
