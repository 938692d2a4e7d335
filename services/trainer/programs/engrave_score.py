"""`python -m services.trainer.programs.engrave_score`: a child of the trainer that sets notes as sheet music.

Refuses to know jobs.
"""

import sys

from services.trainer.engraving.musicxml import musicxml_of
from services.trainer.ipc.channel import Lifeline, work
from services.trainer.ipc.messages import Engraved, EngravingAssignment
from shared.logs import configure


def engrave(line: Lifeline) -> Engraved:
    """Set the notes that the supervisor hands over."""
    return Engraved(musicxml=musicxml_of(line.take(EngravingAssignment).request))


if __name__ == "__main__":
    line = Lifeline.of_this_process()
    configure("trainer")
    sys.exit(work(line, engrave))
