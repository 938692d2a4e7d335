"""The scopes that routes require of the key of a request."""

from typing import Any

from fastapi import Depends
from fastapi.requests import HTTPConnection

from ostinato.schemas.account.keys import Scope
from shared.db.api_keys import ValidKey
from shared.errors import InsufficientScope

VALID_KEY = "ostinato.key"
"""Where the ASGI scope of an authenticated request has its key."""


class RequiredScopes:
    """A dependency: one of these scopes is required.

    A request with a ticket instead of a key passes: who created the ticket had the scope.
    """

    def __init__(self, *scopes: Scope) -> None:
        self.scopes = scopes

    async def __call__(self, connection: HTTPConnection) -> None:
        """Check the key of a request.

        Raises:
            InsufficientScope: it has none of the scopes.
        """
        self.check(connection.scope.get(VALID_KEY))

    def check(self, key: ValidKey | None) -> None:
        """Check a key.

        Raises:
            InsufficientScope: it has none of the scopes.
        """
        if key is not None and key.scopes.isdisjoint(self.scopes):
            raise insufficient_scope(*self.scopes)


def requires(*scopes: Scope) -> Any:  # noqa: ANN401 - as FastAPI's Depends
    """The dependency of a router or a route whose requests need one of these scopes."""
    return Depends(RequiredScopes(*scopes))


def required_scopes(dependant: Any) -> RequiredScopes | None:  # noqa: ANN401 - FastAPI's Dependant
    """What a route requires, by its dependencies; None if it requires nothing."""
    found = [
        dependency.call
        for dependency in dependant.dependencies
        if isinstance(dependency.call, RequiredScopes)
    ]
    return found[0] if found else None


def insufficient_scope(*scopes: Scope) -> InsufficientScope:
    """The error for a key that has none of these scopes."""
    names = " or ".join(scopes)
    return InsufficientScope(
        f"This needs an API key with the scope {names}, which your key does not have; ask an "
        "operator for one.",
        required_scopes=list(scopes),
    )
