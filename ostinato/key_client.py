"""The methods of the client for its API key, other keys, and what they use."""

from collections.abc import Iterator
from uuid import UUID

from ostinato.base_client import BaseClient
from ostinato.schemas.account.keys import (
    ApiKey,
    ApiKeyRequest,
    CreatedApiKey,
    Identity,
    RotationRequest,
)
from ostinato.schemas.account.usage import Usage
from ostinato.schemas.pages import Page

KEYS = "/v1/keys"
JSON = {"Content-Type": "application/json"}


class KeyClient(BaseClient):
    """Lists, creates, rotates and revokes API keys; what they may do is up to their scopes.

    A key that was created is in one response only, so a request whose response was lost is not
    repeated.
    """

    def identity(self) -> Identity:
        """The owner and the scopes of the key."""
        return Identity.model_validate_json(self._transport.get("/v1/me"))

    def keys(self, owner: str | None = None) -> Iterator[ApiKey]:
        """The valid keys, newest first, fetched page by page.

        `owner`: another owner than that of the key, which needs the scope `admin`.
        """
        return self._pages(KEYS, Page[ApiKey], {} if owner is None else {"owner": owner})

    def create_key(self, request: ApiKeyRequest) -> CreatedApiKey:
        """Create a key; the result alone has its secret."""
        body = self._transport.post(KEYS, request.model_dump_json().encode(), JSON)
        return CreatedApiKey.model_validate_json(body)

    def rotate_key(self, key_id: UUID, request: RotationRequest | None = None) -> CreatedApiKey:
        """Replace a key by another one with its `first_id`; the old one ends, by default in a day.

        The result alone has the new secret.
        """
        sent = (request or RotationRequest()).model_dump_json().encode()
        body = self._transport.post(f"{KEYS}/{key_id}/rotate", sent, JSON)
        return CreatedApiKey.model_validate_json(body)

    def revoke_key(self, key_id: UUID) -> None:
        """Revoke a key, also the one of this client; it is valid for up to one more second."""
        self._transport.delete(f"{KEYS}/{key_id}")

    def usage(self, *, days: int = 31, key_id: UUID | None = None) -> Usage:
        """What was used on the last days, by all keys or by one, and what is stored."""
        params = {"days": str(days)} | ({} if key_id is None else {"key_id": str(key_id)})
        return Usage.model_validate_json(self._transport.get("/v1/usage", params))
