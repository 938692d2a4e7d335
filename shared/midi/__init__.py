"""MIDI files as bytes: our receipt inside them, and the inspection of other people's."""
