"""MIDI files: writing, receipts, and inspection of untrusted files."""
