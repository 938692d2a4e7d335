"""Settings of the gateway, read from `OSTINATO_*` environment variables."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from shared.settings import DefaultModelSettings, RetentionSettings, WebhookSettings

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
"""An origin as browsers send it: without a path, and without the default port of the scheme."""
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def parse_origins(value: object) -> object:
    """The origins in a comma-separated text, as browsers send them.

    Raises:
        ValueError: a part of the text is not an origin.
    """
    if not isinstance(value, str):
        return value
    return frozenset(_parse_origin(part.strip()) for part in value.split(",") if part.strip())


def _parse_origin(text: str) -> str:
    scheme, _, address = text.lower().partition("://")
    origin = f"{scheme}://" + address.removesuffix(DEFAULT_PORTS.get(scheme, ""))
    if not ORIGIN.fullmatch(origin):
        raise ValueError(
            f"{text!r} is not an origin: write scheme://host or scheme://host:port without a path "
            "or a final slash, such as http://localhost:3000, and separate several by commas."
        )
    return origin


class GatewaySettings(DefaultModelSettings, WebhookSettings, RetentionSettings):
    """Address, allowed origins, quotas, limits, static files, and how long music is kept."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    allowed_origins: Annotated[frozenset[str], NoDecode, BeforeValidator(parse_origins)] = (
        frozenset()
    )
    """Origins of other web pages that may call the API over HTTP and WebSocket, separated by
    commas: `https://a.example,http://localhost:3000`. Pages of the gateway itself always may."""
    max_pending_melodies: int = 100_000
    """Unfinished melodies that one owner may have; further requests get 429."""
    max_pending_trainings: int = 20
    """Unfinished trainings that one owner may have."""
    max_pending_evaluations: int = 20
    """Unfinished evaluations that one owner may have."""
    max_pending_dataset_imports: int = 20
    """Unfinished data set imports that one owner may have."""
    max_stored_bytes_per_owner: Annotated[int, Field(ge=1)] = 20_000_000_000
    """Bytes of data sets and trained versions that one owner may store; more uploads and trainings
    get 413."""
    gateway_processes: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that serve the API on one port. The five limits below apply to each of them."""
    max_requests_per_second: Annotated[float, Field(gt=0)] = 400
    """Requests of one owner per second, averaged; further requests get 429."""
    request_burst: Annotated[int, Field(ge=1)] = 2000
    """Requests that one owner may send at once, after a pause."""
    max_streams_per_owner: Annotated[int, Field(ge=1)] = 100
    """Open event streams (server-sent events and WebSockets) of one owner; another gets 429."""
    max_connections: Annotated[int, Field(ge=1)] = 2000
    """Open connections of all clients; another one gets 503."""
    max_connections_per_address: Annotated[int, Field(ge=1)] = 500
    """Open connections of one address; another one gets 429. Behind a proxy, which is the only
    address, set it to OSTINATO_MAX_CONNECTIONS."""
    receive_timeout_seconds: Annotated[float, Field(gt=0)] = 20
    """Seconds in which the headers of a request must arrive, and longest pause in its body. A
    request that takes longer gets 408."""
    max_pending_engravings: int = 100
    """Unfinished engravings that one owner may have."""
    static_dir: Path | None = None
    """Folder of the built web studio, served at `/`; without it, only the API is served."""
    development_key_file: Path | None = None
    """File to which development mode writes an API key, for local tools."""

    @model_validator(mode="after")
    def _require_loopback_in_development(self) -> Self:
        if self.environment == "development" and not ip_address(self.host).is_loopback:
            raise ValueError(
                f"OSTINATO_HOST is {self.host}, but development mode accepts well-known secrets "
                "and listens on the loopback interface only. To listen on other interfaces, set "
                "OSTINATO_ENVIRONMENT=production."
            )
        return self
