"""A child hears how long it may write, says what it does, and ends when its line does."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import IO
from uuid import uuid4

import pytest

from services.trainer.ipc.channel import Interrupted, Lifeline, work
from services.trainer.ipc.messages import WORD, Assignment, Failed, Hold, Places, Word
from shared.errors import UserError

FAR = 10**9
PROGRAM = """
import threading
from services.trainer.ipc.channel import Lifeline
from services.trainer.ipc.messages import Assignment
line = Lifeline.of_this_process()
print("to the log")
line.take(Assignment)
threading.Event().wait()
"""


def assignment(until: float = FAR) -> Assignment:
    places = Places(home=Path("h"), data=None, checkpoints=Path("c"), storage_url="s")
    return Assignment(until=until, job_id=uuid4(), attempt=1, places=places)


class Far:
    """The supervisor's end of a line; it is left open, since the child's would end this process."""

    def __init__(self, until: float = FAR) -> None:
        heard, self._tell = os.pipe()
        self.words = io.BytesIO()
        self.line = Lifeline(os.fdopen(heard, "rb", buffering=0), self.words)
        self.tell(assignment(until))
        self.line.take(Assignment)

    def tell(self, hold: Hold) -> None:
        os.write(self._tell, hold.model_dump_json().encode() + b"\n")


@pytest.fixture
def lapsed() -> Far:
    """A line whose claim ended before it began."""
    return Far(until=0.0)


def said(far: Far) -> Word:
    return WORD.validate_json(far.words.getvalue().splitlines()[-1])


def test_while_the_claim_holds_there_is_leave_at_once() -> None:
    Far().line.wait_for_leave()


def test_where_the_claim_is_in_doubt_it_waits_until_it_is_renewed(lapsed: Far) -> None:
    waits = threading.Thread(target=lapsed.line.wait_for_leave)
    waits.start()
    assert waits.is_alive()
    lapsed.tell(Hold(until=time.monotonic() + 60))
    waits.join()


def test_told_to_stop_without_leave_it_is_interrupted(lapsed: Far) -> None:
    lapsed.line.stopping.set()
    with pytest.raises(Interrupted):
        lapsed.line.wait_for_leave()


def test_told_to_stop_with_leave_it_may_still_write() -> None:
    far = Far()
    far.line.stopping.set()
    far.line.wait_for_leave()


def test_errors_are_words_and_an_interruption_is_an_exit_code() -> None:
    class Mendable(UserError):
        """For a test."""

        code = "mendable"

    def fail(error: Exception, _line: Lifeline | None = None) -> Word:
        raise error

    far = Far()
    assert work(far.line, lambda _: fail(Mendable("do better"))) == 0
    word = said(far)
    assert isinstance(word, Failed)
    assert (word.failure.code, word.failure.detail) == ("mendable", "do better")
    assert work(far.line, lambda _: fail(KeyError("x"))) == 0
    word = said(far)
    assert isinstance(word, Failed)
    assert (word.failure.code, word.failure.detail) == ("internal", "KeyError: 'x'")
    assert work(far.line, lambda _: fail(Interrupted())) == os.EX_TEMPFAIL
    for passing, detail in (
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (MemoryError("too much"), "MemoryError: too much"),
    ):
        assert work(far.line, partial(fail, passing)) == os.EX_OSERR
        word = said(far)
        assert isinstance(word, Failed)
        assert word.failure.detail == detail


def test_a_child_ends_with_its_line_and_what_it_prints_goes_to_the_log() -> None:
    command = [sys.executable, "-c", PROGRAM]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as child:  # type: ignore[call-overload]  # all are pipes
        stdin: IO[bytes] = child.stdin
        stdin.write(assignment().model_dump_json().encode() + b"\n")
        stdin.close()
        child.stdin = None
        out, log = child.communicate()
    assert child.returncode == os.EX_TEMPFAIL
    assert (out, log) == (b"", b"to the log\n")


def test_a_word_is_a_line_of_json() -> None:
    far = Far()
    far.line.say(Failed.model_validate({"failure": {"code": "a", "detail": "b\nc"}}))
    [line] = far.words.getvalue().splitlines()
    assert json.loads(line) == {"kind": "failed", "failure": {"code": "a", "detail": "b\nc"}}
