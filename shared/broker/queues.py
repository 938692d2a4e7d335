"""The queues and the tasks by name, so that a sender need not import what it sends to."""

from enum import StrEnum

from shared.schemas.generations import Priority


class Queue(StrEnum):
    """Who consumes what."""

    INTERACTIVE = "generate.interactive"
    """Shards that somebody is listening to."""
    BATCH = "generate.batch"
    """Shards that may wait."""


class Task(StrEnum):
    """What a message asks for."""

    GENERATE = "ostinato.generate"
    """Claim a shard; the message is a `Hint`."""


QUEUE_OF = {Priority.INTERACTIVE: Queue.INTERACTIVE, Priority.BATCH: Queue.BATCH}
