"""Child program of the trainer: engraves notes or melodies as sheet music."""

import sys

from services.trainer.engraving.musicxml import to_musicxml
from services.trainer.ipc.channel import SupervisorChannel, run_child
from services.trainer.ipc.messages import Engraved, EngravingSpec
from shared.logs import configure
from shared.settings import LogSettings


def engrave(channel: SupervisorChannel) -> Engraved:
    """Engrave what the supervisor sends."""
    return Engraved(musicxml=to_musicxml(channel.receive(EngravingSpec).request))


if __name__ == "__main__":
    channel = SupervisorChannel.from_stdio()
    configure("trainer", log_format=LogSettings.load().log_format)
    sys.exit(run_child(channel, engrave))
