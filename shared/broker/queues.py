"""Names of queues and tasks, so that a sender need not import the receiver's code."""

from enum import StrEnum

from ostinato.schemas.generations import Priority


class Queue(StrEnum):
    """The queues of workers."""

    INTERACTIVE = "generate.interactive"
    """Shards whose notes a client streams."""
    BATCH = "generate.batch"
    """Shards of batch jobs."""


class TrainerQueue(StrEnum):
    """The queues of trainers; a trainer runs one job per queue at a time."""

    TRAIN = "train"
    """Training runs, which take hours."""
    DATASETS = "datasets"
    """Imports of uploaded data sets."""
    EVALUATE = "evaluate"
    """Evaluations of model versions by generated melodies."""
    ENGRAVE = "engrave"
    """Sheet music for users who wait for it."""


class Task(StrEnum):
    """The Celery tasks, without arguments: shards are queued in the queue of the message."""

    GENERATE = "ostinato.generate"
    TRAIN = "ostinato.train"
    IMPORT_DATASET = "ostinato.import_dataset"
    EVALUATE = "ostinato.evaluate"
    ENGRAVE = "ostinato.engrave"


QUEUE_BY_PRIORITY = {Priority.INTERACTIVE: Queue.INTERACTIVE, Priority.BATCH: Queue.BATCH}
TASK_BY_QUEUE = {
    TrainerQueue.TRAIN: Task.TRAIN,
    TrainerQueue.DATASETS: Task.IMPORT_DATASET,
    TrainerQueue.EVALUATE: Task.EVALUATE,
    TrainerQueue.ENGRAVE: Task.ENGRAVE,
}
"""Tasks of the trainer queues; the task of the worker queues is `Task.GENERATE`."""
