"""The requests of other clients, while faults happen: small jobs at a steady rate.

A request whose reply is lost is sent again with its idempotency key, as clients do.
"""

import random
import threading
import time
from collections import Counter
from uuid import UUID, uuid4

import httpx

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.support.http_api import http_client

JOBS_PER_SECOND = 4.0
DIFFERENT_REQUESTS = 4
RETRY_SECONDS = 0.2
GIVE_UP_SECONDS = 60


def request_body(number: int) -> dict[str, object]:
    """The request with this number, out of `DIFFERENT_REQUESTS`."""
    return {"model": "mini", "bars": 2 + number, "count": 1 + number, "seed": 7000 + number}


def files_of_requests(client: Client) -> dict[int, list[bytes]]:
    """The files of each request without faults, by its number."""
    files = {}
    for number in range(DIFFERENT_REQUESTS):
        job = client.generate(GenerationRequest.model_validate(request_body(number)))
        melodies = client.melodies(client.wait(job.id).id)
        files[number] = [client.midi(melody.id) for melody in melodies]
    return files


class BackgroundLoad(threading.Thread):
    """Submits jobs until `stop`; then `check` says what is wrong with the accepted ones."""

    def __init__(self, stack: Stack, seed: int) -> None:
        super().__init__(daemon=True)
        self.accepted: dict[UUID, int] = {}
        """The number of the request of each accepted job."""
        self._stack = stack
        self._random = random.Random(seed)  # noqa: S311 - not for secrets
        self._stopped = threading.Event()

    def run(self) -> None:
        with http_client(self._stack) as http:
            while not self._stopped.wait(self._random.expovariate(JOBS_PER_SECOND)):
                self._submit(http, self._random.randrange(DIFFERENT_REQUESTS))

    def _submit(self, http: httpx.Client, number: int) -> None:
        headers = {"Idempotency-Key": uuid4().hex}
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while True:
            try:
                response = http.post("/v1/generations", json=request_body(number), headers=headers)
            except httpx.TransportError:
                response = None
            if response is not None and response.status_code in {200, 202}:
                self.accepted[UUID(response.json()["id"])] = number
                return
            assert response is None or response.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert time.monotonic() < deadline, "no request was accepted"
            time.sleep(RETRY_SECONDS)

    def stop(self) -> None:
        """Send no further requests."""
        self._stopped.set()
        self.join(GIVE_UP_SECONDS)
        assert not self.is_alive()

    def check(self, client: Client, expected: dict[int, list[bytes]]) -> Counter[str]:
        """The number of accepted jobs, of lost or doubled melodies, and of those with other bytes.

        `expected`: the files of each request without faults.
        """
        found: Counter[str] = Counter()
        for job_id, number in self.accepted.items():
            job = client.wait(job_id)
            files = [client.midi(melody.id) for melody in client.melodies(job_id)]
            wanted = expected[number]
            found["jobs"] += 1
            found["lost"] += max(0, len(wanted) - len(files)) + (job.state != JobState.SUCCEEDED)
            found["doubled"] += max(0, len(files) - len(wanted))
            found["changed"] += files != wanted
        return found
