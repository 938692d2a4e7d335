"""The queues and the tasks by name, so that a sender need not import what it sends to."""

from enum import StrEnum

from ostinato.schemas.generations import Priority


class Queue(StrEnum):
    """What workers consume."""

    INTERACTIVE = "generate.interactive"
    """Shards that somebody is listening to."""
    BATCH = "generate.batch"
    """Shards that may wait."""


class TrainerQueue(StrEnum):
    """What trainers consume, the one beside the other."""

    TRAIN = "train"
    """Runs of hours; a trainer has one at a time."""
    DATA = "data"
    """Data sets to be read."""
    EVALUATE = "evaluate"
    """Versions to be judged by their own pieces."""
    ENGRAVE = "engrave"
    """Notes to be set as sheet music, while somebody waits."""


class Task(StrEnum):
    """What a message asks for: to claim a shard. Every message is a `Hint`."""

    GENERATE = "ostinato.generate"
    TRAIN = "ostinato.train"
    READ = "ostinato.read"
    EVALUATE = "ostinato.evaluate"
    ENGRAVE = "ostinato.engrave"


QUEUE_OF = {Priority.INTERACTIVE: Queue.INTERACTIVE, Priority.BATCH: Queue.BATCH}
TASK_OF = {
    TrainerQueue.TRAIN: Task.TRAIN,
    TrainerQueue.DATA: Task.READ,
    TrainerQueue.EVALUATE: Task.EVALUATE,
    TrainerQueue.ENGRAVE: Task.ENGRAVE,
}
"""For the queues of trainers; every other is for workers."""
