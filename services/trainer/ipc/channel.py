"""Child's end of the pipes to its supervisor: lease renewals in, messages out.

A child writes checkpoints only while its lease is valid; otherwise it waits. It exits when the
input pipe closes. (The kernel also kills it when its supervisor dies, usually sooner.)
"""

import io
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import IO, TypeVar

from ostinato.schemas.jobs import JobError
from services.trainer.errors import LimitExceeded
from services.trainer.ipc.messages import (
    MAX_MESSAGE_BYTES,
    ChildMessage,
    Failed,
    JobSpec,
    LeaseRenewal,
)
from shared.errors import OstinatoError

log = logging.getLogger(__name__)

SpecT = TypeVar("SpecT", bound=JobSpec)

TRANSIENT_ERRORS = (OSError, MemoryError, BrokenExecutor)
"""Errors due to a lack of a resource, such as disk space, or to a killed process of a pool; another
attempt may succeed."""
NICE_LEVEL = 10
"""Lowered priority (nice(2)): a worker on the same machine, whose clients wait, has precedence."""


class StopRequested(Exception):
    """The child was asked to stop before it was done; the next attempt resumes the job."""


class SupervisorChannel:
    """The child's ends of its two pipes."""

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self.stop_requested = threading.Event()
        """Set when the child is asked to write a checkpoint and exit."""
        self._incoming = incoming
        self._outgoing = outgoing
        self._lease_deadline = 0.0
        self._lease_renewed = threading.Condition()

    @classmethod
    def from_stdio(cls) -> "SupervisorChannel":
        """Use standard input and output; output of `print` is redirected to standard error.

        Also lowers the priority of this process. The input is unbuffered, because the reading
        thread would hold the lock of a buffer while the interpreter shuts down.
        """
        os.nice(NICE_LEVEL)
        incoming = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
        outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # `os._exit` does not flush it
        return cls(incoming, outgoing)

    def receive(self, kind: type[SpecT]) -> SpecT:
        """Read the job, which is the first message, and start the thread that reads renewals."""
        spec = kind.model_validate_json(self._incoming.readline())
        self._lease_deadline = spec.lease_deadline
        threading.Thread(target=self._read_renewals, name="lease-renewals", daemon=True).start()
        return spec

    def send(self, message: ChildMessage) -> None:
        """Send a message to the supervisor.

        Raises:
            LimitExceeded: the message is too long; nothing was sent.
        """
        line = message.model_dump_json().encode() + b"\n"
        if len(line) > MAX_MESSAGE_BYTES:
            raise LimitExceeded(
                f"The result has {len(line):,} bytes, and at most {MAX_MESSAGE_BYTES:,} are "
                "allowed; request less at once."
            )
        self._outgoing.write(line)
        self._outgoing.flush()

    def wait_for_lease(self) -> None:
        """Wait until the lease is valid; usually it is.

        Raises:
            StopRequested: the child was asked to stop, and the lease is not valid.
        """
        with self._lease_renewed:
            while time.monotonic() >= self._lease_deadline:
                if self.stop_requested.is_set():
                    raise StopRequested
                self._lease_renewed.wait(timeout=0.1)

    def _read_renewals(self) -> None:
        for line in self._incoming:
            with self._lease_renewed:
                self._lease_deadline = LeaseRenewal.model_validate_json(line).lease_deadline
                self._lease_renewed.notify_all()
        os._exit(os.EX_TEMPFAIL)


def run_child(
    channel: SupervisorChannel, program: Callable[[SupervisorChannel], ChildMessage]
) -> int:
    """Run `program`, send its result or error, and return the exit code.

    The exit code is 0 unless another attempt may succeed.
    """
    exit_code = os.EX_OK
    try:
        channel.send(program(channel))
    except StopRequested:
        return os.EX_TEMPFAIL
    except OstinatoError as error:
        channel.send(Failed(error=JobError(code=error.code, detail=error.detail)))
    except Exception as error:
        log.exception("The job failed.")
        detail = f"{type(error).__name__}: {error}"
        channel.send(Failed(error=JobError(code=OstinatoError.code, detail=detail)))
        exit_code = os.EX_OSERR if isinstance(error, TRANSIENT_ERRORS) else os.EX_OK
    return exit_code
