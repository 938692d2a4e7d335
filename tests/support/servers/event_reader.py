"""A client that follows a job's events in a thread while a test injects faults."""

import threading

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.events import Event, MelodyEvent, NotesEvent, ResyncEvent
from ostinato.schemas.jobs import GenerationJob
from ostinato.schemas.notes import Note
from tests.conftest import client_of


class EventReader(threading.Thread):
    """Receives a job's events during the fault, and starts over on a resync event."""

    def __init__(self, stack: Stack, job: GenerationJob) -> None:
        super().__init__(daemon=True)
        self.received: list[Event] = []
        self.has_notes = threading.Event()
        self._stack = stack
        self.job = job
        self.failure: Exception | None = None

    def run(self) -> None:
        with client_of(self._stack) as client:
            for event in client.events(self.job.id):
                self._receive(event)

    def _receive(self, event: Event) -> None:
        if isinstance(event, ResyncEvent):
            self.received.clear()
            return
        self.received.append(event)
        if isinstance(event, NotesEvent):
            self.has_notes.set()

    def assert_complete(self, client: Client) -> None:
        """The job has ended, and each melody and each of its notes was received once."""
        self.join(30)
        assert not self.is_alive()
        assert [event.seq for event in self.received] == list(range(1, len(self.received) + 1))
        committed = [event.melody for event in self.received if isinstance(event, MelodyEvent)]
        assert sorted(committed) == list(range(self.job.request.count))
        for melody in client.melodies(self.job.id):
            assert self.notes_of(melody.index) == client.melody(melody.id).notes

    def notes_of(self, melody: int) -> list[Note]:
        events = [event for event in self.received if isinstance(event, NotesEvent)]
        return [note for event in events if event.melody == melody for note in event.notes]
