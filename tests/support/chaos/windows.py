"""Windows: moments in the life of a job at which a fault is injected.

The services are not changed: a lock in the database holds them at the moment, or the test observes
that it has come. A window is a context manager: it submits the job and is reached when it yields;
the fault is injected in the block, and afterwards the services go on.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from deploy.local.stack import Stack
from ostinato.schemas.jobs import GenerationJob
from tests.support.chaos.database_lock import DatabaseLock
from tests.support.chaos.webhooks import webhook_to
from tests.support.servers.event_reader import EventReader
from tests.support.servers.webhook_receiver import WebhookReceiver

Submit = Callable[[], GenerationJob]
Window = Callable[[Stack, Submit], AbstractContextManager[EventReader]]
NOTES_SECONDS = 30

_NO_CLAIMS = "LOCK TABLE queue_clocks IN SHARE MODE"
"""A claim moves the clock of its queue; a submission only reads it."""
_LOCK_JOB = "SELECT FROM jobs WHERE id = $1 FOR UPDATE"
"""A commit of results locks its jobs first."""
_LOCK_PUBLICATION = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))"
"""Only the holder of this lock publishes the messages of the job."""
_IS_CLAIMED = "SELECT EXISTS (SELECT FROM shards WHERE job_id = $1 AND attempt > 0)"
_IS_DELIVERED = "SELECT state = 'delivered' FROM webhook_deliveries WHERE job_id = $1"
_HAS_ENDED = "SELECT state = 'succeeded' FROM jobs WHERE id = $1"


def follow(stack: Stack, job: GenerationJob) -> EventReader:
    """A client that follows the events of the job from now on."""
    reader = EventReader(stack, job)
    reader.start()
    return reader


@contextmanager
def before_claim(stack: Stack, submit: Submit) -> Iterator[EventReader]:
    """A worker has begun to claim the job, and cannot commit the claim."""
    with DatabaseLock(stack.database_url) as lock:
        lock.take(_NO_CLAIMS)
        job = submit()
        lock.wait_until_wanted()
        yield follow(stack, job)


@contextmanager
def after_claim(stack: Stack, submit: Submit) -> Iterator[EventReader]:
    """A worker has just claimed the job."""
    with DatabaseLock(stack.database_url) as lock:
        job = submit()
        lock.wait_for(_IS_CLAIMED, job.id)
        yield follow(stack, job)


@contextmanager
def mid_generation(stack: Stack, submit: Submit) -> Iterator[EventReader]:
    """A client has received the first notes."""
    reader = follow(stack, submit())
    assert reader.has_notes.wait(NOTES_SECONDS)
    yield reader


@contextmanager
def before_commit(stack: Stack, submit: Submit) -> Iterator[EventReader]:
    """A worker has melodies, and waits to commit them."""
    with DatabaseLock(stack.database_url) as lock:
        reader = follow(stack, submit())
        assert reader.has_notes.wait(NOTES_SECONDS)
        lock.take(_LOCK_JOB, reader.job.id)
        lock.wait_until_wanted()
        yield reader


@contextmanager
def before_final_event(stack: Stack, submit: Submit) -> Iterator[EventReader]:
    """The end of the job is committed, and its event is not published."""
    with DatabaseLock(stack.database_url) as lock:
        reader = follow(stack, submit())
        assert reader.has_notes.wait(NOTES_SECONDS)
        lock.take(_LOCK_PUBLICATION, str(reader.job.id))
        lock.wait_for(_HAS_ENDED, reader.job.id)
        yield reader


@contextmanager
def in_webhook(stack: Stack, submit: Submit) -> Iterator[EventReader]:
    """A webhook has received the end of the job and has not answered."""
    with WebhookReceiver() as receiver, webhook_to(stack, receiver.url):
        reader = follow(stack, submit())
        text = receiver.held = str(reader.job.id).encode()
        receiver.may_answer.clear()
        first = receiver.wait_for(text)
        yield reader
        receiver.may_answer.set()
        with DatabaseLock(stack.database_url) as lock:
            lock.wait_for(_IS_DELIVERED, reader.job.id)
        requests = [receiver.received.get_nowait() for _ in range(receiver.received.qsize())]
        assert {request.id for request in requests if text in request.body} <= {first.id}


WINDOWS: tuple[Window, ...] = (
    *(before_claim, after_claim, mid_generation, before_commit, before_final_event),
    in_webhook,
)
