"""Sends one signed request to a webhook's URL, to an address that was checked."""

import asyncio
import math
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx
from standardwebhooks.webhooks import Webhook

from services.dispatcher.webhooks.resolution import UnusableHost, resolve
from shared.public_addresses import public_url_error

CONNECT_SECONDS = 5.0
MAX_RESPONSE_BYTES = 65_536
"""What is read of the body of an answer; the connection is then closed."""
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a request."""

    status: int | None = None
    """The HTTP status of the answer."""
    error: str | None = None
    """Why the delivery failed; None if it succeeded."""
    retry_after: float | None = None
    """Seconds that the receiver asks to wait."""


class WebhookSender:
    """Sends webhooks; each has a connection of its own."""

    def __init__(
        self,
        *,
        timeout_seconds: float,
        allow_local: bool,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Wait at most `timeout_seconds` for an answer, and once more for the end of its body.

        `ssl_context`: what certificates are accepted; by default those of public authorities.
        """
        self._timeout_seconds = timeout_seconds
        self._allow_local = allow_local
        # A connection is verified for one name, so none is used again: another name may have the
        # same address. No proxy of the environment is used: it would resolve the name again.
        self._http = httpx.AsyncClient(
            verify=ssl_context or httpx.create_ssl_context(trust_env=False),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def send(self, url: str, delivery_id: UUID, body: str, secret: str) -> Outcome:
        """Send a body, signed; every failure becomes an outcome."""
        host = ""
        try:
            parsed = httpx.URL(url)
            host = parsed.raw_host.decode("ascii")
            headers = _headers(delivery_id, body, secret) | {"Host": parsed.netloc.decode("ascii")}
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._send(parsed, host, headers, body)
        except UnusableHost as error:
            return Outcome(error=str(error))
        except httpx.InvalidURL:
            return Outcome(error="The URL is invalid.")
        except (httpx.HTTPError, TimeoutError) as error:
            return Outcome(error=self._describe(error, host))
        await self._drain(response)
        return _outcome(response)

    async def _send(
        self, url: httpx.URL, host: str, headers: dict[str, str], body: str
    ) -> httpx.Response:
        """Send a request to the first address of the host that can be connected to."""
        if not self._allow_local and (reason := public_url_error(str(url))):
            raise UnusableHost(f"Nothing is sent to this URL: {reason}.")
        port = url.port or DEFAULT_PORTS[url.scheme]
        addresses = await resolve(host, port, allow_local=self._allow_local)
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._send_to(address, url, host, headers, body)
        return await self._send_to(addresses[-1], url, host, headers, body)

    async def _send_to(
        self, address: str, url: httpx.URL, host: str, headers: dict[str, str], body: str
    ) -> httpx.Response:
        """Send a request to an address; the certificate has to be that of the host."""
        request = self._http.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": host},
        )
        return await self._http.send(request, stream=True)

    async def _drain(self, response: httpx.Response) -> None:
        """Read the body, which has no meaning, so that the receiver can finish its answer."""
        num_bytes = 0
        with suppress(httpx.HTTPError, TimeoutError):
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    async for chunk in response.aiter_raw():
                        num_bytes += len(chunk)
                        if num_bytes > MAX_RESPONSE_BYTES:
                            break
            finally:
                await response.aclose()

    def _describe(self, error: Exception, host: str) -> str:
        if isinstance(error, (httpx.TimeoutException, TimeoutError)):
            return f"{host} did not answer within {self._timeout_seconds:g} s."
        if isinstance(_root(error), ssl.SSLError):
            return f"There is no valid TLS connection to {host}: check its certificate."
        if isinstance(error, httpx.ConnectError):
            return f"No connection to {host} was possible."
        return f"{host} sent no valid HTTP answer."

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()


def _headers(delivery_id: UUID, body: str, secret: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Ostinato-Webhooks",
        "webhook-id": str(delivery_id),
        "webhook-timestamp": str(math.floor(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(delivery_id), now, body),
    }


def _outcome(response: httpx.Response) -> Outcome:
    retry_after = response.headers.get("retry-after", "")
    return Outcome(
        status=response.status_code,
        error=None if response.is_success else f"The answer was {response.status_code}.",
        retry_after=float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None,
    )


def _root(error: BaseException) -> BaseException:
    """The error that caused this one first."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
