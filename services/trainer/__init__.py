"""The school: turns music into checkpoints; it never serves a request."""
